/**
 * Writes what is generated: docs/format.md and src/status-names.ts from assembly/layout.ts, docs/operators.md from the
 * importer's table and the golden cases of tests/models, docs/architectures.md from the block tables.
 * `npm run docs` writes, `npm run docs -- --check` fails if a file is not current.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { VERSION } from "../../assembly/layout.js";
import { OPERATORS } from "../weight-packer/importers/tflite/operators/table.js";
import { architecturesDocument } from "./architectures-document.js";
import { type Constant, readLayout, type Section } from "./layout-source.js";

const layout = readLayout();
const constants = layout.sections.flatMap((section) => section.constants);

function table(section: Section): string {
  const record = section.constants.some((c) => /^(HEADER|PORT|DETECTION|TENSOR|STEP|LINKED|STATE)_/.test(c.name));
  const head = record
    ? "| offset | field | meaning |\n| ---: | --- | --- |"
    : "| value | name | meaning |\n| ---: | --- | --- |";
  const rows = section.constants.map((c) => `| ${c.literal} | \`${c.name}\` | ${c.comment.replaceAll("|", "\\|")} |`);
  return `## ${section.title}\n\n${head}\n${rows.join("\n")}\n`;
}

function formatDocument(): string {
  return `# The packed file (.midge), version ${VERSION}

Generated from assembly/layout.ts by \`npm run docs\`: do not edit.

${layout.introduction}

${layout.sections.map(table).join("\n")}`;
}

/** Names by word index (byte offset / 4). */
function byWord(fields: Constant[], words: number): string[] {
  const names = new Array<string>(words).fill("");
  for (const field of fields) if (field.value % 4 === 0 && field.value / 4 < words) names[field.value / 4] = field.name;
  return names;
}

function record(prefix: string): string[] {
  const bytes = constants.find((c) => c.name === `${prefix}BYTES`)!.value;
  return byWord(
    constants.filter((c) => c.name.startsWith(prefix) && c.name !== `${prefix}BYTES`),
    bytes / 4,
  );
}

function statusNames(): string {
  const header = record("HEADER_");
  const input = constants.find((c) => c.name === "HEADER_INPUT")!.value / 4;
  for (const [word, name] of record("PORT_").entries()) if (name) header[input + word] = `HEADER_INPUT.${name}`;
  const statuses = constants.filter((c) => c.name.startsWith("STATUS_"));
  const names: string[] = [];
  const texts: string[] = [];
  for (const status of statuses) {
    names[status.value] = status.name.slice("STATUS_".length).toLowerCase();
    texts[status.value] = status.comment.replace(/^Status: /, "").replace(/\.$/, "");
  }
  const list = (name: string, doc: string, items: string[]) =>
    `/** ${doc} */\nexport const ${name}: readonly (string | undefined)[] = /* @__PURE__ */ ${JSON.stringify(items.join("|"))}.split("|");\n`;
  return [
    "/** Generated from assembly/layout.ts by `npm run docs`: do not edit. Lists are packed into strings to stay small. */\n",
    list("STATUS_NAMES", "Names of the status codes, by code.", names),
    list("STATUS_TEXTS", "What the status codes mean, by code.", texts),
    list("HEADER_FIELDS", "The header's fields, by word.", header),
    list("TENSOR_FIELDS", "A tensor record's fields, by word.", record("TENSOR_")),
    list("STEP_FIELDS", "A step record's fields, by word.", record("STEP_")),
  ].join("\n");
}

/** How many single-operator models and runs of them the tests hold, by operator. */
function goldenCases(): Map<string, { models: number; runs: number }> {
  type Entry = { op: string; cases: unknown[] };
  const entries = ["operators", "operators-family", "operators-cousins"].flatMap((name) => {
    const packed = readFileSync(fileURLToPath(new URL(`../../tests/models/${name}.json.gz`, import.meta.url)));
    const { operators, two_inputs = [] } = JSON.parse(gunzipSync(packed).toString()) as Record<string, Entry[]>;
    return [...operators!, ...two_inputs];
  });
  const counts = new Map<string, { models: number; runs: number }>();
  for (const { op, cases } of entries) {
    const count = counts.get(op) ?? { models: 0, runs: 0 };
    counts.set(op, { models: count.models + 1, runs: count.runs + cases.length });
  }
  return counts;
}

/** The host's work: no row of the importer's table. */
const POST_PROCESS = {
  name: "TFLite_Detection_PostProcess",
  limits: "as the end of the model; uint8, or int8 by DEQUANTIZE",
};

/** The same counts of the post-process. */
function postProcessCases(): { models: number; runs: number } {
  const packed = readFileSync(fileURLToPath(new URL("../../tests/models/detection.json.gz", import.meta.url)));
  const { operators } = JSON.parse(gunzipSync(packed).toString()) as { operators: { cases: unknown[] }[] };
  return { models: operators.length, runs: operators.reduce((sum, { cases }) => sum + cases.length, 0) };
}

function operatorsDocument(): string {
  const counts = goldenCases().set(POST_PROCESS.name, postProcessCases());
  const rows = [...OPERATORS.values(), POST_PROCESS]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, limits }) => {
      const { models, runs } = counts.get(name) ?? { models: 0, runs: 0 };
      return `| ${name} | ${limits ?? ""} | ${models ? `${models} (${runs})` : "none"} |`;
    });
  return `# Operators

Generated from the importer's table and tests/models by \`npm run docs\`: do not edit.

Of TFLite models with int8 activations (weights per channel or per tensor) or uint8 ones, batch 1. In every build the
results equal the bytes of TFLite's reference kernels (\`BUILTIN_REF\`); the last column says how many small models hold
that in the tests, and on how many inputs.

| operator | restrictions | models (inputs) |
| --- | --- | ---: |
${rows.join("\n")}
`;
}

const check = process.argv.includes("--check");
let stale = false;
for (const [path, text] of [
  ["docs/format.md", formatDocument()],
  ["docs/operators.md", operatorsDocument()],
  ["docs/architectures.md", architecturesDocument()],
  ["src/status-names.ts", statusNames()],
] as const) {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const current = existsSync(file) && readFileSync(file, "utf8") === text;
  if (check && !current) {
    console.error(`${path} is not current: run \`npm run docs\``);
    stale = true;
  } else if (!check && !current) {
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}
if (check && !stale) console.log("generated files are current");
process.exitCode = stale ? 1 : 0;
