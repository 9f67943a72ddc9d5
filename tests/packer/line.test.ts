/** Lines: floats that requantise as the integers do, at every accumulator, not only at the steps that the search looks at. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_FUSED, BLOCK_ROUNDED, LINE_OFFSET_BITS, LINE_SLOPE_BIAS } from "../../assembly/layout.js";
import { multiplyByMultiplier } from "../../tools/weight-packer/lower/fixed-point.js";
import { findLine } from "../../tools/weight-packer/lower/line.js";
import fc from "../support/property.js";

const { fround } = Math;

/** What assembly/line.ts makes of a code, operation by operation; x in steps of one. */
function decode(code: number, multiplier: number, shift: number) {
  const word = new Int32Array(1);
  const float = new Float32Array(word.buffer);
  float[0] = multiplier;
  word[0] = word[0]! - ((31 + shift) << 23) + (code >> LINE_OFFSET_BITS) - LINE_SLOPE_BIAS;
  const slope = float[0]!;
  const offset = fround((code & (2 ** LINE_OFFSET_BITS - 1)) * fround(slope * fround(1 / 4096)));
  const half = fround(0.5 + offset);
  const quarter = fround(0.25 + offset);
  return {
    fused: (x: number) => Math.trunc(fround(fround(x) * slope + half)),
    mirrored: (x: number) => Math.trunc(fround(fround(x) * slope + (x < 0 ? -half : half))),
    rounded(x: number) {
      float[0] = fround(fround(fround(fround(x) * slope) + quarter) + 6291456);
      return (word[0]! - 0x4ac00000) >> 1;
    },
  };
}

const clampTo = (x: number, min: number, max: number) => Math.min(max, Math.max(min, x));

test("a line equals the integer requantisation at every accumulator, in each way that it is said to hold for", () => {
  const seen = { fused: 0, rounded: 0, none: 0 };
  fc.assert(
    fc.property(
      fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }),
      fc.integer({ min: -2, max: 11 }),
      fc.integer({ min: -128, max: 127 }),
      fc.constantFrom("none", "relu", "relu6"),
      fc.integer({ min: -3000, max: 3000 }),
      fc.integer({ min: 1, max: 40000 }),
      (multiplier, shift, zeroPoint, activation, middle, reach) => {
        const clamp = {
          min: activation === "none" ? -128 : zeroPoint,
          max: activation === "relu6" ? Math.min(127, zeroPoint + 90) : 127,
        };
        const channel = { multiplier, shift, low: middle - reach, high: middle + reach };
        const line = findLine(channel, clamp, zeroPoint);
        if (line.ways === 0) seen.none++;
        const { fused, mirrored, rounded } = decode(line.code, multiplier, shift);
        const truncated = activation === "none" ? mirrored : fused;
        for (let x = channel.low; x <= channel.high; x++) {
          const wanted = clampTo(multiplyByMultiplier(x, channel)! + zeroPoint, clamp.min, clamp.max);
          if (line.ways & BLOCK_FUSED)
            assert.equal(clampTo(truncated(x) + zeroPoint, clamp.min, clamp.max), wanted, `fused at ${x}`);
          if (line.ways & BLOCK_ROUNDED)
            assert.equal(clampTo(rounded(x) + zeroPoint, clamp.min, clamp.max), wanted, `rounded at ${x}`);
        }
        if (line.ways & BLOCK_FUSED) seen.fused++;
        if (line.ways & BLOCK_ROUNDED) seen.rounded++;
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(seen.fused > 75, `of 150 lines ${seen.fused} were found, ${seen.none} not`);
  assert.ok(seen.rounded > 20, `${seen.rounded} hold with two roundings`);
});

test("a channel whose line would leave what floats hold has none", () => {
  const clamp = { min: -128, max: 127 };
  const good = { multiplier: 2 ** 30 + 12345, shift: 6, low: -9000, high: 9000 };
  const zero = { ...good, multiplier: 0 };
  const steep = { ...good, shift: -3, low: -(2 ** 22), high: 2 ** 22 };
  const deep = { ...good, shift: 25 };
  for (const channel of [zero, steep, deep]) assert.deepEqual(findLine(channel, clamp, 0), { code: 0, ways: 0 });
  assert.equal(findLine(good, clamp, 0).ways, BLOCK_FUSED);
});
