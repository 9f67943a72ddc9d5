/**
 * Sum of two tensors of one shape. TFLite's reference: each input, minus its zero point, is shifted left by 20 bits and
 * scaled to twice the larger input scale, the sum is scaled to the output. |(x - zx) << 20| < 2^28, and the multipliers
 * of the inputs are at most 1/2, so the sum fits int32 with room; the output may lie over either input (element-wise).
 */
import { clamp, multiplyByMultiplier, multiplyVector } from "../fixed";
import {
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  STEP_SHIFT_OUT,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, input2Of, inputOf, outputOf, rowAddress } from "../rings";
import { narrow, storeSome } from "./block";

/** Left shift of both inputs. */
const INPUT_SHIFT = 20;

/** `count` elements. */
export function addScalar(file: usize, step: usize, a: usize, b: usize, output: usize, count: u32): void {
  const zeroA = load<i32>(inputOf(file, step), TENSOR_ZERO_POINT);
  const zeroB = load<i32>(input2Of(file, step), TENSOR_ZERO_POINT);
  const zeroOut = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  for (let i: u32 = 0; i < count; ++i) {
    const x = (<i32>load<i8>(a + i) - zeroA) << INPUT_SHIFT;
    const y = (<i32>load<i8>(b + i) - zeroB) << INPUT_SHIFT;
    const sum =
      multiplyByMultiplier(x, load<i32>(step, STEP_MULTIPLIER_1), load<i32>(step, STEP_SHIFT_1)) +
      multiplyByMultiplier(y, load<i32>(step, STEP_MULTIPLIER_2), load<i32>(step, STEP_SHIFT_2));
    const scaled = multiplyByMultiplier(sum, load<i32>(step, STEP_MULTIPLIER_OUT), load<i32>(step, STEP_SHIFT_OUT));
    store<i8>(output + i, clamp(scaled + zeroOut, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX)));
  }
}

/**
 * multiplyByMultiplier with one multiplier and right shift >= 0 for all lanes. Needs |x| < 2^30 (see multiplyVector):
 * inputs are below 2^28, their sum below 2^28.
 */
// @ts-ignore: decorator
@inline
function scale(x: v128, multiplier: i32, shift: i32): v128 {
  const two = i32x4.splat(2);
  // Lanes of one shift need no scaling to a common one: scale is 2, whose rounding constants assume shift > 0.
  const round = i32x4.splat((1 << shift) >>> 1);
  const negative = i32x4.splat(shift ? -1 : 0);
  const first = i64x2.splat(<i64>1 << 31);
  return multiplyVector(x, two, i32x4.splat(multiplier), first, first, round, negative, shift);
}

/** The SIMD twin: eight elements at a time; a ragged end is computed whole and stored in part. */
export function addSimd(file: usize, step: usize, a: usize, b: usize, output: usize, count: u32): void {
  const zeroA = i16x8.splat(<i16>load<i32>(inputOf(file, step), TENSOR_ZERO_POINT));
  const zeroB = i16x8.splat(<i16>load<i32>(input2Of(file, step), TENSOR_ZERO_POINT));
  const zeroOut = i16x8.splat(<i16>load<i32>(outputOf(file, step), TENSOR_ZERO_POINT));
  const least = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN));
  const greatest = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX));
  const multiplierA = load<i32>(step, STEP_MULTIPLIER_1);
  const multiplierB = load<i32>(step, STEP_MULTIPLIER_2);
  const multiplierOut = load<i32>(step, STEP_MULTIPLIER_OUT);
  const shiftA = load<i32>(step, STEP_SHIFT_1);
  const shiftB = load<i32>(step, STEP_SHIFT_2);
  const shiftOut = load<i32>(step, STEP_SHIFT_OUT);
  for (let i: u32 = 0; i < count; i += 8) {
    const x = i16x8.sub(v128.load8x8_s(a + i), zeroA);
    const y = i16x8.sub(v128.load8x8_s(b + i), zeroB);
    const x0 = scale(i32x4.shl(i32x4.extend_low_i16x8_s(x), INPUT_SHIFT), multiplierA, shiftA);
    const x1 = scale(i32x4.shl(i32x4.extend_high_i16x8_s(x), INPUT_SHIFT), multiplierA, shiftA);
    const y0 = scale(i32x4.shl(i32x4.extend_low_i16x8_s(y), INPUT_SHIFT), multiplierB, shiftB);
    const y1 = scale(i32x4.shl(i32x4.extend_high_i16x8_s(y), INPUT_SHIFT), multiplierB, shiftB);
    const r0 = scale(i32x4.add(x0, y0), multiplierOut, shiftOut);
    const r1 = scale(i32x4.add(x1, y1), multiplierOut, shiftOut);
    storeSome(output + i, narrow(r0, r1, zeroOut, least, greatest), min(count - i, 8));
  }
}

/** Output rows y .. y + rows - 1. */
export function add(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const a = inputOf(file, step);
  const b = input2Of(file, step);
  const output = outputOf(file, step);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const strideA = load<u32>(a, TENSOR_PIXEL_STRIDE);
  const strideB = load<u32>(b, TENSOR_PIXEL_STRIDE);
  const strideOut = load<u32>(output, TENSOR_PIXEL_STRIDE);
  let pixels = load<u32>(output, TENSOR_WIDTH);
  let count = channels;
  if (strideA == channels && strideB == channels && strideOut == channels) {
    count *= pixels;
    pixels = 1;
  }
  for (let end = y + rows; y < end; ++y) {
    let fromA = rowAddress(arena, a, y);
    let fromB = rowAddress(arena, b, y);
    let to = rowAddress(arena, output, y);
    for (let p: u32 = 0; p < pixels; ++p) {
      if (ASC_FEATURE_SIMD) addSimd(file, step, fromA, fromB, to, count);
      else addScalar(file, step, fromA, fromB, to, count);
      fromA += strideA;
      fromB += strideB;
      to += strideOut;
    }
  }
}
