/**
 * The table of docs/memory.md: RAM of the published models, planned here. `npm run memory-table` writes it,
 * `npm run memory-table -- --check` fails if it is not current. Models are those of models/, and those of the folder of
 * large test data beside the project's (tests/support/shared.ts): where that is absent its rows stay as they are.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { ImportError } from "../weight-packer/graph/errors.js";
import { packModel } from "../weight-packer/pack.js";
import { arenaReport } from "../weight-packer/report-arena.js";

const BEGIN = "<!-- npm run memory-table: begin -->";
const END = "<!-- npm run memory-table: end -->";
const HEAD =
  "| model | layer by layer | `--input image` | `--input rows` | rows of layer by layer |\n|---|---:|---:|---:|---:|";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const document = path("docs/memory.md");

/** The paths of the models of a folder; none where it is absent. */
function modelsOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".tflite"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** A model's row; undefined if it holds what the packer does not take. */
function row(model: string): [name: string, row: string] | undefined {
  const bytes = readFileSync(model);
  const name = basename(model, ".tflite");
  const arena = (inputMode: "image" | "rows") => arenaReport(packModel(bytes, basename(model), { inputMode }).file);
  try {
    const [image, rows] = [arena("image"), arena("rows")];
    const cells = [image.layerByLayerBytes, image.arenaBytes, rows.arenaBytes].map((b) => (b / 1024).toFixed(1));
    const share = `${((100 * rows.arenaBytes) / image.layerByLayerBytes).toFixed(0)} %`;
    return [name, `| ${[name, ...cells, share].join(" | ")} |`];
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    console.error(`left out: ${error.message.split("\n")[0]}`);
    return undefined;
  }
}

const text = readFileSync(document, "utf8");
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from < 0 || to < from) throw new Error("docs/memory.md has lost its markers");
const rows = new Map(
  [...text.slice(from, to).matchAll(/^\| (\w[^|]*?) \|.*\d.*$/gm)].map((match) => [match[1]!, match[0]]),
);
for (const model of [...modelsOf(path("models")), ...modelsOf(path("../shared/models"))]) {
  const made = row(model);
  if (made) rows.set(...made);
}
const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
const current = `${text.slice(0, from)}${BEGIN}\n${HEAD}\n${sorted.join("\n")}\n${text.slice(to)}`;
if (current === text) console.log("the table is current");
else if (process.argv.includes("--check")) {
  console.error("docs/memory.md is not current: run `npm run memory-table`");
  process.exitCode = 1;
} else {
  writeFileSync(document, current);
  console.log("wrote docs/memory.md");
}
