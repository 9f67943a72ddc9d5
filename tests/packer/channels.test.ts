/** Output channels of convolutions: folded biases, settled dead channels, the proof behind FLAG_VECTOR, the weights' order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BLOCK_CENTRED,
  FLAG_DOUBLE,
  FLAG_VECTOR,
  STEP_BIASES,
  STEP_BLOCKS,
  STEP_MULTIPLIERS,
  STEP_SHIFTS,
} from "../../assembly/layout.js";
import { type LoweredChannels, lowerChannels } from "../../tools/weight-packer/lower/channels.js";
import { multiplyByMultiplier, quantiseMultiplier } from "../../tools/weight-packer/lower/fixed-point.js";
import { blockWeights } from "../../tools/weight-packer/lower/operators/convolution.js";
import { activation, biases, weights } from "../support/engine-graphs.js";
import fc from "../support/property.js";

/** The packed constants as typed arrays. */
function constantsOf({ constants }: LoweredChannels) {
  const bytes = (field: number) => constants.find((c) => c.field === field)!.bytes.slice();
  return {
    biases: new Int32Array(bytes(STEP_BIASES).buffer),
    multipliers: new Int32Array(bytes(STEP_MULTIPLIERS).buffer),
    shifts: new Int8Array(bytes(STEP_SHIFTS).buffer),
  };
}

const clampTo = (x: number, { min, max }: { min: number; max: number }) => Math.min(max, Math.max(min, x));

test("biases hold what the input's zero point brings; arrays are rounded up to eight channels", () => {
  const input = activation("x", [1, 1, 3], 0.5, 10);
  const output = activation("y", [1, 1, 2], 0.25, -3);
  const kernel = weights([2, 1, 1, 3], Int8Array.of(1, 2, 3, -4, 5, -6), [0.1, 0.2]);
  const rows = [Int16Array.of(1, 2, 3), Int16Array.of(-4, 5, -6)];
  const lowered = lowerChannels(input, kernel, output, rows, biases([100, -7]), { min: -128, max: 127 }, false);
  const packed = constantsOf(lowered);
  assert.deepEqual([...packed.biases], [100 - 138 * 6, -7 + 138 * 5, 0, 0, 0, 0, 0, 0]);
  const first = quantiseMultiplier((0.5 * Math.fround(0.1)) / 0.25);
  const second = quantiseMultiplier((0.5 * Math.fround(0.2)) / 0.25);
  assert.deepEqual([...packed.multipliers], [first.multiplier, second.multiplier, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...packed.shifts], [first.shift, second.shift, 0, 0, 0, 0, 0, 0]);
  assert.equal(lowered.flags, FLAG_VECTOR);
});

test("fully connected keeps its factors in double", () => {
  const input = activation("x", [1, 1, 2], 0.3, 0);
  const output = activation("y", [1, 1, 1], 0.7, 0);
  const kernel = weights([1, 2], Int8Array.of(3, 4), [0.9]);
  const lowered = lowerChannels(input, kernel, output, [Int16Array.of(3, 4)], undefined, { min: -128, max: 127 }, true);
  assert.equal(lowered.flags, FLAG_DOUBLE);
  const bytes = lowered.constants.find((c) => c.field === STEP_MULTIPLIERS)!.bytes.slice();
  assert.equal(bytes.length, 64);
  assert.equal(new Float64Array(bytes.buffer)[0], (Math.fround(0.3) * Math.fround(0.9)) / Math.fround(0.7));
});

test("blocks whose weights are int8 without their zero point are stored so, and say so if others are not", () => {
  const input = activation("x", [1, 1, 1], 0.5, 0);
  const output = activation("y", [1, 1, 17], 0.25, 0);
  const clamp = { min: -128, max: 127 };
  const store = (values: number[], zeroPoint: number) => {
    const kernel = weights([17, 1, 1, 1], Int8Array.from(values), [0.1], zeroPoint);
    const rows = values.map((w) => Int16Array.of(w - zeroPoint));
    const lowered = lowerChannels(input, kernel, output, rows, undefined, clamp, false);
    const table = lowered.constants.find((c) => c.field === STEP_BLOCKS)!.bytes;
    assert.equal(table.length, 3 * 17);
    return { lowered, flags: [...table.subarray(48)].map((flags) => flags & BLOCK_CENTRED) };
  };
  const mixed = store([...Array(8).fill(127), ...Array(8).fill(-20), 5], -10);
  assert.deepEqual(mixed.flags, [0, BLOCK_CENTRED, BLOCK_CENTRED]);
  assert.equal(mixed.lowered.zeroPoint, -10);
  assert.deepEqual(
    mixed.lowered.weights.map((row) => row[0]),
    [...Array(8).fill(127), ...Array(8).fill(-10), 15],
  );
  const fitting = store([...Array(16).fill(-20), 5], -10);
  assert.deepEqual(fitting.flags, [0, 0, 0]);
  assert.equal(fitting.lowered.zeroPoint, 0);
  assert.deepEqual(
    fitting.lowered.weights.map((row) => row[0]),
    [...Array(16).fill(-10), 15],
  );
});

test("settled channels keep their outputs, and FLAG_VECTOR's bound holds for the extremes of the input", () => {
  const channel = fc.record({
    row: fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 4, maxLength: 4 }),
    bias: fc.oneof(
      fc.integer({ min: -5000, max: 5000 }),
      fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
      fc.constantFrom(2 ** 30, -(2 ** 30), 2 ** 31 - 1),
    ),
    scale: fc.integer({ min: -30, max: 2 }),
  });
  const seen = { vector: 0, general: 0, settled: 0 };
  fc.assert(
    fc.property(
      fc.array(channel, { minLength: 1, maxLength: 9 }),
      fc.integer({ min: -128, max: 127 }),
      fc.integer({ min: -128, max: 127 }),
      fc.array(fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 4, maxLength: 4 }), {
        minLength: 3,
        maxLength: 3,
      }),
      fc.constantFrom({ min: -128, max: 127 }, { min: 0, max: 100 }),
      (channels, zeroIn, zeroOut, inputs, clamp) => {
        const input = activation("x", [1, 1, 4], 1, zeroIn);
        const output = activation("y", [1, 1, channels.length], 1, zeroOut);
        const rows = channels.map(({ row }) => Int16Array.from(row));
        const scales = channels.map(({ scale, row }) => 1.37 ** Math.abs(row[0]! % 2) * 2 ** scale);
        const kernel = weights([channels.length, 1, 1, 4], Int8Array.from(channels.flatMap((c) => c.row)), scales);
        const bias = biases(channels.map((c) => c.bias));
        const lowered = lowerChannels(input, kernel, output, rows, bias, clamp, false);
        const packed = constantsOf(lowered);
        const isVector = (lowered.flags & FLAG_VECTOR) !== 0;
        seen[isVector ? "vector" : "general"]++;
        channels.forEach(({ row, bias: plain }, c) => {
          const w = lowered.weights[c]!;
          const multiplier = { multiplier: packed.multipliers[c]!, shift: packed.shifts[c]! };
          if (w.every((x) => x === 0) && row.some((x) => x !== 0)) seen.settled++;
          const wanted = quantiseMultiplier(Math.fround(scales[c]!));
          for (const x of [...inputs, row.map((v) => (v > 0 ? 127 : -128)), row.map((v) => (v > 0 ? -128 : 127))]) {
            const before = row.reduce((sum, v, k) => sum + v * (x[k]! - zeroIn), plain);
            // The engine holds inputs 128 above, and its accumulator wraps.
            const after = w.reduce((sum, v, k) => sum + v * (x[k]! + 128), packed.biases[c]!) | 0;
            if (isVector) {
              const block = packed.shifts.subarray(4 * (c >> 2), Math.min(4 * (c >> 2) + 4, channels.length));
              const common = Math.max(0, ...block);
              assert.ok(Math.abs(after) * 2 ** (common - multiplier.shift + 1) < 2 ** 31, "the bound");
            }
            if (Math.abs(before) >= 2 ** 31) continue;
            const plainOutput = multiplyByMultiplier(before, wanted);
            if (plainOutput === undefined) continue;
            const got = multiplyByMultiplier(after, multiplier)!;
            assert.equal(clampTo(got + zeroOut, clamp), clampTo(plainOutput + zeroOut, clamp));
          }
        });
      },
    ),
    { numRuns: 1000 },
  );
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 20, `only ${count} ${what}`);
});

test("blockWeights: blocks of eight channels, groups of four weights, zeros in the gaps", () => {
  const depth = 6;
  const channels = 9;
  const rows = Array.from({ length: channels }, (_, c) => Int16Array.from({ length: depth }, (_, k) => 10 * c + k));
  const packed = new Int8Array(blockWeights(rows).buffer);
  assert.equal(packed.length, 2 * 2 * 8 * 4);
  for (let c = 0; c < 16; c++) {
    for (let k = 0; k < 8; k++) {
      const at = (c >> 3) * 64 + (k >> 2) * 32 + (c & 7) * 4 + (k & 3);
      const wanted = c < channels && k < depth ? 10 * c + k : 0;
      assert.equal(packed[at], wanted, `channel ${c}, weight ${k}`);
    }
  }
});
