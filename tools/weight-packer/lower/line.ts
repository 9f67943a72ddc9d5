/**
 * Finds for an output channel the line that requantises exactly: assembly/line.ts tells what that is and how it is coded.
 *
 * The search is a proof: a code is returned only if the line, computed in each of the ways that a build may compute it,
 * takes every step of the integer requantisation at the same accumulator. Each way is monotonic, so nothing else need be
 * looked at.
 */
import { BLOCK_FUSED, BLOCK_ROUNDED, LINE_OFFSET_BITS, LINE_SLOPE_BIAS } from "../../../assembly/layout.js";
import { type Multiplier, multiplyByMultiplier } from "./fixed-point.js";

/** What the search needs to know of a channel. */
export interface Staircase extends Multiplier {
  /** Least and greatest accumulator. */
  low: number;
  high: number;
}

const { fround } = Math;

/** One way of computing the line: the bit that says that a block's codes hold for it, and the integer at an accumulator. */
interface Way {
  bit: number;
  value(x: number, slope: number, offset: number, twoSided: boolean): number;
}

/** The nearest integer, ties to even, as a float addition rounds. */
function nearestEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** The relaxed build: one rounding, then truncation; lines of negative accumulators are mirrored. */
const FUSED: Way = {
  bit: BLOCK_FUSED,
  value(x, slope, offset, twoSided) {
    const shifted = fround(0.5 + offset);
    // The product of two floats is exact in double, and so is the sum within the bounds that findLine sets.
    return Math.trunc(fround(fround(x) * slope + (twoSided && x < 0 ? -shifted : shifted)));
  },
};

/** The simd build: two roundings, then to the nearest half, and down. Only where negative accumulators do not matter. */
const ROUNDED: Way = {
  bit: BLOCK_ROUNDED,
  value(x, slope, offset) {
    return Math.floor(nearestEven(2 * fround(fround(fround(x) * slope) + fround(0.25 + offset))) / 2);
  },
};

const bits = new DataView(new ArrayBuffer(4));

/** A positive float so many units in the last place on. */
function unitsOn(value: number, units: number): number {
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + units);
  return bits.getFloat32(0);
}

/** ceil(numerator / denominator), exact: the quotient of doubles is at most one off. */
function ceilDivide(numerator: number, denominator: number): number {
  if (Math.abs(numerator) >= 2 ** 52) {
    const [n, d] = [BigInt(numerator), BigInt(denominator)];
    return Number(n / d) + (n % d > 0n ? 1 : 0);
  }
  const quotient = Math.ceil(numerator / denominator);
  if ((quotient - 1) * denominator >= numerator) return quotient - 1;
  return quotient * denominator < numerator ? quotient + 1 : quotient;
}

/**
 * The least accumulator whose requantised value (zero point not added) is at least `level`: multiplyByMultiplier solved
 * for x. With a second rounding the first one's result must reach level - 1/2, one more where ties go down.
 */
function leastAccumulator({ multiplier, shift }: Multiplier, level: number): number {
  const first = shift > 0 ? (2 * level - 1) * 2 ** (shift - 1) + (level > 0 ? 0 : 1) : level;
  return ceilDivide(first * 2 ** 31 - 2 ** 30, multiplier * 2 ** Math.max(0, -shift));
}

/** At accumulator x the line must be at least `least` and less than `below`. */
interface Step {
  x: number;
  least: number;
  below: number;
}

/** What the line must keep to: both sides of each step, and the ends of the range. Values without the zero point. */
function stepsOf(channel: Staircase, min: number, max: number): Step[] | undefined {
  const steps: Step[] = [];
  const none = Number.POSITIVE_INFINITY;
  for (let level = min + 1; level <= max; level++) {
    const x = leastAccumulator(channel, level);
    if (x <= channel.low || x > channel.high) continue;
    steps.push({ x, least: level, below: none }, { x: x - 1, least: -none, below: level });
  }
  for (const x of [channel.low, channel.high]) {
    const value = multiplyByMultiplier(x, channel);
    if (value === undefined) return undefined;
    steps.push({
      x,
      least: value > min ? Math.min(value, max) : -none,
      below: value < max ? Math.max(value, min) + 1 : none,
    });
  }
  return steps;
}

/** Half a unit in the last place of floats just below a positive value, for multiples of 1/4. */
const HALF_UNITS = Array.from({ length: 2049 }, (_, k) => (k ? 2 ** (Math.ceil(Math.log2(k / 4)) - 25) : 0));

/** A line's code and the ways for which it holds (BLOCK flags). */
export interface Line {
  code: number;
  ways: number;
}

/**
 * The line that holds for both ways if there is one, or else for a fused one.
 *
 * @param channel its multiplier and shift, and the range of its accumulators, int32
 * @param clamp least and greatest output, int8
 * @param zeroPoint of the output
 */
export function findLine(channel: Staircase, clamp: { min: number; max: number }, zeroPoint: number): Line {
  const none = { code: 0, ways: 0 };
  const { multiplier, shift, low, high } = channel;
  const real = fround(multiplier) * 2 ** (-31 - shift);
  // Beyond these the sums of the ways would not be exact in double, or a line not be rounded to an integer.
  const reach = Math.max(-low, high);
  if (!multiplier || shift > 20 || reach >= 2 ** 31 || reach * real >= 2 ** 20) return none;
  const steps = stepsOf(channel, clamp.min - zeroPoint, clamp.max - zeroPoint);
  if (!steps) return none;
  const twoSided = clamp.min < zeroPoint;
  const both = twoSided ? undefined : search(steps, real, [FUSED, ROUNDED], twoSided);
  return both ?? search(steps, real, [FUSED], twoSided) ?? none;
}

/** The first line near `real` that keeps to all steps in all of these ways. */
function search(steps: Step[], real: number, ways: Way[], twoSided: boolean): Line | undefined {
  for (const correction of [0, -1, 1, -2, 2, -3, 3, -4]) {
    const slope = unitsOn(real, correction);
    const unit = slope / 4096;
    const range = offsets(steps, slope, ways.includes(ROUNDED));
    if (range.low >= range.high) continue;
    const middle = (Math.max(range.low, 0) + Math.min(range.high, slope * 1.9)) / 2;
    const offset = Math.round(middle / unit);
    if (offset < 0 || offset >= 2 ** LINE_OFFSET_BITS) continue;
    if (ways.every((way) => holds(way, steps, slope, fround(offset * unit), twoSided))) {
      const code = ((correction + LINE_SLOPE_BIAS) << LINE_OFFSET_BITS) | offset;
      return { code, ways: ways.reduce((set, way) => set | way.bit, 0) };
    }
  }
  return undefined;
}

/**
 * Which offsets keep to all steps: a good guess by the roundings' largest errors, not a proof. A sum is rounded up to an
 * integer from half a unit in the last place below it (fused), or to a quarter less than it (rounded).
 */
function offsets(steps: Step[], slope: number, rounded: boolean): { low: number; high: number } {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (const { x, least, below } of steps) {
    const exact = fround(x) * slope;
    const product = fround(exact);
    // A negative line is the positive one mirrored.
    const reached = x < 0 ? 1 - below : least;
    const missed = x < 0 ? 1 - least : below;
    const small = Math.min(Math.abs(exact), Math.abs(rounded ? product : exact));
    const great = Math.max(Math.abs(exact), Math.abs(rounded ? product : exact));
    if (reached > 0) low = Math.max(low, reached - small - 0.5 - HALF_UNITS[4 * reached - (rounded ? 1 : 0)]!);
    if (missed > 0 && missed < 512) high = Math.min(high, missed - great - 0.5 - HALF_UNITS[4 * missed]!);
  }
  return { low, high };
}

/** Whether the line, computed in this way, keeps to all steps. */
function holds(way: Way, steps: Step[], slope: number, offset: number, twoSided: boolean): boolean {
  return steps.every(({ x, least, below }) => {
    const value = way.value(x, slope, offset, twoSided);
    return value >= least && value < below;
  });
}
