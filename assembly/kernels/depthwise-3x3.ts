/**
 * Depthwise convolution with a 3x3 kernel, horizontal stride 1 or 2, no dilation: depthwiseSimd's form for what
 * MobileNets are made of. See depthwise.ts for weights, sums and the table of taps.
 */
import {
  STEP_STRIDE_X,
  STEP_WEIGHTS,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { lineValue } from "../line";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import { weightStrideOf } from "../streaming";
import { biasHigh, biasLow, blockZeroPoint, constantOf, HALF, MODE_LINE, MODE_RELU, modeOf, narrowBare, narrowLine, prepareBlock, storeAny, storeSome } from "./block";
import { interleaveBytes, interleaveWordsHigh, interleaveWordsLow } from "./interleave";
import { dot } from "./pairs";

/**
 * Output rows y .. y + rows - 1, eight channels from `channel` of which `count` exist. Each input
 * column is loaded once: rows 0 and 1 interleaved, row 2 interleaved with zeros, widened, so that one dot product takes
 * two taps, whose weights are interleaved likewise; it goes into the sums of every output that it is part of. Sums of
 * one dot: 2 * 255 * 255 < 2^31.
 */
export function depthwise3x3Simd(
  arena: usize,
  step: usize,
  tapTable: usize,
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
  const mode = modeOf(table);
  const slope0 = v128.load(table), slope1 = v128.load(table, HALF);
  const sum0 = v128.load(table, 16), sum1 = v128.load(table, HALF + 16);
  const pixelStride = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE);
  const strideX = load<u32>(step, STEP_STRIDE_X);
  const bias0 = biasLow(table);
  const bias1 = biasHigh(table);

  const none = i64x2.splat(0);
  const weightZeroPoint = i16x8.splat(<i16>blockZeroPoint(file, step, channel));
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
  const upper0Low = interleaveWordsLow(w00, w10), upper0High = interleaveWordsHigh(w00, w10);
  const upper1Low = interleaveWordsLow(w01, w11), upper1High = interleaveWordsHigh(w01, w11);
  const upper2Low = interleaveWordsLow(w02, w12), upper2High = interleaveWordsHigh(w02, w12);
  const lower0Low = interleaveWordsLow(w20, none), lower0High = interleaveWordsHigh(w20, none);
  const lower1Low = interleaveWordsLow(w21, none), lower1High = interleaveWordsHigh(w21, none);
  const lower2Low = interleaveWordsLow(w22, none), lower2High = interleaveWordsHigh(w22, none);

  for (let r: u32 = 0; r < rows; ++r) {
    const tap = tapTable + r * 72;
    let output = rowAddress(arena, outputTensor, y + r) + channel;
    let p0: usize = load<u32>(tap) + channel;
    let p1: usize = load<u32>(tap, 24) + channel;
    let p2: usize = load<u32>(tap, 48) + channel;
    const step0 = pixelStride & load<u32>(tap, 4);
    const step1 = pixelStride & load<u32>(tap, 28);
    const step2 = pixelStride & load<u32>(tap, 52);

    // Sums of the output whose last column comes next (a) and, with stride 1, of the one after it (b).
    let a0 = bias0, a1 = bias1, b0 = bias0, b1 = bias1;
    // Columns that open the first output: two with stride 1, one with stride 2 (its second comes in the loop).
    let upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
    let lower = v128.load8x8_u(p2);
    let upperLow = i16x8.extend_low_i8x16_u(upper), upperHigh = i16x8.extend_high_i8x16_u(upper);
    let lowerLow = i32x4.extend_low_i16x8_u(lower), lowerHigh = i32x4.extend_high_i16x8_u(lower);
    a0 = dot(dot(a0, upperLow, upper0Low), lowerLow, lower0Low);
    a1 = dot(dot(a1, upperHigh, upper0High), lowerHigh, lower0High);
    p0 += step0;
    p1 += step1;
    p2 += step2;
    if (strideX == 1) {
      upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
      lower = v128.load8x8_u(p2);
      upperLow = i16x8.extend_low_i8x16_u(upper), upperHigh = i16x8.extend_high_i8x16_u(upper);
      lowerLow = i32x4.extend_low_i16x8_u(lower), lowerHigh = i32x4.extend_high_i16x8_u(lower);
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
        upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
        lower = v128.load8x8_u(p2);
        upperLow = i16x8.extend_low_i8x16_u(upper), upperHigh = i16x8.extend_high_i8x16_u(upper);
        lowerLow = i32x4.extend_low_i16x8_u(lower), lowerHigh = i32x4.extend_high_i16x8_u(lower);
        a0 = dot(dot(a0, upperLow, upper1Low), lowerLow, lower1Low);
        a1 = dot(dot(a1, upperHigh, upper1High), lowerHigh, lower1High);
        p0 += step0;
        p1 += step1;
        p2 += step2;
      }
      upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
      lower = v128.load8x8_u(p2);
      upperLow = i16x8.extend_low_i8x16_u(upper), upperHigh = i16x8.extend_high_i8x16_u(upper);
      lowerLow = i32x4.extend_low_i16x8_u(lower), lowerHigh = i32x4.extend_high_i16x8_u(lower);
      a0 = dot(dot(a0, upperLow, upper2Low), lowerLow, lower2Low);
      a1 = dot(dot(a1, upperHigh, upper2High), lowerHigh, lower2High);
      p0 += step0;
      p1 += step1;
      p2 += step2;
      if (mode >= MODE_LINE) {
        a0 = lineValue(a0, slope0, sum0, constantOf(table));
        a1 = lineValue(a1, slope1, sum1, constantOf(table));
        storeSome(output, mode == MODE_RELU ? narrowBare(a0, a1, a0, a1) : narrowLine(table, a0, a1, a0, a1), count);
      } else storeAny(file, step, channel, table, a0, a1, output, count);
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
}
