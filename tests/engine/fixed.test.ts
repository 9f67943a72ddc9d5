/**
 * Requantisation against a model in BigInt, written from gemmlowp's fixedpoint.h and TFLite's common.h, not from ours:
 * SaturatingRoundingDoublingHighMul, RoundingDivideByPOT and MultiplyByQuantizedMultiplier.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import fc from "../support/property.js";

interface Fixed {
  memory: WebAssembly.Memory;
  doublingHighMultiply(a: number, b: number): number;
  divideByPowerOfTwo(x: number, exponent: number): number;
  multiplyByMultiplier(x: number, multiplier: number, shift: number): number;
  multiplyByDouble(x: number, factor: number): number;
  lanesAddress(): number;
  multiplyLanes(): void;
}

let fixed: Fixed;

before(async () => {
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const writeFile = (name: string, contents: unknown) => {
    if (name === "fixed.wasm") binary = contents as Uint8Array<ArrayBuffer>;
  };
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const options = ["-O3", "--runtime", "stub", "--use", "abort=", "--noAssert", "--enable", "simd"];
  const { error, stderr } = await asc.main(
    ["assembly/__tests__/fixed-exports.ts", "--baseDir", root, "--outFile", "fixed.wasm", ...options],
    { writeFile },
  );
  assert.ok(!error, String(stderr));
  fixed = new WebAssembly.Instance(new WebAssembly.Module(binary!)).exports as unknown as Fixed;
});

// ---- The model ----------------------------------------------------------------------------------------------------

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

function wrap(x: bigint): bigint {
  return BigInt.asIntN(32, x);
}

/** BigInt division truncates, as C's does. */
function highMultiply(a: bigint, b: bigint): bigint {
  if (a === b && a === BigInt(INT_MIN)) return BigInt(INT_MAX);
  const product = a * b;
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return (product + nudge) / (1n << 31n);
}

/** To nearest, half away from zero. */
function divide(x: bigint, exponent: number): bigint {
  const divisor = 1n << BigInt(exponent);
  const magnitude = ((x < 0n ? -x : x) * 2n + divisor) / (2n * divisor);
  return x < 0n ? -magnitude : magnitude;
}

function requantise(x: number, multiplier: number, shift: number): number {
  const left = BigInt(Math.max(-shift, 0));
  const right = Math.max(shift, 0);
  return Number(divide(highMultiply(wrap(BigInt(x) << left), BigInt(multiplier)), right));
}

/** round() of C on a product that is a double: exact, from the double's bits. */
function roundDouble(value: number): number {
  if (Math.abs(value) >= 2 ** 53 || value === 0) return value;
  let scaled = Math.abs(value);
  let exponent = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2; // exact
    exponent++;
  }
  return Math.sign(value) * Number(divide(BigInt(scaled), exponent));
}

// ---- Numbers worth trying -------------------------------------------------------------------------------------------

const int32 = fc.oneof(
  fc.integer({ min: INT_MIN, max: INT_MAX }),
  fc.integer({ min: -70000, max: 70000 }),
  fc.constantFrom(INT_MIN, INT_MIN + 1, INT_MAX, INT_MAX - 1, -1, 0, 1, 2 ** 30, -(2 ** 30)),
);
/** Multipliers as QuantizeMultiplier gives them, round ones for exact ties, and what a mean makes of them. */
const multipliers = fc.oneof(
  fc.integer({ min: 2 ** 30, max: INT_MAX }),
  fc.constantFrom(2 ** 30, 2 ** 30 + 1, 3 * 2 ** 29, 5 * 2 ** 28, INT_MAX, INT_MAX - 1),
  fc.integer({ min: 0, max: 2 ** 30 }),
);
const RUNS = { numRuns: 100_000 };

test("doublingHighMultiply equals SaturatingRoundingDoublingHighMul but for the one case that nobody passes", () => {
  fc.assert(
    fc.property(int32, int32, (a, b) => {
      if (a === INT_MIN && b === INT_MIN) return;
      assert.equal(fixed.doublingHighMultiply(a, b), Number(highMultiply(BigInt(a), BigInt(b))));
    }),
    RUNS,
  );
});

test("divideByPowerOfTwo rounds to nearest, half away from zero", () => {
  fc.assert(
    fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, exponent) => {
      assert.equal(fixed.divideByPowerOfTwo(x, exponent), Number(divide(BigInt(x), exponent)));
    }),
    RUNS,
  );
  for (let exponent = 1; exponent <= 30; exponent++) {
    for (const odd of [1, 3, -1, -3]) {
      const tie = odd * 2 ** (exponent - 1);
      if (tie > INT_MAX || tie < INT_MIN) continue;
      assert.equal(fixed.divideByPowerOfTwo(tie, exponent), Math.sign(odd) * Math.ceil(Math.abs(odd) / 2));
    }
  }
});

test("multiplyByMultiplier equals MultiplyByQuantizedMultiplier", () => {
  fc.assert(
    fc.property(int32, multipliers, fc.integer({ min: -30, max: 31 }), (x, multiplier, shift) => {
      assert.equal(fixed.multiplyByMultiplier(x, multiplier, shift), requantise(x, multiplier, shift));
    }),
    RUNS,
  );
});

test("multiplyByMultiplier is exact at ties of either rounding, on both sides of zero", () => {
  for (let shift = 0; shift <= 20; shift++) {
    for (const multiplier of [2 ** 30, 3 * 2 ** 29, 5 * 2 ** 28, 2 ** 30 + 2 ** 20]) {
      for (let k = -9; k <= 9; k++) {
        for (const near of [-2, -1, 0, 1, 2]) {
          // Near k + 1/2 times what one step of the result takes of x, and near the first rounding's ties.
          for (const x of [Math.round(((k + 0.5) * 2 ** (31 + shift)) / multiplier) + near, k + near]) {
            if (Math.abs(x) > INT_MAX) continue;
            assert.equal(fixed.multiplyByMultiplier(x, multiplier, shift), requantise(x, multiplier, shift));
          }
        }
      }
    }
  }
});

test("multiplyByDouble is C's round of the product", () => {
  const factor = fc.oneof(
    fc.double({ min: 0, max: 4, noNaN: true }),
    fc.double({ min: 0, max: 1e-5, noNaN: true }),
    fc.constantFrom(0.5, 0.25, 1.5, 2 ** -20, 0.49999999999999994, 5e-324, 0),
  );
  fc.assert(
    fc.property(int32, factor, (x, f) => {
      const wanted = Math.min(INT_MAX, Math.max(INT_MIN, roundDouble(x * f)));
      assert.equal(fixed.multiplyByDouble(x, f), wanted + 0);
    }),
    RUNS,
  );
  for (let k = -99; k <= 99; k += 2) assert.equal(fixed.multiplyByDouble(k, 0.5), (k + Math.sign(k)) / 2);
});

test("multiplyVector equals the model up to the bound that the packer proves", () => {
  /** Four shifts with L - s + 1 <= 30, and x with |x| * 2^(L - s + 1) < 2^31: as fractions of the bound, or at it. */
  const lane = fc.record({
    below: fc.integer({ min: 0, max: 28 }),
    multiplier: fc.oneof(fc.integer({ min: 2 ** 30, max: INT_MAX }), fc.constantFrom(2 ** 30, 3 * 2 ** 29, INT_MAX, 0)),
    x: fc.oneof(fc.constantFrom(1, -1), fc.double({ min: -1, max: 1, noNaN: true })),
    /** Put x on (or one off) a tie instead: of result k + 1/2. */
    tie: fc.option(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.constantFrom(-1, 0, 1))),
  });
  const lanes = fc.tuple(lane, lane, lane, lane);
  let ties = 0;
  fc.assert(
    fc.property(lanes, fc.integer({ min: -20, max: 29 }), (given, greatest) => {
      const shifts = given.map(({ below }, i) => greatest - (i === 0 ? 0 : below));
      const common = Math.max(0, ...shifts);
      for (let i = 0; i < 4; i++) if (common - shifts[i]! + 1 > 30) shifts[i] = common - 29;
      const xs = given.map(({ x, tie, multiplier }, i) => {
        const bound = 2 ** (30 - common + shifts[i]!) - 1;
        const onTie = tie && Math.round(((tie[0] + 0.5) * 2 ** (31 + shifts[i]!)) / multiplier) + tie[1];
        if (onTie && Math.abs(onTie) <= bound) {
          ties++;
          return onTie;
        }
        return Math.trunc(x * bound) + 0;
      });
      const at = fixed.lanesAddress();
      const words = new Int32Array(fixed.memory.buffer, at, 12);
      words.set(xs);
      words.set(
        given.map((g) => g.multiplier),
        4,
      );
      new Int8Array(fixed.memory.buffer, at + 48, 4).set(shifts);
      fixed.multiplyLanes();
      const wanted = xs.map((x, i) => requantise(x, given[i]!.multiplier, shifts[i]!));
      assert.deepEqual([...words.subarray(8)], wanted, JSON.stringify({ xs, shifts }));
    }),
    RUNS,
  );
  assert.ok(ties > 1000, `only ${ties} ties`);
});
