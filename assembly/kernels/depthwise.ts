/**
 * Depthwise convolution of any kernel, stride, dilation and channel multiplier.
 *
 * Weights: int8 [kernelHeight * kernelWidth, output channels rounded up to 8]. Output channel o reads input channel
 * o / multiplier. Accumulator: int32, sum of x * (w - z), |x * (w - z)| <= 128 * 255 < 2^15, so that each product is
 * exact in int16; the bias holds -zx * sum(w - z).
 * Scratch: per tap the address of its input pixel for output column 0, and a mask: all ones, or zero for a tap in a row
 * outside of the input, whose address stays at the pad pixel. Inner loops thus know no edges.
 */
import { multiplyVector, vectorFirstHigh, vectorFirstLow, vectorNegative, vectorRound, vectorScale, vectorShift } from "../fixed";
import {
  FLAG_VECTOR,
  STEP_BIASES,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_DEPTH,
  STEP_DILATION_X,
  STEP_DILATION_Y,
  STEP_FLAGS,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_MULTIPLIERS,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_SHIFTS,
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
import { multiplyLanes, narrow, requantiseChannel, storeSome } from "./matmul";

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
  table: usize,
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
  const zeroPoint = i16x8.splat(<i16>load<i32>(outputTensor, TENSOR_ZERO_POINT));
  const least = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN));
  const greatest = i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX));
  const weightZeroPoint = i16x8.splat(<i16>load<i32>(step, STEP_WEIGHT_ZERO_POINT));
  const advance = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  const weights = file + load<u32>(step, STEP_WEIGHTS) + channel;
  const biases = file + load<u32>(step, STEP_BIASES) + (channel << 2);
  const bias0 = v128.load(biases);
  const bias1 = v128.load(biases, 16);
  const vector = load<u32>(step, STEP_FLAGS) & FLAG_VECTOR;
  const shifts = file + load<u32>(step, STEP_SHIFTS) + channel;
  const multipliers = file + load<u32>(step, STEP_MULTIPLIERS) + (channel << 2);
  let m0 = bias0, m1 = bias0, scale0 = bias0, scale1 = bias0, low0 = bias0, low1 = bias0, high0 = bias0, high1 = bias0;
  let round0 = bias0, round1 = bias0, negative0 = bias0, negative1 = bias0;
  let common0 = 0, common1 = 0;
  if (vector) {
    common0 = vectorShift(shifts);
    common1 = vectorShift(shifts + 4);
    scale0 = vectorScale(shifts, common0);
    scale1 = vectorScale(shifts + 4, common1);
    m0 = v128.load(multipliers);
    m1 = v128.load(multipliers, 16);
    low0 = vectorFirstLow(scale0, common0);
    low1 = vectorFirstLow(scale1, common1);
    high0 = vectorFirstHigh(scale0, common0);
    high1 = vectorFirstHigh(scale1, common1);
    round0 = vectorRound(scale0, common0);
    round1 = vectorRound(scale1, common1);
    negative0 = vectorNegative(scale0, common0);
    negative1 = vectorNegative(scale1, common1);
  }
  let columns: u32 = 0;
  for (let x: u32 = 0; x < width; ++x) {
    let a0 = bias0;
    let a1 = bias1;
    let w = weights;
    let tap = table;
    for (let t: u32 = 0; t < taps; ++t) {
      const address = load<u32>(tap) + channel + (columns & load<u32>(tap, 4));
      const product = i16x8.mul(v128.load8x8_s(address), i16x8.sub(v128.load8x8_s(w), weightZeroPoint));
      a0 = i32x4.add(a0, i32x4.extend_low_i16x8_s(product));
      a1 = i32x4.add(a1, i32x4.extend_high_i16x8_s(product));
      w += weightStride;
      tap += 8;
    }
    if (vector) {
      a0 = multiplyVector(a0, scale0, m0, low0, high0, round0, negative0, common0);
      a1 = multiplyVector(a1, scale1, m1, low1, high1, round1, negative1, common1);
    } else {
      a0 = multiplyLanes(file, step, channel, a0);
      a1 = multiplyLanes(file, step, channel + 4, a1);
    }
    storeSome(output, narrow(a0, a1, zeroPoint, least, greatest), count);
    output += outputStride;
    columns += advance;
  }
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
      if (ASC_FEATURE_SIMD && load<u32>(step, STEP_DEPTH) == 1)
        depthwiseSimd(arena, step, table, taps, channel, count, to + channel);
      else depthwiseScalar(arena, step, table, taps, channel, count, to + channel);
    }
  }
}
