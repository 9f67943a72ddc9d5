/**
 * The relaxed build on every sort of host: its relaxed instructions emulated, in all the ways in which hosts compute it, on this
 * one. And what this host's own instruction does, where that is known of it.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import { HEADER_ARENA_BYTES, STATUS_FEATURE } from "../../assembly/layout.js";
import { supports } from "../../src/engine.js";
import { isExact } from "../../src/relaxed.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { Records } from "../../tools/weight-packer/records.js";
import { emulated, emulatedEngine } from "../support/emulated.js";
import { assertBytes, Machine, newEngine, reserve, VARIANTS } from "../support/engine.js";
import { goldenOperators } from "../support/engine-goldens.js";
import { activation, biases, graphOf, pointwise, weights, wholeFile } from "../support/engine-graphs.js";
import { networks, randomGraph, randomInputs } from "../support/engine-random.js";
import { golden, MODELS, modelPath } from "../support/models.js";
import fc from "../support/property.js";

/** How a host adds the two pairs of products of a lane. */
const SUMS = {
  exactly: (pair: number) => pair,
  saturating: (pair: number) => Math.max(-32768, Math.min(32767, pair)),
  wrapping: (pair: number) => (pair << 16) >> 16,
};

/** Hosts: whether the second operand is signed, how pairs add, and whether products and sums of floats are fused. */
const HOSTS = [
  { name: "x86 with VNNI", behaviour: 0, signed: false, sum: SUMS.exactly, fuses: true },
  { name: "Arm with dot products", behaviour: 1, signed: true, sum: SUMS.exactly, fuses: true },
  { name: "x86 without VNNI", behaviour: 2, signed: false, sum: SUMS.saturating, fuses: true },
  { name: "Arm without dot products", behaviour: 3, signed: true, sum: SUMS.wrapping, fuses: true },
  { name: "signed and saturating", behaviour: 4, signed: true, sum: SUMS.saturating, fuses: true },
  { name: "unsigned and wrapping", behaviour: 5, signed: false, sum: SUMS.wrapping, fuses: true },
  { name: "unsigned, floats not fused", behaviour: 0, signed: false, sum: SUMS.exactly, fuses: false },
  { name: "signed, floats not fused", behaviour: 1, signed: true, sum: SUMS.exactly, fuses: false },
];

/** The scalar model of a lane: a is signed, b as `signed` says; both as they lie in memory. */
function model(a: Int8Array, b: Int8Array, signed: boolean, sum: (pair: number) => number): number {
  const product = (k: number) => a[k]! * (signed ? b[k]! : b[k]! & 255);
  // + 0: not -0.
  return sum(product(0) + product(1)) + sum(product(2) + product(3)) + 0;
}

const word = (bytes: Int8Array) => new DataView(bytes.buffer).getInt32(0, true);
const byte = fc.oneof(fc.constantFrom(-128, -127, -1, 0, 1, 127), fc.integer({ min: -128, max: 127 }));
const four = fc.tuple(byte, byte, byte, byte).map((values) => Int8Array.from(values));

let module: WebAssembly.Module;
before(async () => {
  module = await emulatedEngine();
});

/** Whether a host gives the products of either signedness for all operands. */
function hasExactProducts({ signed, sum }: (typeof HOSTS)[number]): boolean {
  const extremes = [-128, 127, -1, 0];
  return extremes.every((x) =>
    extremes.every((y) => {
      const [a, b] = [Int8Array.of(x, x, x, x), Int8Array.of(y, y, y, y)];
      return model(a, b, signed, sum) === model(a, b, signed, SUMS.exactly);
    }),
  );
}

for (const host of HOSTS) {
  const exact = hasExactProducts(host) && host.fuses;
  const newEmulated = () => emulated(module, host.behaviour, host.fuses);

  test(`${host.name}: emulated as the scalar model says`, () => {
    const engine = newEmulated();
    fc.assert(
      fc.property(four, four, (a, b) => {
        assert.equal(engine.relaxedDotOf(word(a), word(b)), model(a, b, host.signed, host.sum));
      }),
      { numRuns: 2000 },
    );
  });

  test(`${host.name}: ${exact ? "taken" : "refused"}`, () => {
    const engine = newEmulated();
    assert.equal(engine.usable(), Number(exact));
    // The wrapper asks its own module, which must come to the same.
    assert.equal(isExact({ d: engine.relaxedDotOf, m: engine.relaxedMultiplyAddOf }), exact);
    if (exact) return;
    const { file } = packModel(readFileSync(modelPath("v1_grey")), "v1_grey");
    const arenaBytes = new Records(file).header(HEADER_ARENA_BYTES);
    const at = engine.__heap_base.value as number;
    reserve(engine, at + file.length + arenaBytes);
    new Uint8Array(engine.memory.buffer).set(file, at);
    assert.equal(engine.load(at, file.length, at + file.length, arenaBytes) & 255, STATUS_FEATURE);
  });

  if (!exact) continue;

  test(`${host.name}: TFLite's reference bytes on every golden`, () => {
    let compared = 0;
    for (const name of MODELS) {
      const machine = new Machine(newEmulated(), packModel(readFileSync(modelPath(name)), name).file);
      for (const { name: caseName, input, outputs } of golden(name).cases) {
        machine.run(input).forEach((bytes, k) => assertBytes(bytes, outputs[k]!, `${name}, ${caseName}`));
        compared++;
      }
    }
    for (const { name, op, model: source, cases } of goldenOperators("operators")) {
      if (!/CONV|FULLY/.test(op)) continue;
      const machine = new Machine(newEmulated(), packModel(source, name).file);
      for (const { name: caseName, inputs, outputs } of cases) {
        machine.run(inputs[0]!).forEach((bytes, k) => assertBytes(bytes, outputs[k]!, `${name}, ${caseName}`));
        compared++;
      }
    }
    assert.ok(compared > 60, `${compared} cases`);
  });

  for (const kind of ["convolution", "pointwise", "depthwise"] as const) {
    test(`${host.name}: the specification's bytes, ${kind}`, () => {
      const engines = [newEngine("mvp"), newEmulated()];
      fc.assert(
        fc.property(networks(1, kind), fc.integer({ min: 1, max: 0x7ffffff0 }), (spec, seed) => {
          const graph = randomGraph(spec);
          const file = wholeFile(graph);
          const [scalar, relaxed] = engines.map((engine) => new Machine(engine, file));
          for (const input of randomInputs(graph, seed)) {
            const wanted = scalar!.run(input);
            relaxed!.run(input).forEach((bytes, k) => assertBytes(bytes, wanted[k]!, kind));
          }
        }),
        { numRuns: 150 },
      );
    });
  }
}

/** A pointwise layer whose every product is `value` * `value`, and whose bias takes the sum back to 0. */
function extremeFile(value: number): Uint8Array {
  const input = activation("input", [2, 2, 16], 1, 0);
  const output = activation("output", [2, 2, 16], 1, 0);
  const kernel = weights([16, 1, 1, 16], new Int8Array(256).fill(value), [1]);
  const bias = biases(new Int32Array(16).fill(-16 * value * value));
  return wholeFile(graphOf([pointwise(0, input, output, kernel, bias)], input, [output]));
}

test("hosts whose products are not exact would give wrong bytes", () => {
  for (const host of HOSTS) {
    if (hasExactProducts(host)) continue;
    const value = host.signed ? -128 : 127;
    const input = new Uint8Array(64).fill(value);
    // Loaded as on the exact host of the same signedness, run as on this one.
    const engine = emulated(module, host.signed ? 1 : 0, true);
    const machine = new Machine(engine, extremeFile(value));
    assertBytes(machine.run(input)[0]!, new Uint8Array(64), host.name);
    engine.behave(host.behaviour, 1);
    assert.throws(() => assertBytes(machine.run(input)[0]!, new Uint8Array(64), host.name), /64 of 64 bytes differ/);
  }
});

/**
 * Whether this host's relaxed dot product is exact, as far as V8's own source and the processor's flags tell; undefined
 * where they do not.
 */
function knownOfThisHost(): boolean | undefined {
  const v8 = Number.parseFloat(process.versions.v8 ?? "0");
  const text = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.split(" ");
  // V8 11.3 (Node 20) has it behind a flag.
  if (process.arch === "arm64") return v8 > 11.3 ? flags?.includes("asimddp") : undefined;
  if (process.arch !== "x64") return undefined;
  // V8 12.4 (Node 22) does not use VNNI, V8 13.6 (Node 24) does.
  if (v8 <= 12.4) return false;
  return v8 >= 13.6 ? flags?.includes("avx_vnni") : undefined;
}

const known = knownOfThisHost();
const expected = known === undefined ? "either taken or refused" : known ? "taken" : "refused";
test(`Node ${process.versions.node} on this machine: the relaxed build is ${expected}`, () => {
  const runs = VARIANTS.includes("relaxed");
  assert.equal(runs, known ?? runs);
  assert.equal(supports("relaxed"), runs);
});
