/**
 * `npm run bench:native [-- MODEL] [--json] [--seconds S]`: the mvp build against the same scalar loops in C, compiled by
 * `cc -O2`, layer by layer on the same data. Both give the same bytes, or there are no figures; they are timed in turns.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import Table from "cli-table3";
import { program } from "commander";
import { TENSOR_PAD_LEFT, TENSOR_ROW_STRIDE } from "../../assembly/layout.ts";
import { mvp } from "../../src/engine/mvp.ts";
import { BoundModel } from "../../tools/weight-packer/cli/bound-model.ts";
import { packModel } from "../../tools/weight-packer/pack.ts";
import { Records } from "../../tools/weight-packer/records.ts";
import { converse } from "../hosts/host.js";
import { layerOf, layersFile, requantisationOf } from "./layers.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const ROUNDS = 5;

program
  .name("npm run bench:native --")
  .argument("[model]", "a .tflite model", here("../../models/cifar10_mobilenet_v2.tflite"))
  .option("--seconds <s>", "how long to measure", Number, 10)
  .option("--flags <flags>", "of the C compiler", "-O2")
  .option("--json", "print the result as JSON");
program.parse();
const [path] = program.processedArgs;
const { seconds, flags, json } = program.opts();

/** Compiles the C side. @returns {string} the program */
function compileNative() {
  mkdirSync(here("../build"), { recursive: true });
  const runner = here("../build/runner");
  const sources = ["kernels.c", "runner.c"].map((name) => here(name));
  execFileSync("cc", ["-std=c11", "-Wall", "-Wextra", "-Werror", ...flags.split(" "), "-o", runner, ...sources]);
  return runner;
}

/** The requantisation's loop, compiled as the mvp build is. */
async function compileRequantise() {
  const root = here("../..");
  const { options, targets } = JSON.parse(readFileSync(here("../../asconfig.json"), "utf8"));
  let binary;
  const { error, stderr } = await asc.main(
    [
      ...["assembly/__tests__/requantise-loop.ts", "--baseDir", root, "--outFile", "loop.wasm", "--runtime", "stub"],
      ...["--use", "abort=", "--noAssert", "--optimizeLevel", String(options.optimizeLevel), "--converge"],
      ...["--shrinkLevel", String(targets.mvp.shrinkLevel), "--disable", targets.mvp.disable.join(",")],
    ],
    {
      writeFile(name, contents) {
        if (name === "loop.wasm") binary = contents;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return new WebAssembly.Module(binary);
}

/** A contender of the engine's side: runs a layer once, gives its output without pads. */
function engineSide(model, records, layer) {
  const { output, fields } = layer;
  const stride = records.tensor(output, TENSOR_ROW_STRIDE);
  const first = records.tensor(output, TENSOR_PAD_LEFT) * fields.channels;
  const bytes = fields.width * fields.channels;
  return {
    prepare: () => model.only(layer.step),
    output() {
      const ring = model.tensor(output);
      const rows = Array.from({ length: fields.height }, (_, y) =>
        ring.subarray(y * stride + first, y * stride + first + bytes),
      );
      return Buffer.concat(rows);
    },
  };
}

function loopSide(module, { fields, blobs }) {
  const { memory, requantise, __heap_base: base } = new WebAssembly.Instance(module).exports;
  const [accumulators, , , multipliers, shifts] = blobs;
  const pixels = fields.height * fields.width;
  const starts = [Math.ceil(base.value / 16) * 16];
  for (const bytes of [accumulators.length, multipliers.length, shifts.length, pixels * fields.channels]) {
    starts.push(Math.ceil((starts.at(-1) + bytes) / 16) * 16);
  }
  memory.grow(Math.ceil(starts.at(-1) / 65536));
  [accumulators, multipliers, shifts].forEach((bytes, k) => new Uint8Array(memory.buffer).set(bytes, starts[k]));
  const { zeroPoint, clampMin, clampMax, channels } = fields;
  const run = () => requantise(...starts.slice(0, 4), pixels, channels, zeroPoint, clampMin, clampMax);
  return { prepare: () => run, output: () => Buffer.from(memory.buffer, starts[3], pixels * channels) };
}

/** Milliseconds of runs, for a while; the first does not count. */
function sample(run, ms) {
  let start = performance.now();
  run();
  const runs = Math.max(1, Math.ceil(0.02 / (performance.now() - start)));
  const until = performance.now() + ms;
  const samples = [];
  do {
    start = performance.now();
    for (let i = 0; i < runs; i++) run();
    samples.push((performance.now() - start) / runs);
  } while (performance.now() < until);
  return samples;
}

const whole = packModel(readFileSync(path), basename(path), { keepAll: true }).file;
const records = new Records(whole);
const model = new BoundModel(new WebAssembly.Module(mvp.bytes()), whole);
const loop = await compileRequantise();
const kernels = Array.from({ length: records.stepCount }, (_, step) =>
  layerOf(records, step, (tensor) => model.tensor(tensor)),
).filter(Boolean);
const layers = [...kernels, ...kernels.map(requantisationOf)];
const sides = layers.map((layer) =>
  layer.kind === "requantise" ? loopSide(loop, layer) : engineSide(model, records, layer),
);

const [layersPath, outputPath] = [here("../build/layers.bin"), here("../build/output.bin")];
const runner = compileNative();
writeFileSync(layersPath, layersFile(layers));
const native = converse(runner, [layersPath, outputPath]);
const times = layers.map(() => ({ wasm: Number.POSITIVE_INFINITY, native: Number.POSITIVE_INFINITY }));
try {
  for (const [k, side] of sides.entries()) {
    side.prepare()();
    await native.ask("write", [k, 0]);
    if (Buffer.compare(side.output(), readFileSync(outputPath)) !== 0) {
      throw new Error(`${layers[k].kind} of step ${layers[k].step}: C gives other bytes than the engine`);
    }
  }
  // V8 compiles in tiers.
  for (const side of sides) sample(side.prepare(), 30);
  const ms = Math.max(1, Math.round((1000 * seconds) / ROUNDS / layers.length / 2));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [k, side] of sides.entries()) {
      times[k].wasm = Math.min(times[k].wasm, ...sample(side.prepare(), ms));
      times[k].native = Math.min(times[k].native, ...(await native.ask("sample", [k, ms])));
    }
  }
} finally {
  await native.close();
}

const result = ["pointwise", "depthwise", "requantise"].map((kind) => {
  const of = layers.flatMap((layer, k) => (layer.kind === kind ? [{ step: layer.step, ...times[k] }] : []));
  const sum = (key) => of.reduce((total, one) => total + one[key], 0);
  const shares = of.map((one) => one.native / one.wasm);
  return {
    kind,
    layers: of.length,
    wasmMs: sum("wasm"),
    nativeMs: sum("native"),
    share: sum("native") / sum("wasm"),
    least: Math.min(...shares),
    greatest: Math.max(...shares),
  };
});
const compiler = execFileSync("cc", ["--version"], { encoding: "utf8" }).split("\n")[0];
const facts = { model: basename(path), compiler: `${compiler} ${flags}`, node: process.version };
if (json)
  console.log(
    JSON.stringify(
      { ...facts, kernels: result, layers: layers.map(({ kind, step }, k) => ({ kind, step, ...times[k] })) },
      null,
      2,
    ),
  );
else {
  const percent = (share) => `${Math.round(100 * share)} %`;
  const table = new Table({
    head: ["kernel", "layers", "mvp ms", "C ms", "mvp's share of C's speed", "layers' least and greatest"],
    style: { head: [], border: [], compact: true },
  });
  for (const { kind, layers: number, wasmMs, nativeMs, share, least, greatest } of result) {
    table.push([
      kind,
      number,
      wasmMs.toFixed(3),
      nativeMs.toFixed(3),
      percent(share),
      `${percent(least)} .. ${percent(greatest)}`,
    ]);
  }
  console.log(
    `${facts.model}: the mvp build in Node ${facts.node} against ${facts.compiler}; sums of the layers' minima`,
  );
  console.log(table.toString());
}
