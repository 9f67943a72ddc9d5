/**
 * Depthwise convolution of any kernel, stride, dilation and channel multiplier.
 *
 * Weights: int8 [kernelHeight * kernelWidth, output channels rounded up to 8]. Output channel o reads input channel
 * o / multiplier. Accumulator: int32, sum of x * (w - z), |x * (w - z)| <= 255 * 255 < 2^16, so the sum of a window of
 * less than 2^15 taps is exact; the bias holds -zx * sum(w - z).
 * Scratch: a table for each row of a firing: per tap the address of its input pixel for output column 0, and a mask: all
 * ones, or zero for a tap in a row outside of the input, whose address stays at the pad pixel. Inner loops thus know no
 * edges, and a block of channels is prepared once for all rows.
 */
import {
  STEP_BIASES,
  STEP_DEPTH,
  STEP_DILATION_X,
  STEP_DILATION_Y,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  STEP_WEIGHTS,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, inputOf, outputOf, outside, padPixel, rowAddress, scratchOf } from "../rings";
import { HOLDS_DEPTHWISE_3X3, HOLDS_DEPTHWISE_ANY, HOLDS_DEPTHWISE_MULTIPLIER, holds } from "../slim";
import { endChannel, firstChannel, weightStrideOf } from "../streaming";
import {
  biasHigh,
  biasLow,
  blockZeroPoint,
  hasZeroPoint,
  prepareBlock,
  requantiseChannel,
  storeAny,
} from "./block";
import { depthwise3x3Simd } from "./depthwise-3x3";
import { depthwise3x3Wide, fitsWide } from "./depthwise-3x3-wide";
import { depthwiseRelaxed } from "./depthwise-relaxed";
import { depthwise3x3Relaxed } from "./depthwise-3x3-relaxed";
import { WIDENS } from "./wide";

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
      ? padPixel(arena, input, inputY)
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

/** Output rows y .. y + rows - 1, eight output channels from `channel` of which `count` exist; tables of taps at `table`. */
export function depthwiseScalar(
  arena: usize,
  step: usize,
  table: usize,
  taps: u32,
  channel: u32,
  count: u32,
  y: u32,
  rows: u32,
): void {
  const file = fileOf(arena);
  const outputTensor = outputOf(file, step);
  const multiplier = load<u32>(step, STEP_DEPTH);
  const channels = load<u32>(outputTensor, TENSOR_CHANNELS);
  const weightStride = weightStrideOf(step, channels);
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const zeroPoint = load<i32>(outputTensor, TENSOR_ZERO_POINT);
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  const advance = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  for (let r: u32 = 0; r < rows; ++r) {
    const taps0 = table + r * (taps << 3);
    for (let c: u32 = 0; c < count; ++c) {
      const o = channel + c;
      const inputChannel = o / multiplier;
      const weights = file + load<u32>(step, STEP_WEIGHTS) + o;
      const bias = load<i32>(file + load<u32>(step, STEP_BIASES) + (o << 2));
      let to = rowAddress(arena, outputTensor, y + r) + o;
      let columns: u32 = 0;
      for (let x: u32 = 0; x < width; ++x) {
        let accumulator = bias;
        let w = weights;
        let tap = taps0;
        for (let t: u32 = 0; t < taps; ++t) {
          const address = load<u32>(tap) + inputChannel + (columns & load<u32>(tap, 4));
          accumulator += <i32>load<u8>(address) * (<i32>load<i8>(w) - weightZeroPoint);
          w += weightStride;
          tap += 8;
        }
        store<u8>(to, requantiseChannel(file, step, o, zeroPoint, accumulator));
        to += outputStride;
        columns += advance;
      }
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
  y: u32,
  rows: u32,
): void {
  const file = fileOf(arena);
  const outputTensor = outputOf(file, step);
  const channels = load<u32>(outputTensor, TENSOR_CHANNELS);
  const weightStride = weightStrideOf(step, channels);
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const table = prepareBlock(arena, step, channel);
  const weightZeroPoint = i16x8.splat(<i16>blockZeroPoint(file, step, channel));
  const advance = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  const weights = file + load<u32>(step, STEP_WEIGHTS) + channel;
  for (let r: u32 = 0; r < rows; ++r) {
    let output = rowAddress(arena, outputTensor, y + r) + channel;
    let columns: u32 = 0;
    let x = width;
    do {
      let a0 = biasLow(table);
      let a1 = biasHigh(table);
      let w = weights;
      let tap = tapTable + r * (taps << 3);
      for (let t: u32 = 0; t < taps; ++t) {
        const address = load<u32>(tap) + channel + (columns & load<u32>(tap, 4));
        const x = v128.load8x8_u(address);
        const weight = i16x8.sub(v128.load8x8_s(w), weightZeroPoint);
        a0 = i32x4.add(a0, i32x4.extmul_low_i16x8_s(x, weight));
        a1 = i32x4.add(a1, i32x4.extmul_high_i16x8_s(x, weight));
        w += weightStride;
        tap += 8;
      }
      storeAny(file, step, channel, table, a0, a1, output, count);
      output += outputStride;
      columns += advance;
    } while (--x);
  }
}

/** Which kernels take the step in the SIMD builds, whichever it is: a HOLDS_DEPTHWISE constant. */
export function formOf(step: usize): u32 {
  if (load<u32>(step, STEP_DEPTH) != 1) return HOLDS_DEPTHWISE_MULTIPLIER;
  const is3x3 =
    load<u32>(step, STEP_KERNEL_HEIGHT) == 3 &&
    load<u32>(step, STEP_KERNEL_WIDTH) == 3 &&
    load<u32>(step, STEP_DILATION_X) == 1 &&
    load<u32>(step, STEP_STRIDE_X) <= 2;
  return is3x3 ? HOLDS_DEPTHWISE_3X3 : HOLDS_DEPTHWISE_ANY;
}

/** Output rows y .. y + rows - 1. */
export function depthwise(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const channels = endChannel(step, load<u32>(outputOf(file, step), TENSOR_CHANNELS));
  const taps = load<u32>(step, STEP_KERNEL_HEIGHT) * load<u32>(step, STEP_KERNEL_WIDTH);
  const table = scratchOf(arena, step);
  for (let r: u32 = 0; r < rows; ++r) tabulate(arena, step, input, y + r, table + r * (taps << 3));
  const form = ASC_FEATURE_SIMD ? formOf(step) : HOLDS_DEPTHWISE_MULTIPLIER;
  const is3x3 = form == HOLDS_DEPTHWISE_3X3 && holds(HOLDS_DEPTHWISE_3X3);
  const isAny = form == HOLDS_DEPTHWISE_ANY && holds(HOLDS_DEPTHWISE_ANY);
  for (let channel = firstChannel(step); channel < channels; channel += 8) {
    const count = min(channels - channel, 8);
    if (!ASC_FEATURE_SIMD || (form == HOLDS_DEPTHWISE_MULTIPLIER && holds(HOLDS_DEPTHWISE_MULTIPLIER))) {
      depthwiseScalar(arena, step, table, taps, channel, count, y, rows);
    } else if (ASC_FEATURE_RELAXED_SIMD) {
      // Weights beyond int8 are no operands of the relaxed dot product.
      if (hasZeroPoint(step) && blockZeroPoint(file, step, channel)) {
        if (is3x3) depthwise3x3Simd(arena, step, table, channel, count, y, rows);
        else depthwiseSimd(arena, step, table, taps, channel, count, y, rows);
      } else if (is3x3) depthwise3x3Relaxed(arena, step, table, channel, count, y, rows);
      else if (isAny) depthwiseRelaxed(arena, step, table, taps, channel, count, y, rows);
    } else if (WIDENS && (is3x3 || (isAny && fitsWide(step)))) {
      depthwise3x3Wide(arena, step, table, channel, count, y, rows);
    } else if (!WIDENS && is3x3) depthwise3x3Simd(arena, step, table, channel, count, y, rows);
    else if (isAny) depthwiseSimd(arena, step, table, taps, channel, count, y, rows);
  }
}
