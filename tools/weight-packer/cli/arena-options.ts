import { Option } from "commander";
import type { ArenaReport } from "../report-arena.js";
import { arenaPicture } from "../report-picture.js";
import { writeWhole } from "./files.js";

/** --report: a picture of the arena over time. */
export function reportOption(): Option {
  return new Option("--report <file.svg>", "draw the arena over the time of one inference");
}

/** Draws an arena to where --report says. */
export async function writeReport(arena: ArenaReport, path: string): Promise<void> {
  await writeWhole(path, new TextEncoder().encode(arenaPicture(arena)));
}
