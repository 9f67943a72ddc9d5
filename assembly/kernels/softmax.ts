/**
 * Softmax over the channels of each pixel, or over each STEP_DEPTH of them by themselves. Reference: TFLite's
 * reference/softmax.h in Q5.26. Differences from the greatest are -255..0, so exp is computed once for each, and so is the
 * output: scratch holds i32 [256] exps and u8 [256] outputs. Sum: Q12.19, at most `group` times 1.0, which fits for groups
 * of up to 4095 channels (TFLite's own limit).
 */
import { expOfNegative, multiplyByMultiplier, reciprocalOfOnePlus } from "../fixed";
import {
  STEP_DEPTH,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_SHIFT_1,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress, scratchOf } from "../rings";
import { HOLDS_SOFTMAX_GROUPS, holds } from "../slim";

/** Bytes of scratch. */
export const SOFTMAX_SCRATCH_BYTES: u32 = 256 * 4 + 256;

/** One pixel of `channels` bytes. `exps` holds exp(-i * scale * beta) for i in 0..255, 0 where too small to count. */
function softmaxPixel(input: usize, output: usize, channels: u32, exps: usize): void {
  let greatest = 0;
  for (let c: u32 = 0; c < channels; ++c) greatest = max(greatest, <i32>load<u8>(input + c));
  let sum = 0;
  for (let c: u32 = 0; c < channels; ++c) {
    // Positive, so that half away from zero is half up; 2^31 - 1 needs the unsigned shift.
    sum += (load<u32>(exps + ((greatest - <i32>load<u8>(input + c)) << 2)) + (1 << 11)) >>> 12;
  }
  const headroom = clz(sum);
  const reciprocal = reciprocalOfOnePlus(<i32>((<u32>sum << headroom) - (<u32>1 << 31)));
  // Bits of the sum over one (at least 0: the greatest counts as 1.0), and of an output of 8 bits. From a sum of 512 on
  // the exponent exceeds 31, where TFLite aborts; every output is then below 1/2 and rounds to 0.
  const exponent = 12 - headroom + 31 - 8;
  const outputs = exps + 1024;
  for (let i: u32 = 0; i < 256; ++i) {
    const exp = load<i32>(exps + (i << 2));
    const value = exp && exponent < 32 ? multiplyByMultiplier(reciprocal, exp, exponent) : 0;
    store<u8>(outputs + i, min(value, 255));
  }
  for (let c: u32 = 0; c < channels; ++c) {
    store<u8>(output + c, load<u8>(outputs + greatest - <i32>load<u8>(input + c)));
  }
}

/** Output rows y .. y + rows - 1. */
export function softmax(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const exps = scratchOf(arena, step);
  const least = load<i32>(step, STEP_MULTIPLIER_2);
  for (let i = 0; i < 256; ++i) {
    const scaled = multiplyByMultiplier(-i, load<i32>(step, STEP_MULTIPLIER_1), load<i32>(step, STEP_SHIFT_1));
    store<i32>(exps + (i << 2), -i >= least ? expOfNegative(scaled) : 0);
  }
  const width = load<u32>(output, TENSOR_WIDTH);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const group = holds(HOLDS_SOFTMAX_GROUPS) ? load<u32>(step, STEP_DEPTH) : channels;
  for (let end = y + rows; y < end; ++y) {
    let from = rowAddress(arena, input, y);
    let to = rowAddress(arena, output, y);
    for (let x: u32 = 0; x < width; ++x) {
      if (holds(HOLDS_SOFTMAX_GROUPS)) {
        for (let c: u32 = 0; c < channels; c += group) softmaxPixel(from + c, to + c, group, exps);
      } else softmaxPixel(from, to, channels, exps);
      from += load<u32>(input, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
