/** The suite: see docs/benchmark.md. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError, program } from "commander";
import { chromium } from "./hosts/chromium.js";
import { firefox } from "./hosts/firefox.js";
import { native } from "./hosts/native.js";
import { node } from "./hosts/node.js";
import { serve } from "./hosts/server.js";
import { compareReports } from "./lib/check.js";
import { builtModels } from "./lib/growth.js";
import { measureLayers } from "./lib/layers.js";
import { machine, versions, WITHOUT_VNNI } from "./lib/machine.js";
import { prepareModels } from "./lib/models.js";
import { RUNTIMES } from "./lib/runtimes.js";
import { sizes } from "./lib/sizes.js";
import { round } from "./lib/statistics.js";
import { measureModel } from "./lib/suite.js";
import { printReport } from "./lib/table.js";
import { writeReport } from "./report/report.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @type {Record<string, import("./lib/suite.js").Pace>} */
const PACES = {
  quick: { warmMs: 300, rounds: 8, sampleMs: 60, starts: 1 },
  full: { warmMs: 1000, rounds: 30, sampleMs: 200, starts: 3 },
};
const NODES = [20, 22, 24];

program
  .name("npm run bench --")
  .description("Midge and its peers, side by side: bench/results/NAME.json and bench/report.html")
  .option("--quick", "four models and few rounds", false)
  .option("--model <part>", "models whose name holds this")
  .option("--peer <part>", "peers whose name holds this; Midge always runs")
  .option("--host <part>", "hosts whose name holds this: chromium, firefox, node 20, native")
  .option("--without-vnni", "as on x86 with AVX2 only: Chromium and Node leave VNNI alone; no other host runs", false)
  .option("--warm", "Midge loads with { warm: true }", false)
  .option("--growth", "built models too, though --model, --peer or --host narrows the run", false)
  .option("--rounds <n>", "how often every lane is sampled", positive)
  .option("--starts <n>", "how often every lane is opened, for its load time and first run", positive)
  .option("--name <name>", "of the result", "latest")
  .option("--check <file>", "compare ratios with an earlier result; fails if one is a tenth worse");
const options = program.parse().opts();

function positive(text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a positive integer.");
  return value;
}

const matches = (part, name) => !part || name.toLowerCase().includes(part.toLowerCase());
const say = process.stderr.isTTY
  ? (text) => process.stderr.write(`\r\x1b[K${text}`)
  : (text) => /round 1 /.test(text) && console.error(text);

const LAYER_SECONDS = { quick: 4, full: 20 };

const started = new Date();
const { models, refused } = prepareModels({ quick: options.quick, pattern: options.model });
if (models.length === 0) program.error(`no model's name holds '${options.model}'`);
const server = await serve();
const hosts = [];
// Node 20 and 22 know neither the flags nor VNNI.
const v8 = options.withoutVnni ? WITHOUT_VNNI : [];
if (matches(options.host, "chromium")) hosts.push(await chromium(server, v8));
if (!options.withoutVnni && matches(options.host, "firefox")) hosts.push(await firefox(server));
hosts.push(
  ...NODES.filter((major) => matches(options.host, `node ${major}`)).map((major) => node(major, major < 24 ? [] : v8)),
);
if (!options.withoutVnni && matches(options.host, "native")) hosts.push(native());

const runtimes = RUNTIMES.filter(({ runtime, name }) => runtime === "midge" || matches(options.peer, name)).map(
  (runtime) => (options.warm && runtime.runtime === "midge" ? { ...runtime, warm: true } : runtime),
);
const places = hosts
  .filter(({ missing }) => !missing)
  .flatMap((host) => {
    const kind = host.name.split(" ")[0];
    return runtimes.filter((runtime) => runtime.hosts.includes(kind)).map((runtime) => ({ host, runtime }));
  });
/** Of the newest Node that there is; nothing where there is none. */
async function layersOf(name, folder) {
  const host = hosts.findLast(({ executable }) => executable);
  if (!host) return undefined;
  say(`${name}: layers in ${host.name}`);
  return measureLayers(host, folder, LAYER_SECONDS[options.quick ? "quick" : "full"]);
}

const pace = { ...PACES[options.quick ? "quick" : "full"] };
for (const key of ["rounds", "starts"]) pace[key] = options[key] ?? pace[key];

const report = {
  date: started.toISOString().slice(0, 10),
  machine: machine(options.withoutVnni),
  versions: versions(here("package-lock.json")),
  pace,
  hosts: hosts.map(({ name, version, missing }) => ({ name, version, missing })),
  compile: [],
  models: [],
  growth: [],
  refused,
  sizes: [],
};
try {
  for (const { host, runtime } of places) {
    if (!runtime.wasm || !host.compile) continue;
    const compiled = await host.compile(runtime.wasm).then(
      (ms) => ({ ms: round(ms) }),
      (error) => ({ error: error.message }),
    );
    report.compile.push({ host: host.name, runtime: runtime.name, ...compiled });
  }
  for (const { folder, forms, ...facts } of models) {
    const entries = await measureModel({ ...facts, folder, forms }, places, pace, say);
    report.models.push({ ...facts, entries, layers: await layersOf(facts.name, folder) });
  }
  const narrow = options.model || options.peer || options.host;
  const host = places.find(({ host: { name } }) => name === "chromium")?.host ?? places[0]?.host;
  const own = places.filter((place) => place.host === host && place.runtime.runtime === "midge");
  if ((!narrow || options.growth) && own.length > 0) {
    for (const { folder, forms, values, ...facts } of builtModels({ quick: options.quick })) {
      const entries = await measureModel({ ...facts, folder, forms }, own, pace, say);
      report.growth.push({ ...facts, entries });
    }
  }
} finally {
  for (const host of hosts) await host.close?.();
  server.close();
}
say("compressing what pages fetch");
report.sizes = await sizes(runtimes);
report.seconds = Math.round((Date.now() - started) / 1000);
say("");

printReport(report);
mkdirSync(here("results"), { recursive: true });
writeFileSync(here(`results/${options.name}.json`), `${JSON.stringify(report, null, 1)}\n`);
writeFileSync(here("report.html"), writeReport(report));
console.log(`\nbench/results/${options.name}.json and bench/report.html, after ${report.seconds} s`);
if (options.check) {
  const lines = compareReports(JSON.parse(readFileSync(options.check, "utf8")), report);
  console.log(`\nRatios, before -> now\n${lines.map(({ text }) => text).join("\n")}`);
  if (lines.some(({ worse }) => worse)) process.exitCode = 1;
}
