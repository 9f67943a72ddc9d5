/**
 * Depthwise convolution of any kernel, stride, dilation and channel multiplier.
 *
 * Weights: int8 [kernelHeight * kernelWidth, output channels rounded up to 8]. Output channel o reads input channel
 * o / multiplier. Accumulator: int32, sum of x * (w - z), |x * (w - z)| <= 128 * 255 < 2^15, so that each product is
 * exact in int16; the bias holds -zx * sum(w - z).
 * Scratch: per tap the address of its input pixel for output column 0, and a mask: all ones, or zero for a tap in a row
 * outside of the input, whose address stays at the pad pixel. Inner loops thus know no edges.
 */
import {
  FLAG_VECTOR,
  STEP_BIASES,
  STEP_DEPTH,
  STEP_DILATION_X,
  STEP_DILATION_Y,
  STEP_FLAGS,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  STEP_WEIGHTS,
  STEP_WEIGHT_ZERO_POINT,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, inputOf, outputOf, outside, padPixel, rowAddress, scratchOf } from "../rings";
import { multiplyVector } from "../fixed";
import { biasHigh, biasLow, prepareBlock, requantiseChannel, storeBlock, storeLanes } from "./block";

/** Writes the table of taps for output row y: u32 address, u32 mask, for each of kernelHeight * kernelWidth taps. */
function tabulate(arena: usize, step: usize, input: usize, y: u32, table: usize): void {
  const kernelHeight = load<u32>(step, STEP_KERNEL_HEIGHT);
  const kernelWidth = load<u32>(step, STEP_KERNEL_WIDTH);
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  const tapStride = load<u32>(step, STEP_DILATION_X) * pixelStride;
  let inputY = <i32>(y * load<u32>(step, STEP_STRIDE_Y)) - load<i32>(step, STEP_PAD_TOP);
  for (let ky: u32 = 0; ky < kernelHeight; ++ky) {
    const beyond = outside(input, inputY);
    const mask: u32 = beyond ? 0 : 0xffffffff;
    let address = beyond
      ? padPixel(arena, input)
      : rowAddress(arena, input, inputY) - load<u32>(step, STEP_PAD_LEFT) * pixelStride;
    for (let kx: u32 = 0; kx < kernelWidth; ++kx) {
      store<u32>(table, address);
      store<u32>(table, mask, 4);
      table += 8;
      address += tapStride & mask;
    }
    inputY += load<i32>(step, STEP_DILATION_Y);
  }
}

/** One output row, eight output channels from `channel` of which `count` exist; `output` is their address in pixel 0. */
export function depthwiseScalar(
  arena: usize,
  step: usize,
  table: usize,
  taps: u32,
  channel: u32,
  count: u32,
  output: usize,
): void {
  const file = fileOf(arena);
  const outputTensor = outputOf(file, step);
  const multiplier = load<u32>(step, STEP_DEPTH);
  const channels = load<u32>(outputTensor, TENSOR_CHANNELS);
  const weightStride = (channels + 7) & ~7;
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const zeroPoint = load<i32>(outputTensor, TENSOR_ZERO_POINT);
  const weightZeroPoint = load<i32>(step, STEP_WEIGHT_ZERO_POINT);
  const advance = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  for (let c: u32 = 0; c < count; ++c) {
    const o = channel + c;
    const inputChannel = o / multiplier;
    const weights = file + load<u32>(step, STEP_WEIGHTS) + o;
    const bias = load<i32>(file + load<u32>(step, STEP_BIASES) + (o << 2));
    let to = output + c;
    let columns: u32 = 0;
    for (let x: u32 = 0; x < width; ++x) {
      let accumulator = bias;
      let w = weights;
      let tap = table;
      for (let t: u32 = 0; t < taps; ++t) {
        const address = load<u32>(tap) + inputChannel + (columns & load<u32>(tap, 4));
        accumulator += <i32>load<i8>(address) * (<i32>load<i8>(w) - weightZeroPoint);
        w += weightStride;
        tap += 8;
      }
      store<i8>(to, requantiseChannel(file, step, o, zeroPoint, accumulator));
      to += outputStride;
      columns += advance;
    }
  }
}

/** The SIMD twin; takes channel multiplier 1 (others are rare and left to the scalar kernel). */
export function depthwiseSimd(
  arena: usize,
  step: usize,
  tapTable: usize,
  taps: u32,
  channel: u32,
  count: u32,
  output: usize,
): void {
  const file = fileOf(arena);
  const outputTensor = outputOf(file, step);
  const channels = load<u32>(outputTensor, TENSOR_CHANNELS);
  const weightStride = (channels + 7) & ~7;
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const table = prepareBlock(arena, step, channel);
  const scale0 = v128.load(table), scale1 = v128.load(table, 96);
  const m0 = v128.load(table, 16), m1 = v128.load(table, 112);
  const low0 = v128.load(table, 32), low1 = v128.load(table, 128);
  const high0 = v128.load(table, 48), high1 = v128.load(table, 144);
  const round0 = v128.load(table, 64), round1 = v128.load(table, 160);
  const negative0 = v128.load(table, 80), negative1 = v128.load(table, 176);
  const common0 = load<i32>(table, 272), common1 = load<i32>(table, 276);
  const weightZeroPoint = i16x8.splat(<i16>load<i32>(step, STEP_WEIGHT_ZERO_POINT));
  const advance = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  const weights = file + load<u32>(step, STEP_WEIGHTS) + channel;
  const vector = load<u32>(step, STEP_FLAGS) & FLAG_VECTOR;
  let columns: u32 = 0;
  let x = width;
  do {
    let a0 = biasLow(table);
    let a1 = biasHigh(table);
    let w = weights;
    let tap = tapTable;
    for (let t: u32 = 0; t < taps; ++t) {
      const address = load<u32>(tap) + channel + (columns & load<u32>(tap, 4));
      const product = i16x8.mul(v128.load8x8_s(address), i16x8.sub(v128.load8x8_s(w), weightZeroPoint));
      a0 = i32x4.add(a0, i32x4.extend_low_i16x8_s(product));
      a1 = i32x4.add(a1, i32x4.extend_high_i16x8_s(product));
      w += weightStride;
      tap += 8;
    }
    if (vector) {
      storeBlock(
        table,
        multiplyVector(a0, scale0, m0, low0, high0, round0, negative0, common0),
        multiplyVector(a1, scale1, m1, low1, high1, round1, negative1, common1),
        output,
        count,
      );
    } else storeLanes(file, step, channel, table, a0, a1, output, count);
    output += outputStride;
    columns += advance;
  } while (--x);
}

/** Eight int8 of row 0 and of row 1, interleaved: (a0 b0 a1 b1 ...). */
// @ts-ignore: decorator
@inline
function interleave(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Eight weights of two taps, zero point subtracted, as (a0 b0 a1 b1 a2 b2 a3 b3) in int16: channels 0..3. */
// @ts-ignore: decorator
@inline
function weightsLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

/** The same of channels 4..7. */
// @ts-ignore: decorator
@inline
function weightsHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

/** sum + pairs of int16 products. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, x: v128, w: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, w));
}

/**
 * depthwiseSimd for 3x3 kernels with horizontal dilation 1 and horizontal stride 1 or 2. Each input column is loaded
 * once: rows 0 and 1 interleaved, row 2 interleaved with zeros, widened, so that one dot product takes two taps; it goes
 * into the sums of every output that it is part of. Sums of one dot: 2 * 128 * 255 < 2^31.
 */
export function depthwise3x3Simd(
  arena: usize,
  step: usize,
  tapTable: usize,
  taps: u32,
  channel: u32,
  count: u32,
  output: usize,
): void {
  const file = fileOf(arena);
  const outputTensor = outputOf(file, step);
  const channels = load<u32>(outputTensor, TENSOR_CHANNELS);
  const weightStride = (channels + 7) & ~7;
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const table = prepareBlock(arena, step, channel);
  const scale0 = v128.load(table), scale1 = v128.load(table, 96);
  const m0 = v128.load(table, 16), m1 = v128.load(table, 112);
  const low0 = v128.load(table, 32), low1 = v128.load(table, 128);
  const high0 = v128.load(table, 48), high1 = v128.load(table, 144);
  const round0 = v128.load(table, 64), round1 = v128.load(table, 160);
  const negative0 = v128.load(table, 80), negative1 = v128.load(table, 176);
  const common0 = load<i32>(table, 272), common1 = load<i32>(table, 276);
  const pixelStride = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE);
  const strideX = load<u32>(step, STEP_STRIDE_X);
  const bias0 = biasLow(table);
  const bias1 = biasHigh(table);

  const none = i64x2.splat(0);
  const weightZeroPoint = i16x8.splat(<i16>load<i32>(step, STEP_WEIGHT_ZERO_POINT));
  let w = file + load<u32>(step, STEP_WEIGHTS) + channel;
  const w00 = i16x8.sub(v128.load8x8_s(w), weightZeroPoint);
  const w01 = i16x8.sub(v128.load8x8_s(w + weightStride), weightZeroPoint);
  const w02 = i16x8.sub(v128.load8x8_s(w + 2 * weightStride), weightZeroPoint);
  w += 3 * weightStride;
  const w10 = i16x8.sub(v128.load8x8_s(w), weightZeroPoint);
  const w11 = i16x8.sub(v128.load8x8_s(w + weightStride), weightZeroPoint);
  const w12 = i16x8.sub(v128.load8x8_s(w + 2 * weightStride), weightZeroPoint);
  w += 3 * weightStride;
  const w20 = i16x8.sub(v128.load8x8_s(w), weightZeroPoint);
  const w21 = i16x8.sub(v128.load8x8_s(w + weightStride), weightZeroPoint);
  const w22 = i16x8.sub(v128.load8x8_s(w + 2 * weightStride), weightZeroPoint);
  const upper0Low = weightsLow(w00, w10), upper0High = weightsHigh(w00, w10);
  const upper1Low = weightsLow(w01, w11), upper1High = weightsHigh(w01, w11);
  const upper2Low = weightsLow(w02, w12), upper2High = weightsHigh(w02, w12);
  const lower0Low = weightsLow(w20, none), lower0High = weightsHigh(w20, none);
  const lower1Low = weightsLow(w21, none), lower1High = weightsHigh(w21, none);
  const lower2Low = weightsLow(w22, none), lower2High = weightsHigh(w22, none);

  let p0: usize = load<u32>(tapTable) + channel;
  let p1: usize = load<u32>(tapTable, 24) + channel;
  let p2: usize = load<u32>(tapTable, 48) + channel;
  const step0 = pixelStride & load<u32>(tapTable, 4);
  const step1 = pixelStride & load<u32>(tapTable, 28);
  const step2 = pixelStride & load<u32>(tapTable, 52);

  // Sums of the output whose last column comes next (a) and, with stride 1, of the one after it (b).
  let a0 = bias0, a1 = bias1, b0 = bias0, b1 = bias1;
  // Columns that open the first output: two with stride 1, one with stride 2 (its second comes in the loop).
  let upper = interleave(v128.load64_zero(p0), v128.load64_zero(p1));
  let lower = interleave(v128.load64_zero(p2), none);
  let upperLow = i16x8.extend_low_i8x16_s(upper), upperHigh = i16x8.extend_high_i8x16_s(upper);
  let lowerLow = i16x8.extend_low_i8x16_s(lower), lowerHigh = i16x8.extend_high_i8x16_s(lower);
  a0 = dot(dot(a0, upperLow, upper0Low), lowerLow, lower0Low);
  a1 = dot(dot(a1, upperHigh, upper0High), lowerHigh, lower0High);
  p0 += step0;
  p1 += step1;
  p2 += step2;
  if (strideX == 1) {
    upper = interleave(v128.load64_zero(p0), v128.load64_zero(p1));
    lower = interleave(v128.load64_zero(p2), none);
    upperLow = i16x8.extend_low_i8x16_s(upper), upperHigh = i16x8.extend_high_i8x16_s(upper);
    lowerLow = i16x8.extend_low_i8x16_s(lower), lowerHigh = i16x8.extend_high_i8x16_s(lower);
    a0 = dot(dot(a0, upperLow, upper1Low), lowerLow, lower1Low);
    a1 = dot(dot(a1, upperHigh, upper1High), lowerHigh, lower1High);
    b0 = dot(dot(b0, upperLow, upper0Low), lowerLow, lower0Low);
    b1 = dot(dot(b1, upperHigh, upper0High), lowerHigh, lower0High);
    p0 += step0;
    p1 += step1;
    p2 += step2;
  }
  let x = width;
  do {
    if (strideX == 2) {
      upper = interleave(v128.load64_zero(p0), v128.load64_zero(p1));
      lower = interleave(v128.load64_zero(p2), none);
      upperLow = i16x8.extend_low_i8x16_s(upper), upperHigh = i16x8.extend_high_i8x16_s(upper);
      lowerLow = i16x8.extend_low_i8x16_s(lower), lowerHigh = i16x8.extend_high_i8x16_s(lower);
      a0 = dot(dot(a0, upperLow, upper1Low), lowerLow, lower1Low);
      a1 = dot(dot(a1, upperHigh, upper1High), lowerHigh, lower1High);
      p0 += step0;
      p1 += step1;
      p2 += step2;
    }
    upper = interleave(v128.load64_zero(p0), v128.load64_zero(p1));
    lower = interleave(v128.load64_zero(p2), none);
    upperLow = i16x8.extend_low_i8x16_s(upper), upperHigh = i16x8.extend_high_i8x16_s(upper);
    lowerLow = i16x8.extend_low_i8x16_s(lower), lowerHigh = i16x8.extend_high_i8x16_s(lower);
    a0 = dot(dot(a0, upperLow, upper2Low), lowerLow, lower2Low);
    a1 = dot(dot(a1, upperHigh, upper2High), lowerHigh, lower2High);
    p0 += step0;
    p1 += step1;
    p2 += step2;
    storeBlock(
      table,
      multiplyVector(a0, scale0, m0, low0, high0, round0, negative0, common0),
      multiplyVector(a1, scale1, m1, low1, high1, round1, negative1, common1),
      output,
      count,
    );
    output += outputStride;
    if (strideX == 1) {
      a0 = dot(dot(b0, upperLow, upper1Low), lowerLow, lower1Low);
      a1 = dot(dot(b1, upperHigh, upper1High), lowerHigh, lower1High);
      b0 = dot(dot(bias0, upperLow, upper0Low), lowerLow, lower0Low);
      b1 = dot(dot(bias1, upperHigh, upper0High), lowerHigh, lower0High);
    } else {
      a0 = dot(dot(bias0, upperLow, upper0Low), lowerLow, lower0Low);
      a1 = dot(dot(bias1, upperHigh, upper0High), lowerHigh, lower0High);
    }
  } while (--x);
}

/** Whether depthwise3x3Simd takes the step. */
function is3x3(step: usize): bool {
  return (
    load<u32>(step, STEP_KERNEL_HEIGHT) == 3 &&
    load<u32>(step, STEP_KERNEL_WIDTH) == 3 &&
    load<u32>(step, STEP_DILATION_X) == 1 &&
    load<u32>(step, STEP_STRIDE_X) <= 2 &&
    load<u32>(step, STEP_FLAGS) & FLAG_VECTOR
  );
}

/** Output rows y .. y + rows - 1. */
export function depthwise(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const taps = load<u32>(step, STEP_KERNEL_HEIGHT) * load<u32>(step, STEP_KERNEL_WIDTH);
  const table = scratchOf(arena, step);
  for (let end = y + rows; y < end; ++y) {
    tabulate(arena, step, input, y, table);
    const to = rowAddress(arena, output, y);
    for (let channel: u32 = 0; channel < channels; channel += 8) {
      const count = min(channels - channel, 8);
      if (ASC_FEATURE_SIMD && load<u32>(step, STEP_DEPTH) == 1) {
        if (is3x3(step)) depthwise3x3Simd(arena, step, table, taps, channel, count, to + channel);
        else depthwiseSimd(arena, step, table, taps, channel, count, to + channel);
      } else depthwiseScalar(arena, step, table, taps, channel, count, to + channel);
    }
  }
}
