/** Real factors to integers: TFLite's QuantizeMultiplier and CalculateActivationRangeQuantized. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activationRange,
  multiplyByMultiplier,
  quantiseMultiplier,
} from "../../tools/weight-packer/lower/fixed-point.js";
import { activation } from "../support/engine-graphs.js";
import fc from "../support/property.js";

test("quantiseMultiplier gives known multipliers and shifts", () => {
  // As in TFLite's quantization_util_test.cc, whose shifts are to the left.
  const known: [factor: number, multiplier: number, shift: number][] = [
    [0.25, 2 ** 30, 1],
    [0.5, 2 ** 30, 0],
    [0.5 - 5e-9, 2 ** 31 - 21, 1],
    [0.5 - 1e-10, 2 ** 30, 0],
    [0.75, 3 * 2 ** 29, 0],
    [1 - 1e-9, 2 ** 31 - 2, 0],
    [1, 2 ** 30, -1],
    [1.25, 5 * 2 ** 28, -1],
    [1.5, 3 * 2 ** 29, -1],
    [1.5 - 1e-9, 3 * 2 ** 29 - 1, -1],
    [2, 2 ** 30, -2],
    [1024, 2 ** 30, -11],
    [1 / 3, 1431655765, 1],
    [0, 0, 0],
    [2 ** -31, 2 ** 30, 30],
    [2 ** -32, 2 ** 30, 31],
    [2 ** -33, 0, 0],
    [Number.MIN_VALUE, 0, 0],
  ];
  for (const [factor, multiplier, shift] of known) {
    assert.deepEqual(quantiseMultiplier(factor), { multiplier, shift }, String(factor));
  }
});

test("quantiseMultiplier is within half a unit of the factor", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), (factor) => {
      const { multiplier, shift } = quantiseMultiplier(factor);
      assert.ok(multiplier >= 2 ** 30 && multiplier < 2 ** 31);
      const unit = 2 ** (-31 - shift);
      assert.ok(Math.abs(multiplier * unit - factor) <= unit / 2);
    }),
  );
});

test("multiplyByMultiplier rounds half away from zero and knows when a left shift overflows", () => {
  const quarter = { multiplier: 2 ** 30, shift: 1 };
  // 1 / 4 becomes 1: both roundings go up, as TFLite's do.
  const known = [
    [-10, -3],
    [-6, -2],
    [-2, -1],
    [-1, 0],
    [0, 0],
    [1, 1],
    [2, 1],
    [6, 2],
    [10, 3],
  ];
  for (const [x, y] of known) assert.equal(multiplyByMultiplier(x!, quarter), y, String(x));
  assert.equal(multiplyByMultiplier(2 ** 20, { multiplier: 2 ** 30, shift: -10 }), 2 ** 29);
  assert.equal(multiplyByMultiplier(2 ** 21, { multiplier: 2 ** 30, shift: -10 }), undefined);
});

test("activationRange gives the int8 range of each fused activation", () => {
  const range = (kind: Parameters<typeof activationRange>[0], scale: number, zeroPoint: number) => {
    const { min, max } = activationRange(kind, activation("x", [1, 1, 1], scale, zeroPoint));
    return [min, max];
  };
  assert.deepEqual(range("none", 0.05, -10), [-128, 127]);
  assert.deepEqual(range("relu", 0.05, -10), [-10, 127]);
  assert.deepEqual(range("relu6", 0.05, -10), [-10, 110]);
  assert.deepEqual(range("relu_n1_to_1", 0.05, -10), [-30, 10]);
  assert.deepEqual(range("relu6", 6 / 255, -128), [-128, 127]);
  assert.deepEqual(range("relu6", 0.01, -128), [-128, 127]);
  assert.deepEqual(range("relu", 0.05, 127), [127, 127]);
  // Half away from zero: 6 / 4 = 1.5, -1 / 2 = -0.5.
  assert.deepEqual(range("relu6", 4, 0), [0, 2]);
  assert.deepEqual(range("relu_n1_to_1", 2, 0), [-1, 1]);
});
