/**
 * The relaxed twin of depthwiseSimd, for blocks whose weights have no zero point: one dot product takes four taps of four
 * channels, whichever taps they are, for four output columns with the same weights. For the operand's sign see
 * matmul-relaxed.ts; a lane adds at most 4 * 128 * 255 at a time.
 */
import { STATE_FLIP, STEP_STRIDE_X, STEP_WEIGHTS, TENSOR_CHANNELS, TENSOR_PIXEL_STRIDE, TENSOR_WIDTH, TENSOR_ZERO_POINT } from "../layout";
import { weightStrideOf } from "../streaming";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import {
  biasHigh,
  biasLow,
  constantOf,
  HALF,
  MODE_LINES,
  modeOf,
  narrowLine,
  prepareBlock,
  storeFour,
  storePair,
} from "./block";
import { linesValue } from "../line";
import { dot } from "./dot-relaxed";
import { interleaveBytes, interleaveWordsHigh, interleaveWordsLow } from "./interleave";

/** Eight weights of tap t, or zeros from tap `end` on. */
// @ts-ignore: decorator
@inline
function weightsOf(weights: usize, stride: u32, t: u32, end: u32): v128 {
  return t < end ? v128.load64_zero(weights + t * stride) : i64x2.splat(0);
}

/** Output rows y .. y + rows - 1; arguments as its twin's. */
export function depthwiseRelaxed(
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
  const input = inputOf(file, step);
  const outputTensor = outputOf(file, step);
  const weightStride = weightStrideOf(step, load<u32>(outputTensor, TENSOR_CHANNELS));
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const advance = load<u32>(input, TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  const weights = file + load<u32>(step, STEP_WEIGHTS) + channel;
  const table = prepareBlock(arena, step, channel);
  const isLine = modeOf(table) >= MODE_LINES;
  const slope0 = v128.load(table), sum0 = v128.load(table, 16);
  const slope1 = v128.load(table, HALF), sum1 = v128.load(table, HALF + 16);
  const flip = v128.load32_splat(arena, STATE_FLIP);
  // What an input that is fed as x - 128 lacks, and what a tap in a row outside of the input is worth: at most 255, so
  // that a product with an int8 weight fits int16.
  const excess = i16x8.splat(load<u32>(arena, STATE_FLIP) ? 128 : 0);
  const pad = i16x8.splat(<i16>load<i32>(input, TENSOR_ZERO_POINT));
  for (let r: u32 = 0; r < rows; ++r) {
    const table0 = tapTable + r * (taps << 3);
    let bias0 = biasLow(table);
    let bias1 = biasHigh(table);
    let first: u32 = taps;
    let end: u32 = 0;
    for (let t: u32 = 0; t < taps; ++t) {
      const inside = load<u32>(table0 + (t << 3), 4) != 0;
      if (inside) {
        first = min(first, t);
        end = t + 1;
      }
      const product = i16x8.mul(v128.load8x8_s(weights + t * weightStride), inside ? excess : pad);
      bias0 = i32x4.add(bias0, i32x4.extend_low_i16x8_s(product));
      bias1 = i32x4.add(bias1, i32x4.extend_high_i16x8_s(product));
    }
    let output = rowAddress(arena, outputTensor, y + r) + channel;
    let column = channel;
    let left = width;
    do {
      // Columns that are not there are the last one once more.
      const more = min(left, 4) - 1;
      const second = min<u32>(more, 1);
      const third = min<u32>(more, 2);
      const columnB = second * advance;
      const columnC = third * advance;
      const columnD = more * advance;
      let a0 = bias0, b0 = bias0, c0 = bias0, d0 = bias0;
      let a1 = bias1, b1 = bias1, c1 = bias1, d1 = bias1;
      for (let t = first; t < end; t += 4) {
        const tap = table0 + (t << 3);
        let upper = interleaveBytes(weightsOf(weights, weightStride, t, end), weightsOf(weights, weightStride, t + 1, end));
        let lower = interleaveBytes(weightsOf(weights, weightStride, t + 2, end), weightsOf(weights, weightStride, t + 3, end));
        const low = interleaveWordsLow(upper, lower);
        const high = interleaveWordsHigh(upper, lower);
        const p0: usize = load<u32>(tap) + column;
        const p1: usize = load<u32>(table0 + (min(t + 1, end - 1) << 3)) + column;
        const p2: usize = load<u32>(table0 + (min(t + 2, end - 1) << 3)) + column;
        const p3: usize = load<u32>(table0 + (min(t + 3, end - 1) << 3)) + column;
        upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
        lower = interleaveBytes(v128.load64_zero(p2), v128.load64_zero(p3));
        a0 = dot(a0, low, v128.xor(interleaveWordsLow(upper, lower), flip));
        a1 = dot(a1, high, v128.xor(interleaveWordsHigh(upper, lower), flip));
        upper = interleaveBytes(v128.load64_zero(p0 + columnB), v128.load64_zero(p1 + columnB));
        lower = interleaveBytes(v128.load64_zero(p2 + columnB), v128.load64_zero(p3 + columnB));
        b0 = dot(b0, low, v128.xor(interleaveWordsLow(upper, lower), flip));
        b1 = dot(b1, high, v128.xor(interleaveWordsHigh(upper, lower), flip));
        upper = interleaveBytes(v128.load64_zero(p0 + columnC), v128.load64_zero(p1 + columnC));
        lower = interleaveBytes(v128.load64_zero(p2 + columnC), v128.load64_zero(p3 + columnC));
        c0 = dot(c0, low, v128.xor(interleaveWordsLow(upper, lower), flip));
        c1 = dot(c1, high, v128.xor(interleaveWordsHigh(upper, lower), flip));
        upper = interleaveBytes(v128.load64_zero(p0 + columnD), v128.load64_zero(p1 + columnD));
        lower = interleaveBytes(v128.load64_zero(p2 + columnD), v128.load64_zero(p3 + columnD));
        d0 = dot(d0, low, v128.xor(interleaveWordsLow(upper, lower), flip));
        d1 = dot(d1, high, v128.xor(interleaveWordsHigh(upper, lower), flip));
      }
      const outputB = output + second * outputStride;
      const outputC = output + third * outputStride;
      const outputD = output + more * outputStride;
      if (isLine) {
        const constant = constantOf(table);
        a0 = linesValue(a0, slope0, sum0, constant);
        a1 = linesValue(a1, slope1, sum1, constant);
        b0 = linesValue(b0, slope0, sum0, constant);
        b1 = linesValue(b1, slope1, sum1, constant);
        c0 = linesValue(c0, slope0, sum0, constant);
        c1 = linesValue(c1, slope1, sum1, constant);
        d0 = linesValue(d0, slope0, sum0, constant);
        d1 = linesValue(d1, slope1, sum1, constant);
        storePair(output, outputB, narrowLine(table, a0, a1, b0, b1), count);
        storePair(outputC, outputD, narrowLine(table, c0, c1, d0, d1), count);
      } else {
        storeFour(file, step, channel, table, a0, a1, b0, b1, c0, c1, d0, d1, output, outputB, outputC, outputD, count);
      }
      column += 4 * advance;
      output = outputD + outputStride;
      left -= more + 1;
    } while (left);
  }
}
