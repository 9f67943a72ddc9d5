/**
 * The simd build's inner product over many pixels, on bytes that are widened to int16 once: the inputs of some pixels for
 * all blocks of output channels, the weights of a block for all those pixels. matmulSimd widens both for every product,
 * which is a quarter of its work. Both lie in static memory of this build, so that no plan depends on it.
 */
import { BLOCK_CHANNELS, STEP_DEPTH, STEP_WEIGHTS, TENSOR_CHANNELS } from "../layout";
import { fileOf, outputOf } from "../rings";
import { STREAMED } from "../streamed";
import {
  biasHigh,
  biasLow,
  blockBytes,
  blockZeroPoint,
  modeOf,
  prepareBlock,
  storeSums,
} from "./block";
import { addPairs, dot } from "./pairs";

/** Whether this build has the kernel: builds for streamed weights are for hosts that have no RAM to spare. */
export const WIDENS: bool = ASC_FEATURE_SIMD && !ASC_FEATURE_RELAXED_SIMD && !STREAMED;

/** The greatest depth, a multiple of 4; deeper layers are left to matmulSimd. */
const MOST_DEPTH: u32 = 1024;
/** Below so many pixels widening is not worth its stores. */
const LEAST_PIXELS: u32 = 8;
/** Bytes of widened inputs: 17 pixels of a depth of 960, for which a block's weights are widened once. */
const INPUT_BYTES: u32 = 32768;

/** i16 [depth / 4, 8 channels, 4], the order of the file's weights. Lazy: other builds have no such memory. */
// @ts-ignore: decorator
@lazy
const wideWeights = memory.data(16384, 16);
/** i16 [pixels, depth rounded up to 4]; a copy may write 8 bytes past its pixel. */
// @ts-ignore: decorator
@lazy
const wideInputs = memory.data(32768 + 16, 16); // INPUT_BYTES and the last copy's end

/** Whether this kernel takes a step that makes so many pixels at a time. */
export function isWide(step: usize, pixels: u32): bool {
  return load<u32>(step, STEP_DEPTH) <= MOST_DEPTH && pixels >= LEAST_PIXELS;
}

/** Widens the block's weights. */
function widenWeights(block: usize, bytes: u32): void {
  let to = wideWeights;
  for (const end = block + bytes; block < end; block += 16) {
    v128.store(to, v128.load8x8_s(block));
    v128.store(to, v128.load8x8_s(block, 8), 16);
    to += 32;
  }
}

/** Widens `pixels` pixels, of which the first has `left` in its row, itself included; arguments as matmulScalar's. */
function widenInputs(input: usize, pixelStride: u32, inputGap: u32, width: u32, left: u32, pixels: u32, depth: u32): void {
  let to = wideInputs;
  do {
    for (let at: u32 = 0; at < depth; at += 8) v128.store(to + (at << 1), v128.load8x8_u(input + at));
    to += ((depth + 3) & ~3) << 1;
    input += pixelStride;
    if (!--left) {
      left = width;
      input += inputGap;
    }
  } while (--pixels);
}

/** One block of the widened pixels, two at a time: as matmulSimd, whose sums and outputs these are. */
function multiplyBlock(
  arena: usize,
  step: usize,
  width: u32,
  left: u32,
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
  const table = prepareBlock(arena, step, channel);
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  const mode = modeOf(table);
  const stride = groups << 3;
  widenWeights(file + load<u32>(step, STEP_WEIGHTS) + (channel >> 3) * blockBytes(depth), blockBytes(depth));
  // One of the halves that addPairs adds.
  const bias0 = i64x2.extend_low_i32x4_u(biasLow(table)), bias1 = i64x2.extend_high_i32x4_u(biasLow(table));
  const bias2 = i64x2.extend_low_i32x4_u(biasHigh(table)), bias3 = i64x2.extend_high_i32x4_u(biasHigh(table));
  let input = wideInputs;
  for (const end = sums + (pixels << 2); sums < end; sums += 8) {
    // Where one pixel is left it is computed twice, and stored twice at one address.
    const second = sums + 4 < end;
    const offsetB: u32 = second ? stride : 0;
    const outputA = output;
    if (second) {
      output += outputStride;
      if (!--left) {
        left = width;
        output += outputGap;
      }
    }
    let a0 = bias0, a1 = bias1, a2 = bias2, a3 = bias3;
    let b0 = bias0, b1 = bias1, b2 = bias2, b3 = bias3;
    let x = input;
    let w = wideWeights;
    let group = groups;
    do {
      const xa = v128.load64_splat(x);
      const xb = v128.load64_splat(x + offsetB);
      const w0 = v128.load(w);
      a0 = dot(a0, xa, w0);
      b0 = dot(b0, xb, w0);
      const w1 = v128.load(w, 16);
      a1 = dot(a1, xa, w1);
      b1 = dot(b1, xb, w1);
      const w2 = v128.load(w, 32);
      a2 = dot(a2, xa, w2);
      b2 = dot(b2, xb, w2);
      const w3 = v128.load(w, 48);
      a3 = dot(a3, xa, w3);
      b3 = dot(b3, xb, w3);
      x += 8;
      w += 64;
    } while (--group);
    a0 = addPairs(a0, a1);
    a1 = addPairs(a2, a3);
    b0 = addPairs(b0, b1);
    b1 = addPairs(b2, b3);
    if (weightZeroPoint) {
      const correctionA = i32x4.splat(weightZeroPoint * load<i32>(sums));
      const correctionB = i32x4.splat(weightZeroPoint * load<i32>(second ? sums + 4 : sums));
      a0 = i32x4.sub(a0, correctionA);
      a1 = i32x4.sub(a1, correctionA);
      b0 = i32x4.sub(b0, correctionB);
      b1 = i32x4.sub(b1, correctionB);
    }
    storeSums(file, step, channel, table, mode, a0, a1, b0, b1, outputA, output, count);
    input += offsetB + stride;
    output += outputStride;
    if (!--left) {
      left = width;
      output += outputGap;
    }
  }
}

/** All blocks of output channels of `pixels` pixels in rows of `width`; arguments as matmulScalar's, `output` of channel 0. */
export function matmulWide(
  arena: usize,
  step: usize,
  input: usize,
  pixelStride: u32,
  inputGap: u32,
  width: u32,
  pixels: u32,
  sums: usize,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  const depth = load<u32>(step, STEP_DEPTH);
  const most = INPUT_BYTES / (((depth + 3) & ~3) << 1);
  const channels = load<u32>(outputOf(fileOf(arena), step), TENSOR_CHANNELS);
  for (let first: u32 = 0; first < pixels; first += most) {
    const some = min(pixels - first, most);
    const row = first / width;
    const left = width - (first - row * width);
    widenInputs(input + first * pixelStride + row * inputGap, pixelStride, inputGap, width, left, some, depth);
    const to = output + first * outputStride + row * outputGap;
    for (let channel: u32 = 0; channel < channels; channel += BLOCK_CHANNELS) {
      const count = min(channels - channel, BLOCK_CHANNELS);
      multiplyBlock(arena, step, width, left, some, sums + (first << 2), channel, count, to + channel, outputStride, outputGap);
    }
  }
}
