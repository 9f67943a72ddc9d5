/** Built models with random weights, for how Midge's time grows with the size of a network. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writePacked } from "../forms/forms.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** From 7 to 580 million MACs: architecture, width multiplier, resolution; the last says whether a quick run has it. */
const MEMBERS = [
  ["mobilenet_v1", 0.25, 96, true],
  ["mobilenet_v1", 0.25, 128, false],
  ["mobilenet_v1", 0.25, 224, true],
  ["mobilenet_v1", 0.5, 160, false],
  ["mobilenet_v1", 0.5, 224, false],
  ["mobilenet_v1", 0.75, 224, false],
  ["mobilenet_v1", 1, 224, true],
  ["mobilenet_v2", 0.35, 96, true],
  ["mobilenet_v2", 0.35, 160, false],
  ["mobilenet_v2", 0.5, 160, false],
  ["mobilenet_v2", 0.5, 224, true],
  ["mobilenet_v2", 1, 160, false],
  ["mobilenet_v2", 1, 224, false],
  ["mobilenet_v2", 1.4, 224, true],
];

/** Builds them. @returns models as of models.js, with their architecture */
export function builtModels({ quick }) {
  const root = here("../build/growth");
  rmSync(root, { recursive: true, force: true });
  return MEMBERS.filter(([, , , isQuick]) => isQuick || !quick).map(([architecture, alpha, resolution]) => {
    const name = `${architecture}_${alpha}_${resolution}`;
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    const file = join(path, "model.midge");
    const options = ["--arch", architecture, "--alpha", alpha, "--resolution", resolution, "-o", file, "--json"];
    const output = execFileSync(process.execPath, [here("../../dist/midge.js"), "build", ...options.map(String)], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    const facts = writePacked(readFileSync(file), path);
    return { name, architecture, macs: JSON.parse(output).macs, folder: `build/growth/${name}`, forms: {}, ...facts };
  });
}

/**
 * How evenly time grows: for each architecture and build the time per MAC of the model that is worst off by that of the
 * one best off.
 *
 * @param {{ architecture: string, macs: number, entries: any[] }[]} growth
 */
export function unevenness(growth) {
  const lines = new Map();
  for (const { architecture, macs, entries } of growth) {
    for (const { runtime, minMs } of entries) {
      if (minMs === undefined) continue;
      const key = `${architecture}, ${runtime}`;
      lines.set(key, [...(lines.get(key) ?? []), minMs / macs]);
    }
  }
  return [...lines].map(([name, times]) => ({ name, ratio: Math.max(...times) / Math.min(...times) }));
}
