/**
 * Requantisation along a line: in floats, and yet exact.
 *
 * multiplyByMultiplier and the clamp make a staircase of at most 256 steps of an accumulator x. A line
 *   x * slope + 1/2 + offset,
 * of which the integer part is taken, is a staircase as well, for each of its operations (conversion, product, sum,
 * rounding) is monotonic, and two staircases are the same if every step lies at the same x. The packer looks for a slope
 * and an offset near the true ones for which that holds at each step which x can reach, and stores them as corrections;
 * where it finds none the block is requantised in integers. tools/weight-packer/lower/line.ts does so.
 *
 * TFLite rounds twice and ties away from zero, so that negative x lie on the mirrored line; where the clamp lets no
 * negative result through that does not matter.
 *
 * The relaxed build computes a line with one rounding (x * slope + offset fused, which relaxed.ts asks the host for) and
 * truncates. The simd build rounds the product and the sum, and finds the integer by another sum. The codes of a block
 * are proved for the first or for both (BLOCK_FUSED, BLOCK_ROUNDED), the mirrored lines for the first only.
 *
 * A code is u16: in bits 13..15 the correction of the slope in units in the last place, plus LINE_SLOPE_BIAS; in bits
 * 0..12 the offset in 1/4096 of the slope.
 */
import { BLOCK_FUSED, BLOCK_ROUNDED, LINE_OFFSET_BITS, LINE_SLOPE_BIAS } from "./layout";

/** The block's flag for this build's way. */
export const LINE_WAY: u32 = ASC_FEATURE_RELAXED_SIMD ? BLOCK_FUSED : BLOCK_ROUNDED;

/** Slopes of four channels: multiplier * 2^(-31 - shift) as f32, some units in the last place off. */
// @ts-ignore: decorator
@inline
export function lineSlope(codes: v128, multipliers: v128, shifts: v128): v128 {
  const units = i32x4.sub(i32x4.shr_u(codes, LINE_OFFSET_BITS), i32x4.splat(LINE_SLOPE_BIAS));
  // The exponent is taken off the bits: multipliers are 2^30 .. 2^31, so that it stays positive for all shifts.
  const exponent = i32x4.shl(i32x4.add(shifts, i32x4.splat(31)), 23);
  return i32x4.add(i32x4.sub(f32x4.convert_i32x4_s(multipliers), exponent), units);
}

/** Offsets of four channels, 1/2 not included. */
// @ts-ignore: decorator
@inline
export function lineOffset(codes: v128, slope: v128): v128 {
  const units = f32x4.convert_i32x4_s(v128.and(codes, i32x4.splat((1 << LINE_OFFSET_BITS) - 1)));
  return f32x4.mul(units, f32x4.mul(slope, f32x4.splat(1.0 / 4096)));
}

/** What `lineValue` adds to x * slope: 1/2 + offset, or 1/4 less where it rounds to halves itself. */
// @ts-ignore: decorator
@inline
export function lineSum(offset: v128): v128 {
  return f32x4.add(f32x4.splat(ASC_FEATURE_RELAXED_SIMD ? 0.5 : 0.25), offset);
}

/** 1.5 * 2^22: a float plus this is rounded to a half, ties to an integer, and the number of halves is in its low bits. */
const HALVES: f32 = 6291456;

/**
 * The bits that this build's way needs in each lane: HALVES, or for linesValue the sign. They are handed in, from memory:
 * V8 would make a constant anew at each use, in three instructions.
 */
export const LINE_CONSTANT: i32 = ASC_FEATURE_RELAXED_SIMD ? i32.MIN_VALUE : reinterpret<i32>(HALVES);

/**
 * Four accumulators' integers, in the simd build twice as much (halves; see narrowLine); the packer proves that
 * |x * slope| < 2^20. `constant`: LINE_CONSTANT in each lane.
 */
// @ts-ignore: decorator
@inline
export function lineValue(x: v128, slope: v128, sum: v128, constant: v128): v128 {
  const real = f32x4.convert_i32x4_s(x);
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(f32x4.relaxed_madd(real, slope, sum));
  return i32x4.sub(f32x4.add(f32x4.add(f32x4.mul(real, slope), sum), constant), constant);
}

/**
 * The same with the mirrored line for negative accumulators, for the relaxed build: the sum has the accumulator's sign.
 * The simd build's would need as many operations as multiplyVector.
 */
// @ts-ignore: decorator
@inline
export function linesValue(x: v128, slope: v128, sum: v128, constant: v128): v128 {
  return lineValue(x, slope, v128.or(sum, v128.and(x, constant)), constant);
}
