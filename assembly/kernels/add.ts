/**
 * Sum or difference of two tensors, or of a tensor and a pixel. TFLite's reference: each input, minus its zero point, is shifted left by 20 bits and
 * scaled to twice the larger input scale, the sum is scaled to the output. |(x - zx) << 20| < 2^28, and the multipliers
 * of the inputs are at most 1/2, so the sum fits int32 with room; the output may lie over either input (element-wise).
 * A subtracted operand is scaled before it changes its sign, so that ties round as in the reference.
 */
import { clamp, multiplyByMultiplier, multiplyVectorBy } from "../fixed";
import {
  FLAG_MINUS_1,
  FLAG_MINUS_2,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_FLAGS,
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
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import { narrow, storeSome } from "./block";
import { secondRow, secondStride, secondZeroPoint } from "./operands";

/** Left shift of both inputs. */
const INPUT_SHIFT = 20;

/** All ones if a step has the flag, else 0: (x ^ sign) - sign is -x or x. */
function signOf(step: usize, flag: u32): i32 {
  return -i32((load<u32>(step, STEP_FLAGS) & flag) != 0);
}

/** `count` elements. */
export function addScalar(file: usize, step: usize, a: usize, b: usize, output: usize, count: u32): void {
  const zeroA = load<i32>(inputOf(file, step), TENSOR_ZERO_POINT);
  const zeroB = secondZeroPoint(file, step);
  const zeroOut = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  const signA = signOf(step, FLAG_MINUS_1);
  const signB = signOf(step, FLAG_MINUS_2);
  for (let i: u32 = 0; i < count; ++i) {
    const x = (<i32>load<i8>(a + i) - zeroA) << INPUT_SHIFT;
    const y = (<i32>load<i8>(b + i) - zeroB) << INPUT_SHIFT;
    const scaledX = multiplyByMultiplier(x, load<i32>(step, STEP_MULTIPLIER_1), load<i32>(step, STEP_SHIFT_1));
    const scaledY = multiplyByMultiplier(y, load<i32>(step, STEP_MULTIPLIER_2), load<i32>(step, STEP_SHIFT_2));
    const sum = (scaledX ^ signA) - signA + (scaledY ^ signB) - signB;
    const scaled = multiplyByMultiplier(sum, load<i32>(step, STEP_MULTIPLIER_OUT), load<i32>(step, STEP_SHIFT_OUT));
    store<i8>(output + i, clamp(scaled + zeroOut, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX)));
  }
}

/** The SIMD twin: eight elements at a time; a ragged end is computed whole and stored in part. */
export function addSimd(file: usize, step: usize, a: usize, b: usize, output: usize, count: u32): void {
  const zeroA = i16x8.splat(<i16>load<i32>(inputOf(file, step), TENSOR_ZERO_POINT));
  const zeroB = i16x8.splat(<i16>secondZeroPoint(file, step));
  const zeroOut = i16x8.splat(<i16>load<i32>(outputOf(file, step), TENSOR_ZERO_POINT));
  const least = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN));
  const greatest = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX));
  const multiplierA = load<i32>(step, STEP_MULTIPLIER_1);
  const multiplierB = load<i32>(step, STEP_MULTIPLIER_2);
  const multiplierOut = load<i32>(step, STEP_MULTIPLIER_OUT);
  const shiftA = load<i32>(step, STEP_SHIFT_1);
  const shiftB = load<i32>(step, STEP_SHIFT_2);
  const shiftOut = load<i32>(step, STEP_SHIFT_OUT);
  const signA = i32x4.splat(signOf(step, FLAG_MINUS_1));
  const signB = i32x4.splat(signOf(step, FLAG_MINUS_2));
  const signs = i32x4.add(signA, signB);
  for (let i: u32 = 0; i < count; i += 8) {
    const x = i16x8.sub(v128.load8x8_s(a + i), zeroA);
    const y = i16x8.sub(v128.load8x8_s(b + i), zeroB);
    const x0 = multiplyVectorBy(i32x4.shl(i32x4.extend_low_i16x8_s(x), INPUT_SHIFT), multiplierA, shiftA);
    const x1 = multiplyVectorBy(i32x4.shl(i32x4.extend_high_i16x8_s(x), INPUT_SHIFT), multiplierA, shiftA);
    const y0 = multiplyVectorBy(i32x4.shl(i32x4.extend_low_i16x8_s(y), INPUT_SHIFT), multiplierB, shiftB);
    const y1 = multiplyVectorBy(i32x4.shl(i32x4.extend_high_i16x8_s(y), INPUT_SHIFT), multiplierB, shiftB);
    const sum0 = i32x4.sub(i32x4.add(v128.xor(x0, signA), v128.xor(y0, signB)), signs);
    const sum1 = i32x4.sub(i32x4.add(v128.xor(x1, signA), v128.xor(y1, signB)), signs);
    const r0 = multiplyVectorBy(sum0, multiplierOut, shiftOut);
    const r1 = multiplyVectorBy(sum1, multiplierOut, shiftOut);
    storeSome(output + i, narrow(r0, r1, zeroOut, least, greatest), min(count - i, 8));
  }
}

/** Output rows y .. y + rows - 1. */
export function add(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const a = inputOf(file, step);
  const output = outputOf(file, step);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const strideA = load<u32>(a, TENSOR_PIXEL_STRIDE);
  const strideB = secondStride(file, step);
  const strideOut = load<u32>(output, TENSOR_PIXEL_STRIDE);
  // A sum may fill 30 bits, so a left shift wraps, in scalars as in the reference.
  const vector = ASC_FEATURE_SIMD && load<i32>(step, STEP_SHIFT_OUT) >= 0;
  let pixels = load<u32>(output, TENSOR_WIDTH);
  let count = channels;
  if (strideA == channels && strideB == channels && strideOut == channels) {
    count *= pixels;
    pixels = 1;
  }
  for (let end = y + rows; y < end; ++y) {
    let fromA = rowAddress(arena, a, y);
    let fromB = secondRow(arena, file, step, y);
    let to = rowAddress(arena, output, y);
    for (let p: u32 = 0; p < pixels; ++p) {
      if (vector) addSimd(file, step, fromA, fromB, to, count);
      else addScalar(file, step, fromA, fromB, to, count);
      fromA += strideA;
      fromB += strideB;
      to += strideOut;
    }
  }
}
