/**
 * The inner product of matmul.ts for streamed weights of which only a part of the depth lies in the window: sums of eight
 * output channels are kept in scratch, i32 [pixels, 8], from part to part. They wrap as matmulScalar's do, so the order
 * of the parts' sums does not matter.
 */
import {
  ACTIVE_DEPTH,
  ACTIVE_GROUPS,
  ACTIVE_SUMS,
  STEP_BIASES,
  STEP_DEPTH,
  STEP_WEIGHTS,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, outputOf } from "../rings";
import { blockBytes, blockZeroPoint, requantiseChannel } from "./block";
import { addPairs } from "./pairs";

/** Adds the products of `groups` times four inputs and weights to eight sums. */
// @ts-ignore: decorator
@inline
function addProducts(input: usize, weights: usize, groups: u32, sums: usize): void {
  if (ASC_FEATURE_SIMD) {
    let a = v128.load(sums);
    let b = v128.load(sums, 16);
    do {
      const x = i16x8.extend_low_i8x16_u(v128.load32_splat(input));
      const low = i32x4.dot_i16x8_s(x, v128.load8x8_s(weights));
      const high = i32x4.dot_i16x8_s(x, v128.load8x8_s(weights, 8));
      a = i32x4.add(a, addPairs(low, high));
      const low2 = i32x4.dot_i16x8_s(x, v128.load8x8_s(weights, 16));
      const high2 = i32x4.dot_i16x8_s(x, v128.load8x8_s(weights, 24));
      b = i32x4.add(b, addPairs(low2, high2));
      input += 4;
      weights += 32;
    } while (--groups);
    v128.store(sums, a);
    v128.store(sums, b, 16);
  } else {
    for (let end = sums + 32; sums < end; sums += 4, weights += 4) {
      let sum = load<i32>(sums);
      for (let group: u32 = 0; group < groups; ++group) {
        const x = input + (group << 2);
        const w = weights + (group << 5);
        sum +=
          <i32>load<u8>(x) * <i32>load<i8>(w) +
          <i32>load<u8>(x, 1) * <i32>load<i8>(w, 1) +
          <i32>load<u8>(x, 2) * <i32>load<i8>(w, 2) +
          <i32>load<u8>(x, 3) * <i32>load<i8>(w, 3);
      }
      store<i32>(sums, sum);
    }
  }
}

/**
 * As matmul, for the active step's part of the depth; its first part begins the sums, its last one stores the outputs.
 * Takes its sums from where the call before ended: calls for all pixels of a firing follow each other in one order.
 */
export function matmulPart(
  arena: usize,
  step: usize,
  input: usize,
  pixelStride: u32,
  inputGap: u32,
  width: u32,
  pixels: u32,
  corrections: usize,
  channel: u32,
  count: u32,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  const file = fileOf(arena);
  const depth = load<u32>(step, STEP_DEPTH);
  const from = load<u32>(step, ACTIVE_DEPTH);
  const groups = load<u32>(step, ACTIVE_GROUPS);
  const block = file + load<u32>(step, STEP_WEIGHTS) + (channel >> 3) * blockBytes(depth);
  const biases = file + load<u32>(step, STEP_BIASES) + (channel << 2);
  const zeroPoint = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  const isLast = from + (groups << 2) >= depth;
  let sums: usize = load<u32>(step, ACTIVE_SUMS);
  let left = width;
  for (let pixel: u32 = 0; pixel < pixels; ++pixel) {
    if (!from) {
      const correction = weightZeroPoint ? weightZeroPoint * load<i32>(corrections + (pixel << 2)) : 0;
      for (let c: u32 = 0; c < 32; c += 4) store<i32>(sums + c, load<i32>(biases + c) - correction);
    }
    addProducts(input + from, block, groups, sums);
    if (isLast) {
      for (let c: u32 = 0; c < count; ++c) {
        store<u8>(output + c, requantiseChannel(file, step, channel + c, zeroPoint, load<i32>(sums + (c << 2))));
      }
    }
    sums += 32;
    input += pixelStride;
    output += outputStride;
    if (!--left) {
      left = width;
      input += inputGap;
      output += outputGap;
    }
  }
  store<u32>(step, <u32>sums, ACTIVE_SUMS);
}
