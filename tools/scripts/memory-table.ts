/**
 * The figures of docs/memory.md and docs/streaming.md, planned here. `npm run memory-table` writes them,
 * `npm run memory-table -- --check` fails if they are not current. Models are those of models/, and those of the folder of
 * large test data beside the project's (tests/support/shared.ts): where that is absent, what is made of them stays.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { ImportError } from "../weight-packer/graph/errors.js";
import { packModel } from "../weight-packer/pack.js";
import { arenaReport } from "../weight-packer/report-arena.js";
import { EXAMPLE, workedExample } from "./memory-example.js";
import { BUDGETED, budgetTable, MODELS_HEAD, modelRow } from "./streaming-table.js";

const MEMORY_HEAD =
  "| model | layer by layer | `--input image` | `--input rows` | rows of layer by layer |\n|---|---:|---:|---:|---:|";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** The paths of the models of a folder; none where it is absent. */
function modelsOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".tflite"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

const models = [...modelsOf(path("models")), ...modelsOf(path("../shared/models"))];

/** A model's bytes by its name; undefined where it is absent. */
function model(name: string): Uint8Array | undefined {
  const found = models.find((file) => basename(file, ".tflite") === name);
  return found === undefined ? undefined : readFileSync(found);
}

/** A model's row of docs/memory.md. */
function memoryRow(bytes: Uint8Array, name: string): string {
  const arena = (inputMode: "image" | "rows") => arenaReport(packModel(bytes, name, { inputMode, ram: "min" }).file);
  const [image, rows] = [arena("image"), arena("rows")];
  const cells = [image.layerByLayerBytes, image.arenaBytes, rows.arenaBytes].map((b) => (b / 1024).toFixed(1));
  const share = `${((100 * rows.arenaBytes) / image.layerByLayerBytes).toFixed(0)} %`;
  return `| ${[name, ...cells, share].join(" | ")} |`;
}

/** A table with a row for each model; rows of models that are absent stay as they are. */
function modelTable(head: string, current: string, row: (bytes: Uint8Array, name: string) => string): string {
  const rows = new Map([...current.matchAll(/^\| (\w[^|]*?) \|.*\d.*$/gm)].map((match) => [match[1]!, match[0]]));
  for (const file of models) {
    const name = basename(file, ".tflite");
    try {
      rows.set(name, row(readFileSync(file), name));
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      console.error(`left out: ${error.message.split("\n")[0]}`);
    }
  }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  return `${head}\n${sorted.join("\n")}`;
}

/** What stands between a document's markers "<!-- npm run memory-table: NAME -->" and "<!-- end -->", by NAME. */
const SECTIONS: Record<string, Record<string, (current: string) => string>> = {
  "docs/memory.md": {
    models: (current) => modelTable(MEMORY_HEAD, current, memoryRow),
    example: (current) => made(EXAMPLE, workedExample, current),
  },
  "docs/streaming.md": {
    budgets: (current) => made(BUDGETED, budgetTable, current),
    models: (current) => modelTable(MODELS_HEAD, current, modelRow),
  },
};

/** What is made of one model, or what is there if that is absent. */
function made(name: string, make: (bytes: Uint8Array) => string, current: string): string {
  const bytes = model(name);
  return bytes ? make(bytes) : current;
}

/** A document with its sections made anew. */
function renewed(document: string, text: string): string {
  return Object.entries(SECTIONS[document]!).reduce((whole, [name, make]) => {
    const begin = `<!-- npm run memory-table: ${name} -->\n`;
    const from = whole.indexOf(begin) + begin.length;
    const to = whole.indexOf("\n<!-- end -->", from);
    if (from < begin.length || to < 0) throw new Error(`${document} has lost its markers of ${name}`);
    return whole.slice(0, from) + make(whole.slice(from, to)) + whole.slice(to);
  }, text);
}

for (const document of Object.keys(SECTIONS)) {
  const text = readFileSync(path(document), "utf8");
  const current = renewed(document, text);
  if (current === text) console.log(`${document} is current`);
  else if (process.argv.includes("--check")) {
    console.error(`${document} is not current: run \`npm run memory-table\``);
    process.exitCode = 1;
  } else {
    writeFileSync(path(document), current);
    console.log(`wrote ${document}`);
  }
}
