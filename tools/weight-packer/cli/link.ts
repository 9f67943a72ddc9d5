import { basename } from "node:path";
import type { Command } from "commander";
import { loadLinkedSync } from "../../../src/index.js";
import { isLinked } from "../../../src/linked.js";
import { link } from "../link.js";
import { isPacked, read, writeWhole } from "./files.js";
import { linkedFacts, linkedText } from "./linked-text.js";
import { jsonOption } from "./options.js";
import { print } from "./output.js";

/** `midge link FILE... -o FILE`: packed files become one whose models take turns in one arena. */
export function addLink(program: Command): void {
  program
    .command("link")
    .description("put packed files into one whose models take turns in one arena, the largest that one of them needs")
    .argument("<file...>", ".midge files, two or more; NAME=FILE names a model otherwise than its file")
    .requiredOption("-o, --output <file>", "where to write")
    .addOption(jsonOption())
    .action(run);
}

async function run(given: string[], options: { output: string; json?: boolean }): Promise<void> {
  const members: { name: string; file: Uint8Array }[] = [];
  for (const argument of given) {
    const { name, path } = named(argument);
    const file = await read(path);
    if (!isPacked(file) && !isLinked(file)) throw new Error(`${path} is no .midge file: pack it first`);
    members.push({ name, file });
  }
  const file = link(members);
  await writeWhole(options.output, file);
  const facts = linkedFacts(loadLinkedSync(file));
  print(options.json, facts, () => `${linkedText(facts)}\n\nwrote ${options.output}`);
}

/** NAME=FILE, or a file that is named as it is called, without ".midge". A name holds no slash. */
function named(argument: string): { name: string; path: string } {
  const [, name, path] = /^([^=/\\]+)=(.+)$/s.exec(argument) ?? [];
  if (name !== undefined && path !== undefined) return { name, path };
  return { name: basename(argument).replace(/\.midge$/, ""), path: argument };
}
