/** Slim engines: the same bytes as the whole engine's, from less; other models are refused. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { HEADER_ARENA_BYTES, STATUS_OPERATOR } from "../../assembly/layout.js";
import { align } from "../../src/abi.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { partsOf, slimEngine } from "../../tools/weight-packer/slim.js";
import {
  assertBytes,
  engineModule,
  Machine,
  newEngine,
  type RawEngine,
  reserve,
  VARIANTS,
  type Variant,
} from "../support/engine.js";
import { engineBytes, goldenOperators } from "../support/engine-goldens.js";
import { golden, MODELS, packed } from "../support/models.js";
import { shared, without } from "../support/shared.js";

interface Case {
  name: string;
  input: Uint8Array;
  outputs: Uint8Array[];
}

function instance(bytes: Uint8Array<ArrayBuffer>): RawEngine {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports as unknown as RawEngine;
}

/** The status with which an engine loads a file. */
function statusOf(engine: RawEngine, file: Uint8Array): number {
  const at = align(engine.__heap_base.value as number);
  const arena = align(at + file.length);
  const arenaBytes = new DataView(file.buffer, file.byteOffset).getUint32(HEADER_ARENA_BYTES, true);
  reserve(engine, arena + arenaBytes);
  new Uint8Array(engine.memory.buffer).set(file, at);
  return engine.load(at, file.length, arena, arenaBytes) >>> 0;
}

/** Asserts that a model's slim engine of each build gives these outputs and is smaller than the whole one. */
function assertSlim(file: Uint8Array, cases: Case[], name: string): Record<Variant, Uint8Array> {
  const parts = partsOf(file);
  const engines: Partial<Record<Variant, Uint8Array>> = {};
  for (const variant of VARIANTS) {
    const bytes = slimEngine(variant, parts);
    engines[variant] = bytes;
    const whole = readFileSync(new URL(`../../build/engine.${variant}.wasm`, import.meta.url));
    assert.ok(bytes.length < whole.length, `${name}, ${variant}: ${bytes.length} of ${whole.length} bytes`);
    const names = (module: WebAssembly.Module) => WebAssembly.Module.exports(module).map((e) => `${e.kind} ${e.name}`);
    const module = new WebAssembly.Module(bytes);
    assert.deepEqual(names(module).sort(), names(engineModule(variant)).sort());
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    const machine = new Machine(instance(bytes), file);
    for (const { name: caseName, input, outputs } of cases) {
      machine.run(input).forEach((got, k) => {
        assertBytes(got, outputs[k]!, `${name}, slim ${variant}, case ${caseName}, output ${k}`);
      });
    }
  }
  return engines as Record<Variant, Uint8Array>;
}

/** The size that is promised for MobileNetV1. */
function assertSmall(engine: Uint8Array): void {
  assert.ok(engine.length <= 8192, `${engine.length} bytes`);
}

for (const name of MODELS) {
  test(`${name}: slim engines equal TFLite's reference`, () => {
    const engines = assertSlim(packed(name), golden(name).cases, name);
    if (name === "v1_grey") assertSmall(engines.mvp);
  });
}

const PUBLISHED = [
  "mobilenet_v1_0.25_128_quant",
  "vww_96_int8",
  "mobilenet_v3_small_224_int8",
  "deeplabv3_mnv2_dm05_pascal_quant",
];

for (const name of PUBLISHED) {
  const folder = `golden/${name}`;
  test(`${name}: slim engines equal TFLite's reference`, { skip: without(folder) }, () => {
    const bytes = (file: string): Uint8Array => gunzipSync(readFileSync(shared(`${folder}/${file}`)));
    const { model, outputs, cases } = JSON.parse(readFileSync(shared(`${folder}/golden.json`), "utf8"));
    const { file } = packModel(readFileSync(shared(`models/${model}`)), model);
    const decoded = cases.map((c: { name: string; input: string; outputs: { file: string }[] }) => ({
      name: c.name,
      input: bytes(c.input),
      outputs: c.outputs.map((output, k) => engineBytes(bytes(output.file), outputs[k].dtype)),
    }));
    const engines = assertSlim(file, decoded, name);
    if (name === "mobilenet_v1_0.25_128_quant") assertSmall(engines.mvp);
  });
}

test("each part that a model needs is refused by name where it is left out", () => {
  const file = packed("mixed");
  const parts = partsOf(file);
  let tried = 0;
  for (let bit = 0n; bit < 64n; bit++) {
    if (!((parts >> bit) & 1n)) continue;
    tried++;
    // The simd build asks for all parts.
    const status = statusOf(instance(slimEngine("simd", parts ^ (1n << bit))), file);
    assert.equal(status & 0xff, STATUS_OPERATOR, `part ${bit}: status ${status & 0xff}`);
    assert.ok(((status >>> 8) & 0xfff) < new Machine(newEngine("simd"), file).records.stepCount);
  }
  assert.ok(tried > 5, `${tried} parts`);
});

test("a slim engine takes what it holds and refuses what it does not, whatever the operator", () => {
  // An engine for a network of convolutions: nothing but the opcodes 1 to 3 and 9.
  const own = partsOf(packed("v1_flatten"));
  const engines = VARIANTS.map((variant) => slimEngine(variant, own));
  const seen = { taken: 0, refused: 0 };
  // Every fourth, for time.
  for (const { name, model, cases } of goldenOperators("operators").filter((_, i) => i % 4 === 0)) {
    const { file } = packModel(model, name);
    const needs = partsOf(file);
    const fits = (needs & ~own) === 0n;
    for (const [i, bytes] of engines.entries()) {
      const engine = instance(bytes);
      if (fits) {
        const { input, outputs } = { input: cases[0]!.inputs[0]!, outputs: cases[0]!.outputs };
        new Machine(engine, file).run(input).forEach((got, k) => {
          assertBytes(got, outputs[k]!, `${name}, slim ${VARIANTS[i]}`);
        });
        seen.taken++;
      } else if (VARIANTS[i] === "simd") {
        assert.equal(statusOf(engine, file) & 0xff, STATUS_OPERATOR, `${name}, slim ${VARIANTS[i]}`);
        seen.refused++;
      }
    }
  }
  assert.ok(seen.taken > 10 && seen.refused > 10, `${seen.taken} taken, ${seen.refused} refused`);
});
