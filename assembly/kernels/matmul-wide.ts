/**
 * The simd build's inner product over many pixels, on bytes that are widened to int16 once: the inputs of some pixels for
 * all blocks of output channels, the weights of a block for all those pixels. matmulSimd widens both for every product,
 * which is a quarter of its work. Both lie in static memory of this build, so that no plan depends on it.
 */
import { BLOCK_CHANNELS, STEP_DEPTH, STEP_WEIGHTS, TENSOR_CHANNELS } from "../layout";
import { fileOf, outputOf } from "../rings";
import { biasHigh, biasLow, blockBytes, prepareBlock } from "./block";
import { addLanes, dot, firstPairs, secondPairs } from "./pairs";
import { multiplyTiles } from "./tile";
import { INPUT_BYTES, wideInputs, wideWeights } from "./wide";

/** The greatest depth, a multiple of 4; deeper layers are left to matmulSimd. */
const MOST_DEPTH: u32 = 1024;
/** Below so many pixels widening is not worth its stores. */
const LEAST_PIXELS: u32 = 8;

/** Whether this kernel takes a step that makes so many pixels at a time. */
export function isWide(step: usize, pixels: u32): bool {
  return load<u32>(step, STEP_DEPTH) <= MOST_DEPTH && pixels >= LEAST_PIXELS;
}

/** Widens the block's weights: i16 [depth / 2, 8 channels, 2]. */
function widenWeights(block: usize, bytes: u32): void {
  let to = wideWeights;
  for (const end = block + bytes; block < end; block += 32) {
    const w0 = v128.load8x8_s(block), w1 = v128.load8x8_s(block, 8);
    const w2 = v128.load8x8_s(block, 16), w3 = v128.load8x8_s(block, 24);
    v128.store(to, firstPairs(w0, w1));
    v128.store(to, firstPairs(w2, w3), 16);
    v128.store(to, secondPairs(w0, w1), 32);
    v128.store(to, secondPairs(w2, w3), 48);
    to += 64;
  }
}

/** sumPixels of widened pixels, `stride` bytes apart in wideInputs: what weights with a zero point need. */
export function sumWide(stride: u32, pixels: u32, depth: u32, sums: usize): void {
  const ones = i16x8.splat(1);
  const present = i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>(depth & 7)));
  let input = wideInputs;
  for (const end = sums + (pixels << 2); sums < end; sums += 4) {
    const rest = input + ((depth & ~7) << 1);
    // The mask's lanes are -1 where there is an input.
    let four = i32x4.neg(i32x4.dot_i16x8_s(v128.load(rest), present));
    for (let x = input; x < rest; x += 16) four = dot(four, v128.load(x), ones);
    store<i32>(sums, addLanes(four));
    input += stride;
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

/** How many of `pixels` to widen next, of `most` at a time: whole tiles, evenly. */
function share(pixels: u32, most: u32): u32 {
  if (pixels <= most) return pixels;
  const parts = (pixels + most - 1) / most;
  return min((pixels / parts + 3) & ~3, most & ~3);
}

/**
 * All blocks of output channels of `pixels` widened pixels, `stride` bytes apart in wideInputs. The first has `left` in its
 * row of `width`, itself included; the rest as matmulScalar's, `output` of channel 0.
 */
export function multiplyWide(
  arena: usize,
  step: usize,
  stride: u32,
  width: u32,
  left: u32,
  pixels: u32,
  sums: usize,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  const file = fileOf(arena);
  const depth = load<u32>(step, STEP_DEPTH);
  const blocks = file + load<u32>(step, STEP_WEIGHTS);
  const channels = load<u32>(outputOf(file, step), TENSOR_CHANNELS);
  for (let channel: u32 = 0; channel < channels; channel += BLOCK_CHANNELS) {
    const count = min(channels - channel, BLOCK_CHANNELS);
    const table = prepareBlock(arena, step, channel);
    widenWeights(blocks + (channel >> 3) * blockBytes(depth), blockBytes(depth));
    multiplyTiles(
      arena, step, table, wideInputs, stride, 0, width, left, pixels, wideWeights, (depth + 1) >> 1, false,
      biasLow(table), biasHigh(table), sums, channel, count, output + channel, outputStride, outputGap,
    );
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
  const stride = ((depth + 3) & ~3) << 1;
  const most = INPUT_BYTES / stride;
  for (let first: u32 = 0, some: u32 = 0; first < pixels; first += some) {
    some = share(pixels - first, most);
    const row = first / width;
    const left = width - (first - row * width);
    widenInputs(input + first * pixelStride + row * inputGap, pixelStride, inputGap, width, left, some, depth);
    const to = output + first * outputStride + row * outputGap;
    multiplyWide(arena, step, stride, width, left, some, sums + (first << 2), to, outputStride, outputGap);
  }
}
