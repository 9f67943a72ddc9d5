/**
 * The inner product that convolution, pointwise and fully connected share: rows of pixels times one block of eight
 * output channels. Scalar and SIMD twins have one signature and give the same bytes.
 *
 * Input: rows of `width` pixels, `pixelStride` bytes apart, `inputGap` more from the last of a row to the first of the
 * next; output likewise. Each input pixel is `depth` bytes (rounded up to a multiple of 4; the weights are
 * zero there, so what lies beyond does not matter). Weights: per block of 8 channels, per 4 of depth, per channel, 4 int8.
 * Output: bytes, clamped. Accumulator: int32, which wraps: the input's zero point is in the bias, so what counts is the
 * sum of (x - zx) * w and the bias, |sum| <= depth * 255 * 128 + |bias|, and that wraps where TFLite's does. With a weight zero point z (per-tensor models) sum((x - zx) * (w - z)) is
 * sum(x * w) - z * sum(x) + constants: the bias holds the constants, `sums` the sum of each pixel.
 */
import {
  ACTIVE_GROUPS,
  STATE_FLIP,
  STEP_BIASES,
  STEP_DEPTH,
  STEP_WEIGHTS,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, outputOf } from "../rings";
import { STREAMED } from "../streamed";
import {
  biasHigh,
  biasLow,
  blockBytes,
  blockZeroPoint,
  modeOf,
  prepareBlock,
  requantiseChannel,
  storeSums,
  storeTwo,
} from "./block";
import { matmulPixelRelaxed, matmulRelaxed } from "./matmul-relaxed";
import { addLanes, addPairs, dot } from "./pairs";
import { matmulPart } from "./part";
import { WIDENS } from "./wide";

/**
 * One block, `pixels` pixels in rows of `width`. `channel` is the block's first output channel (a multiple of 8), `count`
 * how many of its eight exist; `output` is the address of `channel` in the first output pixel.
 */
export function matmulScalar(
  arena: usize,
  step: usize,
  input: usize,
  pixelStride: u32,
  inputGap: u32,
  width: u32,
  pixels: u32,
  sums: usize,
  channel: u32,
  count: u32,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  const file = fileOf(arena);
  const depth = load<u32>(step, STEP_DEPTH);
  const groups = (depth + 3) >> 2;
  const block = file + load<u32>(step, STEP_WEIGHTS) + (channel >> 3) * blockBytes(depth);
  const biases = file + load<u32>(step, STEP_BIASES) + (channel << 2);
  const zeroPoint = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  let left = width;
  for (let pixel: u32 = 0; pixel < pixels; ++pixel) {
    const correction = weightZeroPoint ? weightZeroPoint * load<i32>(sums + (pixel << 2)) : 0;
    for (let c: u32 = 0; c < count; ++c) {
      let accumulator = load<i32>(biases + (c << 2)) - correction;
      let x = input;
      let w = block + (c << 2);
      for (let group: u32 = 0; group < groups; ++group) {
        accumulator +=
          <i32>load<u8>(x) * <i32>load<i8>(w) +
          <i32>load<u8>(x, 1) * <i32>load<i8>(w, 1) +
          <i32>load<u8>(x, 2) * <i32>load<i8>(w, 2) +
          <i32>load<u8>(x, 3) * <i32>load<i8>(w, 3);
        x += 4;
        w += 32;
      }
      store<u8>(output + c, requantiseChannel(file, step, channel + c, zeroPoint, accumulator));
    }
    input += pixelStride;
    output += outputStride;
    if (!--left) {
      left = width;
      input += inputGap;
      output += outputGap;
    }
  }
}

/** Four bytes at an address, widened to int16, twice. */
// @ts-ignore: decorator
@inline
function fourTwice(address: usize): v128 {
  return i16x8.extend_low_i8x16_u(v128.load32_splat(address));
}

/**
 * The SIMD twin: two pixels at a time, four vectors of sums for each, of two channels in two halves. Here and in the
 * other SIMD kernels hot loops test at their end: V8's scheduler (before Turboshaft) keeps loop-invariant vectors out of
 * a loop only if its body dominates the loop's exit.
 */
export function matmulSimd(
  arena: usize,
  step: usize,
  input: usize,
  pixelStride: u32,
  inputGap: u32,
  width: u32,
  pixels: u32,
  sums: usize,
  channel: u32,
  count: u32,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  const file = fileOf(arena);
  const depth = load<u32>(step, STEP_DEPTH);
  const groups = (depth + 3) >> 2;
  const block = file + load<u32>(step, STEP_WEIGHTS) + (channel >> 3) * blockBytes(depth);
  const table = prepareBlock(arena, step, channel);
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  const mode = modeOf(table);
  let pixel: u32 = 0;
  let left = width;
  do {
    // Two pixels at a time; where one is left it is computed twice rather than the next read past the input. A third
    // pixel's sums would not fit x86's 16 vector registers.
    const tile = min(pixels - pixel, 2);
    const inputA = input;
    const outputA = output;
    if (tile > 1) {
      input += pixelStride;
      output += outputStride;
      if (!--left) {
        left = width;
        input += inputGap;
        output += outputGap;
      }
    }
    const offsetB = input - inputA;
    let a0 = i64x2.splat(0), a1 = a0, a2 = a0, a3 = a0;
    let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    let x = inputA;
    let w = block;
    let group = groups;
    do {
      const xa = fourTwice(x);
      const xb = fourTwice(x + offsetB);
      const w0 = v128.load8x8_s(w);
      a0 = dot(a0, xa, w0);
      b0 = dot(b0, xb, w0);
      const w1 = v128.load8x8_s(w, 8);
      a1 = dot(a1, xa, w1);
      b1 = dot(b1, xb, w1);
      const w2 = v128.load8x8_s(w, 16);
      a2 = dot(a2, xa, w2);
      b2 = dot(b2, xb, w2);
      const w3 = v128.load8x8_s(w, 24);
      a3 = dot(a3, xa, w3);
      b3 = dot(b3, xb, w3);
      x += 4;
      w += 32;
    } while (--group);
    a0 = i32x4.add(addPairs(a0, a1), biasLow(table));
    a1 = i32x4.add(addPairs(a2, a3), biasHigh(table));
    b0 = i32x4.add(addPairs(b0, b1), biasLow(table));
    b1 = i32x4.add(addPairs(b2, b3), biasHigh(table));
    if (weightZeroPoint) {
      const at = sums + (pixel << 2);
      const correctionA = i32x4.splat(weightZeroPoint * load<i32>(at));
      const correctionB = i32x4.splat(weightZeroPoint * load<i32>(at + ((tile - 1) << 2)));
      a0 = i32x4.sub(a0, correctionA);
      a1 = i32x4.sub(a1, correctionA);
      b0 = i32x4.sub(b0, correctionB);
      b1 = i32x4.sub(b1, correctionB);
    }
    // A pixel computed twice is stored twice, at one address: harmless, and no branch.
    // Where tiles take whatever has many pixels, the lines need no code of their own here.
    if (WIDENS) storeTwo(file, step, channel, table, a0, a1, b0, b1, outputA, output, count);
    else storeSums(file, step, channel, table, mode, a0, a1, b0, b1, outputA, output, count);
    input += pixelStride;
    output += outputStride;
    if (!--left) {
      left = width;
      input += inputGap;
      output += outputGap;
    }
    pixel += tile;
  } while (pixel < pixels);
}

/** Sixteen bytes as four sums. */
// @ts-ignore: decorator
@inline
function addFours(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
}

/** Sums of `depth` bytes of each pixel, to i32 at `sums`. For weights with a zero point. */
export function sumPixelsScalar(input: usize, pixelStride: u32, pixels: u32, depth: u32, sums: usize): void {
  for (const end = sums + (pixels << 2); sums < end; sums += 4) {
    let sum = 0;
    for (let x = input, last = input + depth; x < last; ++x) sum += <i32>load<u8>(x);
    store<i32>(sums, sum);
    input += pixelStride;
  }
}

/** The SIMD twin: sixteen bytes at a time, of the last of them those that belong to the pixel. */
export function sumPixelsSimd(input: usize, pixelStride: u32, pixels: u32, depth: u32, sums: usize): void {
  const whole = depth & ~15;
  const numbers = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const present = i8x16.lt_s(numbers, i8x16.splat(<i8>(depth & 15)));
  for (const end = sums + (pixels << 2); sums < end; sums += 4) {
    const rest = input + whole;
    let four = addFours(v128.and(v128.load(rest), present));
    for (let x = input; x < rest; x += 16) four = i32x4.add(four, addFours(v128.load(x)));
    store<i32>(sums, addLanes(four));
    input += pixelStride;
  }
}

/** The twin of this build. */
// @ts-ignore: decorator
@inline
export function sumPixels(input: usize, pixelStride: u32, pixels: u32, depth: u32, sums: usize): void {
  if (ASC_FEATURE_SIMD) sumPixelsSimd(input, pixelStride, pixels, depth, sums);
  else sumPixelsScalar(input, pixelStride, pixels, depth, sums);
}

/** The twin of this build. */
// @ts-ignore: decorator
@inline
export function matmul(
  arena: usize,
  step: usize,
  input: usize,
  pixelStride: u32,
  inputGap: u32,
  width: u32,
  pixels: u32,
  sums: usize,
  channel: u32,
  count: u32,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  if (STREAMED && load<u32>(step, ACTIVE_GROUPS)) {
    matmulPart(arena, step, input, pixelStride, inputGap, width, pixels, sums, channel, count, output, outputStride, outputGap);
    return;
  }
  if (ASC_FEATURE_RELAXED_SIMD && pixels == 1 && !load<u32>(arena, STATE_FLIP))
    matmulPixelRelaxed(arena, step, input, sums, channel, count, output);
  else if (ASC_FEATURE_RELAXED_SIMD)
    matmulRelaxed(arena, step, input, pixelStride, inputGap, width, pixels, sums, channel, count, output, outputStride, outputGap);
  else if (ASC_FEATURE_SIMD)
    matmulSimd(arena, step, input, pixelStride, inputGap, width, pixels, sums, channel, count, output, outputStride, outputGap);
  else
    matmulScalar(arena, step, input, pixelStride, inputGap, width, pixels, sums, channel, count, output, outputStride, outputGap);
}
