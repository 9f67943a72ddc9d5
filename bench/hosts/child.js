/** The measuring process: answers hosts/node.js, a line of JSON for each of its. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compileTime } from "../peers/compile.js";
import { openLane } from "../peers/lane.js";

const bench = new URL("../", import.meta.url);
const url = (path) => new URL(path.startsWith("dist/") ? `../${path}` : path, bench).href;
const require = createRequire(import.meta.url);

/** @type {import("../peers/environment.js").Environment} */
const environment = {
  url,
  path: (path) => fileURLToPath(url(path)),
  read: async (path) => new Uint8Array(await readFile(new URL(url(path)))),
  module: (path) => import(url(path)),
  classic: async (name) => require(name),
};

let lane;
const calls = {
  async open(job) {
    lane = await openLane(environment, job);
    return lane.facts;
  },
  warm: (ms) => lane.warm(ms),
  sample: (ms) => lane.sample(ms),
  again: () => lane.again(),
  memory: () => ({
    wasmBytes: lane.memoryBytes(),
    heapBytes: process.memoryUsage().heapUsed,
    residentBytes: process.memoryUsage.rss(),
  }),
  compile: (path) => compileTime(environment, path),
};

// What runtimes print must not come between the answers.
const write = process.stdout.write.bind(process.stdout);
for (const method of ["log", "info", "warn", "debug"]) console[method] = () => {};
process.on("unhandledRejection", (error) => console.error(error?.message ?? error));

for await (const line of createInterface({ input: process.stdin })) {
  const { call, argument } = JSON.parse(line);
  try {
    write(`${JSON.stringify({ value: (await calls[call](argument)) ?? null })}\n`);
  } catch (error) {
    const [first] = String(error?.message ?? error)
      .trim()
      .split("\n");
    write(`${JSON.stringify({ error: first })}\n`);
  }
}
process.exit();
