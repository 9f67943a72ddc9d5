/**
 * The relaxed twin of matmulScalar: one dot product takes four weights of four channels, in the tiles of tile.ts.
 *
 * The activation is the relaxed operand (see assembly/relaxed.ts). Where the host takes it as signed, it is fed as
 * x - 128 (xor 0x80), and 128 * sum(w) is added to the bias. Exact: a lane adds four products of at most 128 * 255 to
 * its int32, which wraps as matmulScalar's does.
 */
import { STATE_FLIP, STEP_DEPTH, STEP_WEIGHTS } from "../layout";
import { fileOf } from "../rings";
import { biasHigh, biasLow, blockBytes, blockZeroPoint, prepareBlock, storeAny } from "./block";
import { dot } from "./dot-relaxed";
import { multiplyTiles } from "./tile";

/** 128 * the sums of four channels' weights, where the host's operand is signed. */
// @ts-ignore: decorator
@inline
function excess(sums: v128, others: v128): v128 {
  return i32x4.shl(i32x4.add(sums, others), 7);
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
  let bias0 = biasLow(table);
  let bias1 = biasHigh(table);
  const isFlipped = load<u32>(arena, STATE_FLIP) != 0;
  if (isFlipped) {
    // In chains that do not wait for each other: few pixels may follow.
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
    bias0 = i32x4.add(bias0, excess(even0, odd0));
    bias1 = i32x4.add(bias1, excess(even1, odd1));
  }
  multiplyTiles(
    arena, step, table, input, pixelStride, inputGap, width, width, pixels, block, groups, isFlipped, bias0, bias1,
    sums, channel, count, output, outputStride, outputGap,
  );
}

/**
 * As matmulScalar for one pixel, where the host takes activations as unsigned: what wide layers reduce a map to. One pixel's
 * two vectors of sums would wait for their own last product, so there are four of each, which take every fourth group.
 */
export function matmulPixelRelaxed(
  arena: usize,
  step: usize,
  input: usize,
  sums: usize,
  channel: u32,
  count: u32,
  output: usize,
): void {
  const file = fileOf(arena);
  const depth = load<u32>(step, STEP_DEPTH);
  const table = prepareBlock(arena, step, channel);
  let x = input;
  let w = file + load<u32>(step, STEP_WEIGHTS) + (channel >> 3) * blockBytes(depth);
  let a0 = biasLow(table), b0 = i64x2.splat(0), c0 = b0, d0 = b0;
  let a1 = biasHigh(table), b1 = b0, c1 = b0, d1 = b0;
  let groups = (depth + 3) >> 2;
  for (; groups >= 4; groups -= 4) {
    const inputs = v128.load(x);
    let one = i8x16.shuffle(inputs, inputs, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
    a0 = dot(a0, v128.load(w), one);
    a1 = dot(a1, v128.load(w, 16), one);
    one = i8x16.shuffle(inputs, inputs, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
    b0 = dot(b0, v128.load(w, 32), one);
    b1 = dot(b1, v128.load(w, 48), one);
    one = i8x16.shuffle(inputs, inputs, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11);
    c0 = dot(c0, v128.load(w, 64), one);
    c1 = dot(c1, v128.load(w, 80), one);
    one = i8x16.shuffle(inputs, inputs, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
    d0 = dot(d0, v128.load(w, 96), one);
    d1 = dot(d1, v128.load(w, 112), one);
    x += 16;
    w += 128;
  }
  for (; groups; --groups) {
    const one = v128.load32_splat(x);
    a0 = dot(a0, v128.load(w), one);
    a1 = dot(a1, v128.load(w, 16), one);
    x += 4;
    w += 32;
  }
  a0 = i32x4.add(i32x4.add(a0, b0), i32x4.add(c0, d0));
  a1 = i32x4.add(i32x4.add(a1, b1), i32x4.add(c1, d1));
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  if (weightZeroPoint) {
    const correction = i32x4.splat(weightZeroPoint * load<i32>(sums));
    a0 = i32x4.sub(a0, correction);
    a1 = i32x4.sub(a1, correction);
  }
  storeAny(file, step, channel, table, a0, a1, output, count);
}
