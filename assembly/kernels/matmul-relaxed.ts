/**
 * The relaxed twin of matmulScalar for two blocks at once: one dot product takes four weights of four channels. Two
 * pixels and sixteen channels at a time: eight vectors of sums, four of weights, an input and the flip fit x86's 16
 * vector registers; six pixels and eight channels do not.
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
import { HOLDS_LANES, holds } from "../slim";
import {
  biasHigh,
  biasLow,
  blockBytes,
  isClamped,
  isVector,
  modeOf,
  prepareBlock,
  storeClamped,
  storeLanes,
  storeVector,
  weightZeroPointOf,
} from "./block";

/** sum + products of four weights (w) and four inputs (x) in each lane. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, w: v128, x: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(w, x, sum);
}

/** Four inputs, the same in each lane, flipped to what the host's dot product takes. */
// @ts-ignore: decorator
@inline
function four(address: usize, flip: v128): v128 {
  return v128.xor(v128.load32_splat(address), flip);
}

/** 128 * the sums of the weights of four channels, 32 bytes apart, `groups` times. */
function excess(w: usize, groups: u32): v128 {
  const ones = i8x16.splat(1);
  let sum = i64x2.splat(0);
  for (let end = w + (groups << 5); w < end; w += 32) sum = dot(sum, v128.load(w), ones);
  return i32x4.shl(sum, 7);
}

/**
 * As matmulScalar, for the blocks from `channel` and channel + 8 on; `count` is up to 16. Where there is but one block it
 * is taken twice and stored once: still faster than the simd twin.
 */
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
  const first = min(count, 8);
  const second = count - first;
  const bytes = blockBytes(depth);
  const next = second ? bytes : 0;
  const block = file + load<u32>(step, STEP_WEIGHTS) + (channel >> 3) * bytes;
  const table = prepareBlock(arena, step, channel, 0);
  const table2 = second ? prepareBlock(arena, step, channel + 8, 1) : table;
  const weightZeroPoint = weightZeroPointOf(step);
  const mode = modeOf(table);
  const flip = v128.load32_splat(arena, STATE_FLIP);
  let bias0 = biasLow(table);
  let bias1 = biasHigh(table);
  let bias2 = biasLow(table2);
  let bias3 = biasHigh(table2);
  if (load<u32>(arena, STATE_FLIP)) {
    bias0 = i32x4.sub(bias0, excess(block, groups));
    bias1 = i32x4.sub(bias1, excess(block + 16, groups));
    bias2 = i32x4.sub(bias2, excess(block + next, groups));
    bias3 = i32x4.sub(bias3, excess(block + next + 16, groups));
  }
  let pixel: u32 = 0;
  let left = width;
  do {
    // A ragged last pixel is computed and stored twice, at one address: harmless, and no branch.
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
    let a0 = bias0, a1 = bias1, a2 = bias2, a3 = bias3;
    let b0 = bias0, b1 = bias1, b2 = bias2, b3 = bias3;
    let x = inputA;
    let w = block;
    let w2 = block + next;
    let group = groups;
    do {
      const xa = four(x, flip);
      const xb = four(x + offsetB, flip);
      let weights = v128.load(w);
      a0 = dot(a0, weights, xa);
      b0 = dot(b0, weights, xb);
      weights = v128.load(w, 16);
      a1 = dot(a1, weights, xa);
      b1 = dot(b1, weights, xb);
      weights = v128.load(w2);
      a2 = dot(a2, weights, xa);
      b2 = dot(b2, weights, xb);
      weights = v128.load(w2, 16);
      a3 = dot(a3, weights, xa);
      b3 = dot(b3, weights, xb);
      x += 4;
      w += 32;
      w2 += 32;
    } while (--group);
    if (weightZeroPoint) {
      const at = sums + (pixel << 2);
      const correctionA = i32x4.splat(weightZeroPoint * load<i32>(at));
      const correctionB = i32x4.splat(weightZeroPoint * load<i32>(at + ((tile - 1) << 2)));
      a0 = i32x4.sub(a0, correctionA);
      a1 = i32x4.sub(a1, correctionA);
      a2 = i32x4.sub(a2, correctionA);
      a3 = i32x4.sub(a3, correctionA);
      b0 = i32x4.sub(b0, correctionB);
      b1 = i32x4.sub(b1, correctionB);
      b2 = i32x4.sub(b2, correctionB);
      b3 = i32x4.sub(b3, correctionB);
    }
    if (isClamped(mode)) {
      storeClamped(table, a0, a1, outputA, first);
      storeClamped(table, b0, b1, output, first);
      if (second) {
        storeClamped(table2, a2, a3, outputA + 8, second);
        storeClamped(table2, b2, b3, output + 8, second);
      }
    } else if (isVector(mode)) {
      storeVector(table, a0, a1, outputA, first);
      storeVector(table, b0, b1, output, first);
      if (second) {
        storeVector(table2, a2, a3, outputA + 8, second);
        storeVector(table2, b2, b3, output + 8, second);
      }
    } else if (holds(HOLDS_LANES)) {
      storeLanes(file, step, channel, table, a0, a1, outputA, first);
      storeLanes(file, step, channel, table, b0, b1, output, first);
      if (second) {
        storeLanes(file, step, channel + 8, table2, a2, a3, outputA + 8, second);
        storeLanes(file, step, channel + 8, table2, b2, b3, output + 8, second);
      }
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
