/**
 * Finds for a sum of two tensors the plane that gives the reference's result for each of the 65536 pairs of operands, in
 * one multiplication of each: assembly/kernels/add.ts tells how it is computed. A plane is returned only if every pair
 * came out right.
 */
import { type Multiplier, multiplyByMultiplier } from "./fixed-point.js";

/** What a sum is made of. */
export interface Sum {
  /** Multipliers of the operands, shifted left by `inputShift`, and of their sum. */
  first: Multiplier;
  second: Multiplier;
  out: Multiplier;
  inputShift: number;
  /** Zero points, of the operands and of the output. */
  zeros: [number, number, number];
  /** 1, or -1 for an operand that is subtracted. */
  signs: [number, number];
  clamp: { min: number; max: number };
}

/** Integers: result = (t + round + (t < 0 ? -1 : 0)) >> shift, t = (a - za) * first + (b - zb) * second. */
export interface Plane {
  first: number;
  second: number;
  round: number;
  shift: number;
}

/** The sum of both factors stays below this, so that 255 of each fit int32 with the rounding. */
const GREATEST = 2 ** 23 - 2 ** 9;

/** Results of the reference, zero point not added and clamped, for a - za and b - zb; undefined if one overflows. */
function reference({ first, second, out, inputShift, zeros, signs, clamp }: Sum): Int16Array | undefined {
  const scaled = (by: Multiplier, zero: number, sign: number) =>
    Array.from(
      { length: 256 },
      (_, k) => sign * (multiplyByMultiplier((k - 128 - zero) * 2 ** inputShift, by) ?? Number.NaN),
    );
  const a = scaled(first, zeros[0], signs[0]);
  const b = scaled(second, zeros[1], signs[1]);
  const results = new Int16Array(65536);
  for (let i = 0; i < 65536; i++) {
    const sum = a[i >> 8]! + b[i & 255]!;
    const result = multiplyByMultiplier(sum, out);
    if (result === undefined || Number.isNaN(result)) return undefined;
    results[i] = Math.min(clamp.max - zeros[2], Math.max(clamp.min - zeros[2], result));
  }
  return results;
}

/** The plane, or undefined if none near the true one is right everywhere. */
export function findPlane(sum: Sum): Plane | undefined {
  const { first, second, out, inputShift, zeros, signs, clamp } = sum;
  const real = (by: Multiplier) => by.multiplier * 2 ** (-31 - by.shift);
  const whole = real(out) * 2 ** inputShift;
  const factors = [signs[0] * real(first) * whole, signs[1] * real(second) * whole] as const;
  const magnitude = Math.abs(factors[0]) + Math.abs(factors[1]);
  const shift = Math.min(30, Math.floor(Math.log2(GREATEST / magnitude)));
  if (!Number.isFinite(shift) || shift < 1) return undefined;
  const wanted = reference(sum);
  if (!wanted) return undefined;
  const least = clamp.min - zeros[2];
  const greatest = clamp.max - zeros[2];
  const fails = (plane: Plane, i: number) => {
    const t = ((i >> 8) - 128 - zeros[0]) * plane.first + ((i & 255) - 128 - zeros[1]) * plane.second;
    const result = (t + plane.round - (t < 0 ? 1 : 0)) >> shift;
    return Math.min(greatest, Math.max(least, result)) !== wanted[i];
  };
  // Pairs that failed a candidate come first for the next: few lie so close to a tie that they fail at all.
  const tight: number[] = [];
  for (let candidate = 0; candidate < 9 * 33; candidate++) {
    const turn = Math.floor(candidate / 33);
    const away = candidate % 33;
    const plane = {
      first: Math.round(factors[0] * 2 ** shift) + ((turn % 3) - (turn % 3 === 2 ? 3 : 0)),
      second: Math.round(factors[1] * 2 ** shift) + (Math.floor(turn / 3) - (turn >= 6 ? 3 : 0)),
      round: 2 ** (shift - 1) + (away & 1 ? -1 : 1) * ((away + 1) >> 1),
      shift,
    };
    if (tight.some((i) => fails(plane, i))) continue;
    let bad = -1;
    for (let i = 0; i < 65536 && bad < 0; i++) if (fails(plane, i)) bad = i;
    if (bad < 0) return plane;
    tight.push(bad);
  }
  return undefined;
}
