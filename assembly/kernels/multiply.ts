/**
 * Product of two tensors, or of a tensor and a pixel. TFLite's reference (integer_ops/mul.h): the product of both values
 * less their zero points is scaled to the output. |(x - zx) * (y - zy)| <= 255 * 255 < 2^16; the multiplier may shift to
 * the left, which wraps as there. PRELU (reference/prelu.h) is the product where x < zx; a
 * second round over the elements (`above`) puts x - zx by the second multiplier where it is not.
 */
import { clamp, multiplyByMultiplier, multiplyVectorBy } from "../fixed";
import {
  FLAG_PRELU,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_FLAGS,
  STEP_MULTIPLIER_1,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import { narrow, storeSome } from "./block";
import { secondRow, secondStride, secondZeroPoint } from "./operands";

/** The greatest left shift for which products stay below 2^30, as the vectors need. */
const LEFT_MAX = 14;

/**
 * `pixels` pixels of `count` elements, each operand's pixels a stride apart. `above`: 0, or 8, the bytes from the first
 * multiplier and shift in the step to the second, for the round of elements not below their zero point.
 */
export function multiplyScalar(
  file: usize,
  step: usize,
  a: usize,
  b: usize,
  output: usize,
  count: u32,
  pixels: u32,
  strideA: u32,
  strideB: u32,
  strideOut: u32,
  above: u32,
): void {
  const zeroA = load<i32>(inputOf(file, step), TENSOR_ZERO_POINT);
  const zeroB = secondZeroPoint(file, step);
  const zeroOut = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  const multiplier = load<i32>(step + above, STEP_MULTIPLIER_1);
  const shift = load<i32>(step + above, STEP_SHIFT_1);
  for (let p: u32 = 0; p < pixels; ++p) {
    for (let i: u32 = 0; i < count; ++i) {
      const x = <i32>load<u8>(a + i) - zeroA;
      if (above && x < 0) continue;
      const product = above ? x : x * (<i32>load<u8>(b + i) - zeroB);
      const scaled = multiplyByMultiplier(product, multiplier, shift) + zeroOut;
      store<u8>(output + i, clamp(scaled, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX)));
    }
    a += strideA;
    b += strideB;
    output += strideOut;
  }
}

/** The SIMD twin: eight elements at a time down the pixels; a ragged end is computed whole and stored in part. */
export function multiplySimd(
  file: usize,
  step: usize,
  a: usize,
  b: usize,
  output: usize,
  count: u32,
  pixels: u32,
  strideA: u32,
  strideB: u32,
  strideOut: u32,
  above: u32,
): void {
  const zeroA = i16x8.splat(<i16>load<i32>(inputOf(file, step), TENSOR_ZERO_POINT));
  const zeroB = i16x8.splat(<i16>secondZeroPoint(file, step));
  const zeroOut = i16x8.splat(<i16>load<i32>(outputOf(file, step), TENSOR_ZERO_POINT));
  const least = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN));
  const greatest = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX));
  const multiplier = load<i32>(step + above, STEP_MULTIPLIER_1);
  const shift = load<i32>(step + above, STEP_SHIFT_1);
  for (let i: u32 = 0; i < count; i += 8) {
    const some = min(count - i, 8);
    let fromA = a + i;
    let fromB = b + i;
    let to = output + i;
    for (let p: u32 = 0; p < pixels; ++p) {
      const x = i16x8.sub(v128.load8x8_u(fromA), zeroA);
      const y = above ? i16x8.splat(1) : i16x8.sub(v128.load8x8_u(fromB), zeroB);
      const low = multiplyVectorBy(i32x4.extmul_low_i16x8_s(x, y), multiplier, shift);
      const high = multiplyVectorBy(i32x4.extmul_high_i16x8_s(x, y), multiplier, shift);
      let result = narrow(low, high, zeroOut, least, greatest);
      if (above) result = v128.bitselect(v128.load64_zero(to), result, i8x16.narrow_i16x8_s(i16x8.shr_s(x, 15), x));
      storeSome(to, result, some);
      fromA += strideA;
      fromB += strideB;
      to += strideOut;
    }
  }
}

/** Output rows y .. y + rows - 1. */
export function multiply(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const a = inputOf(file, step);
  const output = outputOf(file, step);
  const strideA = load<u32>(a, TENSOR_PIXEL_STRIDE);
  const strideB = secondStride(file, step);
  const strideOut = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const rounds: u32 = load<u32>(step, STEP_FLAGS) & FLAG_PRELU ? 16 : 8;
  const left = min(load<i32>(step, STEP_SHIFT_1), load<i32>(step, STEP_SHIFT_2));
  const vector = ASC_FEATURE_SIMD && left >= -LEFT_MAX;
  let pixels = load<u32>(output, TENSOR_WIDTH);
  let count = load<u32>(output, TENSOR_CHANNELS);
  if (strideA == count && strideB == count && strideOut == count) {
    count *= pixels;
    pixels = 1;
  }
  for (let end = y + rows; y < end; ++y) {
    const fromA = rowAddress(arena, a, y);
    const fromB = secondRow(arena, file, step, y);
    const to = rowAddress(arena, output, y);
    let above: u32 = 0;
    do {
      if (vector) multiplySimd(file, step, fromA, fromB, to, count, pixels, strideA, strideB, strideOut, above);
      else multiplyScalar(file, step, fromA, fromB, to, count, pixels, strideA, strideB, strideOut, above);
      above += 8;
    } while (above < rounds);
  }
}
