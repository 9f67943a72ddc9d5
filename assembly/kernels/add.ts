/**
 * Sum or difference of two tensors, or of a tensor and a pixel. TFLite's reference: each input, minus its zero point, is
 * shifted left by 20 bits and scaled to twice the larger input scale, the sum is scaled to the output. |(x - zx) << 20| < 2^28, and the multipliers
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
  STEP_PLANE,
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
import { interleaveWordsHigh, interleaveWordsLow } from "./interleave";
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
    const x = (<i32>load<u8>(a + i) - zeroA) << INPUT_SHIFT;
    const y = (<i32>load<u8>(b + i) - zeroB) << INPUT_SHIFT;
    const scaledX = multiplyByMultiplier(x, load<i32>(step, STEP_MULTIPLIER_1), load<i32>(step, STEP_SHIFT_1));
    const scaledY = multiplyByMultiplier(y, load<i32>(step, STEP_MULTIPLIER_2), load<i32>(step, STEP_SHIFT_2));
    const sum = (scaledX ^ signA) - signA + (scaledY ^ signB) - signB;
    const scaled = multiplyByMultiplier(sum, load<i32>(step, STEP_MULTIPLIER_OUT), load<i32>(step, STEP_SHIFT_OUT));
    store<u8>(output + i, clamp(scaled + zeroOut, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX)));
  }
}

/**
 * multiplyByMultiplier(x << 20, multiplier, shift) for |x| < 2^9 in 32 bits. With multiplier = high * 2^16 + low, |low|
 * <= 2^15, the first rounding floor((x * multiplier + 2^10) / 2^11) is x * high * 2^5 + floor((x * low + 2^10) / 2^11),
 * and no product exceeds 2^24.
 */
// @ts-ignore: decorator
@inline
function scaleInput(x: v128, high: v128, low: v128, round: v128, negative: v128, shift: i32): v128 {
  const below = i32x4.shr_s(i32x4.add(i32x4.mul(x, low), i32x4.splat(1 << 10)), 11);
  const first = i32x4.add(i32x4.shl(i32x4.mul(x, high), 5), below);
  const correction = i32x4.add(round, v128.and(i32x4.shr_s(x, 31), negative));
  return i32x4.shr_s(i32x4.add(first, correction), shift);
}

/** The factor 1/2, which the input of the larger scale always has. */
const HALF = 1 << 30;

/**
 * The SIMD twin for a first input of factor 1/2, where multiplying is a shift by 19: eight elements at a time; a ragged
 * end is computed whole and stored in part. zeroHalf is the first input's zero point, the rest the second's.
 */
function addHalf(
  file: usize,
  step: usize,
  half: usize,
  other: usize,
  output: usize,
  count: u32,
  zeroHalf: i32,
  zeroOther: i32,
  multiplier: i32,
  shift: i32,
): void {
  const zeroA = i16x8.splat(<i16>zeroHalf);
  const zeroB = i16x8.splat(<i16>zeroOther);
  const zeroOut = i16x8.splat(<i16>load<i32>(outputOf(file, step), TENSOR_ZERO_POINT));
  const least = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN));
  const greatest = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX));
  const low = i32x4.splat(<i32>(<i16>multiplier));
  const high = i32x4.splat((multiplier - <i32>(<i16>multiplier)) >> 16);
  const round = i32x4.splat((1 << shift) >>> 1);
  const negative = i32x4.splat(shift ? -1 : 0);
  const shiftOut = load<i32>(step, STEP_SHIFT_OUT);
  const multiplierOut = load<i32>(step, STEP_MULTIPLIER_OUT);
  let left = count;
  do {
    const x = i16x8.sub(v128.load8x8_u(half), zeroA);
    const y = i16x8.sub(v128.load8x8_u(other), zeroB);
    const x0 = i32x4.shl(i32x4.extend_low_i16x8_s(x), INPUT_SHIFT - 1);
    const x1 = i32x4.shl(i32x4.extend_high_i16x8_s(x), INPUT_SHIFT - 1);
    const y0 = scaleInput(i32x4.extend_low_i16x8_s(y), high, low, round, negative, shift);
    const y1 = scaleInput(i32x4.extend_high_i16x8_s(y), high, low, round, negative, shift);
    // The sums are below 2^28.
    const r0 = multiplyVectorBy(i32x4.add(x0, y0), multiplierOut, shiftOut);
    const r1 = multiplyVectorBy(i32x4.add(x1, y1), multiplierOut, shiftOut);
    const present = min(left, 8);
    storeSome(output, narrow(r0, r1, zeroOut, least, greatest), present);
    half += 8;
    other += 8;
    output += 8;
    left -= present;
  } while (left);
}

/**
 * The SIMD twin where the packer found a plane, whose every result it compared with the reference's: with t = (a - za) *
 * first + (b - zb) * second, (t + round + [t < 0] * -1) >> shift. |first| + |second| < 2^23, so that t fits int32. The
 * products are made in two halves of the factors, for a dot product of int16 takes both operands at once.
 */
function addPlane(file: usize, step: usize, a: usize, b: usize, output: usize, count: u32): void {
  const plane = file + load<u32>(step, STEP_PLANE);
  const first = load<i32>(plane);
  const second = load<i32>(plane, 4);
  const firstLow = (first << 20) >> 20;
  const secondLow = (second << 20) >> 20;
  const low = i32x4.splat((firstLow & 0xffff) | (secondLow << 16));
  const high = i32x4.splat((((first - firstLow) >> 12) & 0xffff) | (((second - secondLow) >> 12) << 16));
  const zeros = i32x4.splat(-load<i32>(inputOf(file, step), TENSOR_ZERO_POINT) * first - secondZeroPoint(file, step) * second);
  const round = i32x4.splat(load<i32>(plane, 8));
  const shift = load<i32>(plane, 12);
  const zeroOut = i16x8.splat(<i16>load<i32>(outputOf(file, step), TENSOR_ZERO_POINT));
  const least = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN));
  const greatest = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX));
  let left = count;
  do {
    const x = v128.load8x8_u(a);
    const y = v128.load8x8_u(b);
    const pairs0 = interleaveWordsLow(x, y);
    const pairs1 = interleaveWordsHigh(x, y);
    let t0 = i32x4.add(i32x4.shl(i32x4.dot_i16x8_s(pairs0, high), 12), i32x4.add(i32x4.dot_i16x8_s(pairs0, low), zeros));
    let t1 = i32x4.add(i32x4.shl(i32x4.dot_i16x8_s(pairs1, high), 12), i32x4.add(i32x4.dot_i16x8_s(pairs1, low), zeros));
    t0 = i32x4.add(i32x4.add(t0, round), i32x4.shr_s(t0, 31));
    t1 = i32x4.add(i32x4.add(t1, round), i32x4.shr_s(t1, 31));
    const present = min(left, 8);
    storeSome(output, narrow(i32x4.shr_s(t0, shift), i32x4.shr_s(t1, shift), zeroOut, least, greatest), present);
    a += 8;
    b += 8;
    output += 8;
    left -= present;
  } while (left);
}

/** The SIMD twin. The input of the larger scale has factor 1/2 and comes first; a file without one is taken as it is. */
export function addSimd(file: usize, step: usize, a: usize, b: usize, output: usize, count: u32): void {
  if (load<u32>(step, STEP_PLANE)) return addPlane(file, step, a, b, output, count);
  const multiplierA = load<i32>(step, STEP_MULTIPLIER_1);
  const multiplierB = load<i32>(step, STEP_MULTIPLIER_2);
  const shiftA = load<i32>(step, STEP_SHIFT_1);
  const shiftB = load<i32>(step, STEP_SHIFT_2);
  const zeroA = load<i32>(inputOf(file, step), TENSOR_ZERO_POINT);
  const zeroB = secondZeroPoint(file, step);
  // Differences are left to the scalar kernel. The vectors know shifts to the right by less than 32 only, as all files
  // have that this packer writes.
  const minus = load<u32>(step, STEP_FLAGS) & (FLAG_MINUS_1 | FLAG_MINUS_2);
  const right = !minus && <u32>shiftA < 32 && <u32>shiftB < 32 && load<u32>(step, STEP_SHIFT_OUT) < 32;
  if (right && multiplierA == HALF && !shiftA) {
    addHalf(file, step, a, b, output, count, zeroA, zeroB, multiplierB, shiftB);
  } else if (right && multiplierB == HALF && !shiftB) {
    addHalf(file, step, b, a, output, count, zeroB, zeroA, multiplierA, shiftA);
  } else addScalar(file, step, a, b, output, count);
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
