/**
 * Depthwise convolution with a 3x3 kernel, any stride and dilation, in the simd build: depthwiseSimd's form for what
 * MobileNets are made of. See depthwise.ts for weights, sums and the table of taps.
 *
 * A row's columns are first widened into static memory, as the pairs that dot products take (64 bytes a column):
 *   rows 0 and 1 of the column | row 2 of the column and of the kernel's next one,
 * each of eight channels in two vectors. So nine taps are five dot products of four channels:
 *   column 0: rows 0 1 | row 2 of columns 0 1     column 1: rows 0 1     column 2: rows 0 1 | row 2 (and a weight of 0)
 * and no output does another's work again. Sums of one dot: 2 * 255 * 255 < 2^31.
 */
import {
  STEP_DILATION_X,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_STRIDE_X,
  STEP_WEIGHTS,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import { weightStrideOf } from "../streaming";
import { biasHigh, biasLow, blockZeroPoint, modeOf, prepareBlock, storeSums } from "./block";
import { interleaveWordsHigh, interleaveWordsLow } from "./interleave";
import { dot } from "./pairs";
import { INPUT_BYTES, wideInputs } from "./wide";

/** Bytes of a widened column. */
const COLUMN: u32 = 64;

/**
 * Widens `columns` columns, of which the first one's rows are at p0, p1, p2 and the next ones step0, step1, step2 further;
 * row 2 is paired with that `dilation` columns further on, where there is one.
 */
function widenColumns(
  p0: usize,
  p1: usize,
  p2: usize,
  step0: u32,
  step1: u32,
  step2: u32,
  columns: u32,
  dilation: u32,
): void {
  let to = wideInputs;
  const ahead = dilation * step2;
  do {
    const first = v128.load8x8_u(p0);
    const second = v128.load8x8_u(p1);
    v128.store(to, interleaveWordsLow(first, second));
    v128.store(to, interleaveWordsHigh(first, second), 16);
    const third = v128.load8x8_u(p2);
    // The last ones are paired with themselves: their pair has a weight of 0, and any byte will do.
    const next = v128.load8x8_u(p2 + (columns > dilation ? ahead : 0));
    v128.store(to, interleaveWordsLow(third, next), 32);
    v128.store(to, interleaveWordsHigh(third, next), 48);
    to += COLUMN;
    p0 += step0;
    p1 += step1;
    p2 += step2;
  } while (--columns);
}

/** Whether the kernel is 3x3 and an output's columns have room. */
export function fitsWide(step: usize): bool {
  return (
    load<u32>(step, STEP_KERNEL_HEIGHT) == 3 &&
    load<u32>(step, STEP_KERNEL_WIDTH) == 3 &&
    load<u32>(step, STEP_DILATION_X) < INPUT_BYTES / COLUMN / 2
  );
}

/** Sums of four channels of an output whose first column is at `column`, the others `second` and `third` bytes further. */
// @ts-ignore: decorator
@inline
function sumsOf(
  bias: v128,
  column: usize,
  second: u32,
  third: u32,
  upper0: v128,
  upper1: v128,
  upper2: v128,
  lower0: v128,
  lower2: v128,
): v128 {
  let sum = dot(bias, v128.load(column), upper0);
  sum = dot(sum, v128.load(column, 32), lower0);
  sum = dot(sum, v128.load(column + second), upper1);
  sum = dot(sum, v128.load(column + third), upper2);
  return dot(sum, v128.load(column + third, 32), lower2);
}

/** Output rows y .. y + rows - 1, eight channels from `channel` of which `count` exist. */
export function depthwise3x3Wide(
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
  const pixelStride = load<u32>(inputOf(file, step), TENSOR_PIXEL_STRIDE);
  const strideX = load<u32>(step, STEP_STRIDE_X);
  const dilation = load<u32>(step, STEP_DILATION_X);

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
  const lower0Low = interleaveWordsLow(w20, w21), lower0High = interleaveWordsHigh(w20, w21);
  const lower2Low = interleaveWordsLow(w22, none), lower2High = interleaveWordsHigh(w22, none);

  const advance = strideX * COLUMN;
  const second = dilation * COLUMN, third = 2 * second;
  // As many outputs at a time as there is memory for their columns.
  const most = (INPUT_BYTES / COLUMN - 2 * dilation - 1) / strideX + 1;
  for (let r: u32 = 0; r < rows; ++r) {
    const tap = tapTable + r * 72;
    const row = rowAddress(arena, outputTensor, y + r) + channel;
    const step0 = pixelStride & load<u32>(tap, 4);
    const step1 = pixelStride & load<u32>(tap, 28);
    const step2 = pixelStride & load<u32>(tap, 52);
    for (let x: u32 = 0; x < width; x += most) {
      let outputs = min(width - x, most);
      const first = x * strideX;
      widenColumns(
        load<u32>(tap) + channel + first * step0, load<u32>(tap, 24) + channel + first * step1,
        load<u32>(tap, 48) + channel + first * step2, step0, step1, step2, (outputs - 1) * strideX + 2 * dilation + 1, dilation,
      );
      let output = row + x * outputStride;
      let column = wideInputs;
      // Two outputs at a time, which share the block's constants; where one is left it is the second as well.
      for (; ; outputs -= 2) {
        const next = outputs > 1 ? advance : 0;
        let a0 = sumsOf(biasLow(table), column, second, third, upper0Low, upper1Low, upper2Low, lower0Low, lower2Low);
        let b0 = sumsOf(biasLow(table), column + next, second, third, upper0Low, upper1Low, upper2Low, lower0Low, lower2Low);
        let a1 = sumsOf(biasHigh(table), column + 16, second, third, upper0High, upper1High, upper2High, lower0High, lower2High);
        let b1 = sumsOf(biasHigh(table), column + next + 16, second, third, upper0High, upper1High, upper2High, lower0High, lower2High);
        storeSums(file, step, channel, table, mode, a0, a1, b0, b1, output, outputs > 1 ? output + outputStride : output, count);
        if (outputs <= 2) break;
        output += outputStride << 1;
        column += advance << 1;
      }
    }
  }
}
