/**
 * The relaxed twin of matmulScalar: one dot product takes four weights of four channels. Four pixels at a time: eight
 * vectors of sums, two of weights, an input and the flip fit x86's 16 vector registers; six pixels do not, and two pixels
 * of sixteen channels are no faster.
 *
 * The activation is the relaxed operand (see assembly/relaxed.ts). Where the host takes it as unsigned, it is fed as
 * x + 128 (xor 0x80), and 128 * sum(w) is taken off the bias. Exact: a lane adds four products of at most 128 * 255 to
 * its int32, which wraps as matmulScalar's does.
 */
import {
  STATE_FLIP,
  STEP_DEPTH,
  STEP_WEIGHTS,
} from "../layout";
import { fileOf } from "../rings";
import {
  biasHigh,
  biasLow,
  blockBytes,
  blockZeroPoint,
  HALF,
  lineHalf,
  linesHalf,
  MODE_LINE,
  MODE_LINES,
  modeOf,
  narrowBlock,
  prepareBlock,
  storeAny,
  storePair,
} from "./block";
import { dot } from "./dot-relaxed";

/** Four inputs, the same in each lane, flipped to what the host's dot product takes. */
// @ts-ignore: decorator
@inline
function four(address: usize, flip: v128): v128 {
  return v128.xor(v128.load32_splat(address), flip);
}

/** As matmulScalar, four pixels at a time. */
export function matmulRelaxed(
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
  const flip = v128.load32_splat(arena, STATE_FLIP);
  let bias0 = biasLow(table);
  let bias1 = biasHigh(table);
  if (load<u32>(arena, STATE_FLIP)) {
    // 128 * the sums of the weights, in chains that do not wait for each other: few pixels may follow.
    const ones = i8x16.splat(1);
    let even0 = i64x2.splat(0), even1 = even0, odd0 = even0, odd1 = even0;
    let w = block;
    for (let end = block + ((groups >> 1) << 6); w < end; w += 64) {
      even0 = dot(even0, v128.load(w), ones);
      even1 = dot(even1, v128.load(w, 16), ones);
      odd0 = dot(odd0, v128.load(w, 32), ones);
      odd1 = dot(odd1, v128.load(w, 48), ones);
    }
    if (groups & 1) {
      even0 = dot(even0, v128.load(w), ones);
      even1 = dot(even1, v128.load(w, 16), ones);
    }
    bias0 = i32x4.sub(bias0, i32x4.shl(i32x4.add(even0, odd0), 7));
    bias1 = i32x4.sub(bias1, i32x4.shl(i32x4.add(even1, odd1), 7));
  }
  let pixel: u32 = 0;
  let left = width;
  do {
    // Pixels that are not there are the last one once more.
    const tile = min(pixels - pixel, 4);
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
    const outputB = output;
    if (tile > 2) {
      input += pixelStride;
      output += outputStride;
      if (!--left) {
        left = width;
        input += inputGap;
        output += outputGap;
      }
    }
    const offsetC = input - inputA;
    const outputC = output;
    if (tile > 3) {
      input += pixelStride;
      output += outputStride;
      if (!--left) {
        left = width;
        input += inputGap;
        output += outputGap;
      }
    }
    const offsetD = input - inputA;
    let a0 = bias0, b0 = bias0, c0 = bias0, d0 = bias0;
    let a1 = bias1, b1 = bias1, c1 = bias1, d1 = bias1;
    let x = inputA;
    let w = block;
    let group = groups;
    do {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      let inputs = four(x, flip);
      a0 = dot(a0, w0, inputs);
      a1 = dot(a1, w1, inputs);
      inputs = four(x + offsetB, flip);
      b0 = dot(b0, w0, inputs);
      b1 = dot(b1, w1, inputs);
      inputs = four(x + offsetC, flip);
      c0 = dot(c0, w0, inputs);
      c1 = dot(c1, w1, inputs);
      inputs = four(x + offsetD, flip);
      d0 = dot(d0, w0, inputs);
      d1 = dot(d1, w1, inputs);
      x += 4;
      w += 32;
    } while (--group);
    if (weightZeroPoint) {
      const at = sums + (pixel << 2);
      let correction = i32x4.splat(weightZeroPoint * load<i32>(at));
      a0 = i32x4.sub(a0, correction);
      a1 = i32x4.sub(a1, correction);
      correction = i32x4.splat(weightZeroPoint * load<i32>(at + (min(tile - 1, 1) << 2)));
      b0 = i32x4.sub(b0, correction);
      b1 = i32x4.sub(b1, correction);
      correction = i32x4.splat(weightZeroPoint * load<i32>(at + (min(tile - 1, 2) << 2)));
      c0 = i32x4.sub(c0, correction);
      c1 = i32x4.sub(c1, correction);
      correction = i32x4.splat(weightZeroPoint * load<i32>(at + ((tile - 1) << 2)));
      d0 = i32x4.sub(d0, correction);
      d1 = i32x4.sub(d1, correction);
    }
    if (mode >= MODE_LINES) {
      if (mode == MODE_LINE) {
        a0 = lineHalf(table, a0);
        a1 = lineHalf(table + HALF, a1);
        b0 = lineHalf(table, b0);
        b1 = lineHalf(table + HALF, b1);
        c0 = lineHalf(table, c0);
        c1 = lineHalf(table + HALF, c1);
        d0 = lineHalf(table, d0);
        d1 = lineHalf(table + HALF, d1);
      } else {
        a0 = linesHalf(table, a0);
        a1 = linesHalf(table + HALF, a1);
        b0 = linesHalf(table, b0);
        b1 = linesHalf(table + HALF, b1);
        c0 = linesHalf(table, c0);
        c1 = linesHalf(table + HALF, c1);
        d0 = linesHalf(table, d0);
        d1 = linesHalf(table + HALF, d1);
      }
      storePair(outputA, outputB, narrowBlock(table, a0, a1, b0, b1), count);
      storePair(outputC, output, narrowBlock(table, c0, c1, d0, d1), count);
    } else {
      storeAny(file, step, channel, table, a0, a1, outputA, count);
      storeAny(file, step, channel, table, b0, b1, outputB, count);
      storeAny(file, step, channel, table, c0, c1, outputC, count);
      storeAny(file, step, channel, table, d0, d1, output, count);
    }
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
