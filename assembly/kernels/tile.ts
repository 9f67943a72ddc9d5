/**
 * The tiles of the inner product that the relaxed build and the simd build's widened bytes share: four pixels of eight
 * channels. The inner loop takes a group at a time, 4 bytes of each pixel, the same in all lanes, and 32 of weights: in the
 * relaxed build four inputs and weights, in the simd build two of 16 bits. Eight vectors of sums, two of weights and an input fit
 * x86's 16 vector registers; two pixels of sixteen channels are no faster.
 */
import { linesValue, lineValue } from "../line";
import { fileOf } from "../rings";
import {
  blockZeroPoint,
  constantOf,
  HALF,
  MODE_LINE,
  MODE_LINES,
  MODE_RELU,
  modeOf,
  narrowBare,
  narrowLine,
  storeFour,
  storePair,
} from "./block";
import { dot as dotRelaxed } from "./dot-relaxed";
import { dot as dotPairs } from "./pairs";

/** sum + the products of this build in each lane. */
// @ts-ignore: decorator
@inline
function dot(sum: v128, weights: v128, inputs: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? dotRelaxed(sum, weights, inputs) : dotPairs(sum, weights, inputs);
}

/** Four inputs, the same in each lane, less 128: for hosts that take them as signed. */
// @ts-ignore: decorator
@inline
function flipped(address: usize): v128 {
  return v128.xor(v128.load32_splat(address), i8x16.splat(-128));
}

/**
 * A prepared block. The first of `pixels` pixels has `left` in its row of `width`, itself included; `weights` and each pixel
 * hold `groups` groups; `bias0` and `bias1` are where sums begin. The rest as matmulScalar's.
 */
// @ts-ignore: decorator
@inline
export function multiplyTiles(
  arena: usize,
  step: usize,
  table: usize,
  input: usize,
  pixelStride: u32,
  inputGap: u32,
  width: u32,
  left: u32,
  pixels: u32,
  weights: usize,
  groups: u32,
  isFlipped: bool,
  bias0: v128,
  bias1: v128,
  sums: usize,
  channel: u32,
  count: u32,
  output: usize,
  outputStride: u32,
  outputGap: u32,
): void {
  const file = fileOf(arena);
  const weightZeroPoint = blockZeroPoint(file, step, channel);
  const mode = modeOf(table);
  let pixel: u32 = 0;
  do {
    const tile = min(pixels - pixel, 4);
    const inputA = input;
    const outputA = output;
    let offsetB = pixelStride, offsetC = offsetB + pixelStride, offsetD = offsetC + pixelStride;
    let outputB = output + outputStride, outputC = outputB + outputStride;
    if (tile == 4 && left > 4) {
      input += offsetD;
      output = outputC + outputStride;
      left -= 3;
    } else {
      // Around the end of a row; pixels that are not there are the last one once more.
      for (let k: u32 = 1; k < 4; ++k) {
        if (k < tile) {
          input += pixelStride;
          output += outputStride;
          if (!--left) {
            left = width;
            input += inputGap;
            output += outputGap;
          }
        }
        offsetD = <u32>(input - inputA);
        if (k == 1) {
          offsetB = offsetD;
          outputB = output;
        }
        if (k == 2) {
          offsetC = offsetD;
          outputC = output;
        }
      }
    }
    let a0 = bias0, b0 = bias0, c0 = bias0, d0 = bias0;
    let a1 = bias1, b1 = bias1, c1 = bias1, d1 = bias1;
    let x = inputA;
    let w = weights;
    let group = groups;
    // One loop for each kind of host: x86, which needs no flip, has no room for one beside eight dot products.
    if (ASC_FEATURE_RELAXED_SIMD && isFlipped) {
      do {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        let inputs = flipped(x);
        a0 = dot(a0, w0, inputs);
        a1 = dot(a1, w1, inputs);
        inputs = flipped(x + offsetB);
        b0 = dot(b0, w0, inputs);
        b1 = dot(b1, w1, inputs);
        inputs = flipped(x + offsetC);
        c0 = dot(c0, w0, inputs);
        c1 = dot(c1, w1, inputs);
        inputs = flipped(x + offsetD);
        d0 = dot(d0, w0, inputs);
        d1 = dot(d1, w1, inputs);
        x += 4;
        w += 32;
      } while (--group);
    } else if (!ASC_FEATURE_RELAXED_SIMD && tile <= 2) {
      // Half of the work; the relaxed build's would take as long, for each sum would wait for its own last product.
      do {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        let inputs = v128.load32_splat(x);
        a0 = dot(a0, w0, inputs);
        a1 = dot(a1, w1, inputs);
        inputs = v128.load32_splat(x + offsetB);
        b0 = dot(b0, w0, inputs);
        b1 = dot(b1, w1, inputs);
        x += 4;
        w += 32;
      } while (--group);
      c0 = d0 = b0;
      c1 = d1 = b1;
    } else {
      do {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        let inputs = v128.load32_splat(x);
        a0 = dot(a0, w0, inputs);
        a1 = dot(a1, w1, inputs);
        inputs = v128.load32_splat(x + offsetB);
        b0 = dot(b0, w0, inputs);
        b1 = dot(b1, w1, inputs);
        inputs = v128.load32_splat(x + offsetC);
        c0 = dot(c0, w0, inputs);
        c1 = dot(c1, w1, inputs);
        inputs = v128.load32_splat(x + offsetD);
        d0 = dot(d0, w0, inputs);
        d1 = dot(d1, w1, inputs);
        x += 4;
        w += 32;
      } while (--group);
    }
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
    const slope0 = v128.load(table), sum0 = v128.load(table, 16);
    const slope1 = v128.load(table, HALF), sum1 = v128.load(table, HALF + 16);
    const constant = constantOf(table);
    if (mode >= (ASC_FEATURE_RELAXED_SIMD ? MODE_RELU : MODE_LINE)) {
      a0 = lineValue(a0, slope0, sum0, constant);
      a1 = lineValue(a1, slope1, sum1, constant);
      b0 = lineValue(b0, slope0, sum0, constant);
      b1 = lineValue(b1, slope1, sum1, constant);
      c0 = lineValue(c0, slope0, sum0, constant);
      c1 = lineValue(c1, slope1, sum1, constant);
      d0 = lineValue(d0, slope0, sum0, constant);
      d1 = lineValue(d1, slope1, sum1, constant);
      const isBare = ASC_FEATURE_RELAXED_SIMD || mode == MODE_RELU;
      storePair(outputA, outputB, isBare ? narrowBare(a0, a1, b0, b1) : narrowLine(table, a0, a1, b0, b1), count);
      storePair(outputC, output, isBare ? narrowBare(c0, c1, d0, d1) : narrowLine(table, c0, c1, d0, d1), count);
    } else if (ASC_FEATURE_RELAXED_SIMD && mode >= MODE_LINES) {
      a0 = linesValue(a0, slope0, sum0, constant);
      a1 = linesValue(a1, slope1, sum1, constant);
      b0 = linesValue(b0, slope0, sum0, constant);
      b1 = linesValue(b1, slope1, sum1, constant);
      c0 = linesValue(c0, slope0, sum0, constant);
      c1 = linesValue(c1, slope1, sum1, constant);
      d0 = linesValue(d0, slope0, sum0, constant);
      d1 = linesValue(d1, slope1, sum1, constant);
      storePair(outputA, outputB, narrowLine(table, a0, a1, b0, b1), count);
      storePair(outputC, output, narrowLine(table, c0, c1, d0, d1), count);
    } else {
      storeFour(file, step, channel, table, a0, a1, b0, b1, c0, c1, d0, d1, outputA, outputB, outputC, output, count);
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
