/**
 * The relaxed twin of depthwise3x3Simd for weights without zero point: the three rows of an input column and a zero (the third
 * row's bytes widened) are interleaved to groups of four bytes, of which one dot product takes four channels' worth. For the operand's sign see
 * matmul-relaxed.ts; a lane adds at most 3 * 128 * 255 at a time.
 */
import {
  STATE_FLIP,
  STEP_STRIDE_X,
  STEP_WEIGHTS,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { linesValue, lineValue } from "../line";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import { weightStrideOf } from "../streaming";
import {
  biasHigh,
  biasLow,
  constantOf,
  HALF,
  MODE_LINES,
  MODE_RELU,
  modeOf,
  narrowBare,
  narrowLine,
  prepareBlock,
  storeSome,
} from "./block";
import { depthwiseRelaxed } from "./depthwise-relaxed";
import { dot } from "./dot-relaxed";
import { interleaveBytes, interleaveWordsHigh, interleaveWordsLow } from "./interleave";

/** 128 * the sums of the groups' weights. */
// @ts-ignore: decorator
@inline
function excess(a: v128, b: v128, c: v128): v128 {
  const ones = i8x16.splat(1);
  return i32x4.shl(dot(dot(dot(i64x2.splat(0), a, ones), b, ones), c, ones), 7);
}

/** Output rows y .. y + rows - 1, eight channels from `channel` of which `count` exist; arguments as its twin's. */
export function depthwise3x3Relaxed(
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
  const weightStride = weightStrideOf(step, load<u32>(outputTensor, TENSOR_CHANNELS));
  const width = load<u32>(outputTensor, TENSOR_WIDTH);
  const outputStride = load<u32>(outputTensor, TENSOR_PIXEL_STRIDE);
  const table = prepareBlock(arena, step, channel);
  const mode = modeOf(table);
  // Of that one a block is left to which has no lines, so that no call is in these loops: see storeTwo.
  if (mode < MODE_LINES) return depthwiseRelaxed(arena, step, tapTable, 9, channel, count, y, rows);
  const isRelu = mode == MODE_RELU;
  const constant = constantOf(table);
  const slope0 = v128.load(table), slope1 = v128.load(table, HALF);
  const sum0 = v128.load(table, 16), sum1 = v128.load(table, HALF + 16);

  const w0 = file + load<u32>(step, STEP_WEIGHTS) + channel;
  const w1 = w0 + 3 * weightStride;
  const w2 = w1 + 3 * weightStride;
  const second = weightStride;
  const third = 2 * weightStride;
  let upper = interleaveBytes(v128.load64_zero(w0), v128.load64_zero(w1));
  let lower = v128.load8x8_u(w2);
  const left0 = interleaveWordsLow(upper, lower), left1 = interleaveWordsHigh(upper, lower);
  upper = interleaveBytes(v128.load64_zero(w0 + second), v128.load64_zero(w1 + second));
  lower = v128.load8x8_u(w2 + second);
  const middle0 = interleaveWordsLow(upper, lower), middle1 = interleaveWordsHigh(upper, lower);
  upper = interleaveBytes(v128.load64_zero(w0 + third), v128.load64_zero(w1 + third));
  lower = v128.load8x8_u(w2 + third);
  const right0 = interleaveWordsLow(upper, lower), right1 = interleaveWordsHigh(upper, lower);

  const flip = v128.load32_splat(arena, STATE_FLIP);
  let bias0 = biasLow(table);
  let bias1 = biasHigh(table);
  if (load<u32>(arena, STATE_FLIP)) {
    bias0 = i32x4.add(bias0, excess(left0, middle0, right0));
    bias1 = i32x4.add(bias1, excess(left1, middle1, right1));
  }

  const pixelStride = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE);
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
    upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
    lower = v128.load8x8_u(p2);
    let x0 = v128.xor(interleaveWordsLow(upper, lower), flip);
    let x1 = v128.xor(interleaveWordsHigh(upper, lower), flip);
    let a0 = dot(bias0, left0, x0);
    let a1 = dot(bias1, left1, x1);
    p0 += step0;
    p1 += step1;
    p2 += step2;
    let x = width;
    if (load<u32>(step, STEP_STRIDE_X) == 1) {
      upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
      lower = v128.load8x8_u(p2);
      x0 = v128.xor(interleaveWordsLow(upper, lower), flip);
      x1 = v128.xor(interleaveWordsHigh(upper, lower), flip);
      a0 = dot(a0, middle0, x0);
      a1 = dot(a1, middle1, x1);
      let b0 = dot(bias0, left0, x0);
      let b1 = dot(bias1, left1, x1);
      do {
        p0 += step0;
        p1 += step1;
        p2 += step2;
        upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
        lower = v128.load8x8_u(p2);
        x0 = v128.xor(interleaveWordsLow(upper, lower), flip);
        x1 = v128.xor(interleaveWordsHigh(upper, lower), flip);
        a0 = dot(a0, right0, x0);
        a1 = dot(a1, right1, x1);
        if (isRelu) {
          a0 = lineValue(a0, slope0, sum0, constant);
          a1 = lineValue(a1, slope1, sum1, constant);
          storeSome(output, narrowBare(a0, a1, a0, a1), count);
        } else {
          a0 = linesValue(a0, slope0, sum0, constant);
          a1 = linesValue(a1, slope1, sum1, constant);
          storeSome(output, narrowLine(table, a0, a1, a0, a1), count);
        }
        output += outputStride;
        a0 = dot(b0, middle0, x0);
        a1 = dot(b1, middle1, x1);
        b0 = dot(bias0, left0, x0);
        b1 = dot(bias1, left1, x1);
      } while (--x);
      continue;
    }
    do {
      upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
      lower = v128.load8x8_u(p2);
      a0 = dot(a0, middle0, v128.xor(interleaveWordsLow(upper, lower), flip));
      a1 = dot(a1, middle1, v128.xor(interleaveWordsHigh(upper, lower), flip));
      p0 += step0;
      p1 += step1;
      p2 += step2;
      upper = interleaveBytes(v128.load64_zero(p0), v128.load64_zero(p1));
      lower = v128.load8x8_u(p2);
      x0 = v128.xor(interleaveWordsLow(upper, lower), flip);
      x1 = v128.xor(interleaveWordsHigh(upper, lower), flip);
      a0 = dot(a0, right0, x0);
      a1 = dot(a1, right1, x1);
      p0 += step0;
      p1 += step1;
      p2 += step2;
      if (isRelu) {
        a0 = lineValue(a0, slope0, sum0, constant);
        a1 = lineValue(a1, slope1, sum1, constant);
        storeSome(output, narrowBare(a0, a1, a0, a1), count);
      } else {
        a0 = linesValue(a0, slope0, sum0, constant);
        a1 = linesValue(a1, slope1, sum1, constant);
        storeSome(output, narrowLine(table, a0, a1, a0, a1), count);
      }
      output += outputStride;
      a0 = dot(bias0, left0, x0);
      a1 = dot(bias1, left1, x1);
    } while (--x);
  }
}
