/**
 * Softmax over the channels of each pixel, or over each STEP_DEPTH of them by themselves. Reference: TFLite's
 * reference/softmax.h in Q5.26. Differences from the greatest are -255..0, so exp is computed once for each that there is:
 * scratch holds i32 [256]. Sum: Q12.19, at most `group` times 1.0, which fits for groups
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
import { fileOf, fill, inputOf, outputOf, rowAddress, scratchOf } from "../rings";
import { HOLDS_SOFTMAX_GROUPS, holds } from "../slim";

/** Bytes of scratch. */
export const SOFTMAX_SCRATCH_BYTES: u32 = 256 * 4;

/** What stands for an exp that has not been computed yet: none is negative. */
const UNKNOWN: i32 = -1;

/** exp(-difference * scale * beta), 0 where too small to count; computed when first asked for. */
function expOf(step: usize, exps: usize, difference: u32): i32 {
  const at = exps + (difference << 2);
  let exp = load<i32>(at);
  if (exp == UNKNOWN) {
    const x = -(<i32>difference);
    const isNear = x >= load<i32>(step, STEP_MULTIPLIER_2);
    exp = isNear ? expOfNegative(multiplyByMultiplier(x, load<i32>(step, STEP_MULTIPLIER_1), load<i32>(step, STEP_SHIFT_1))) : 0;
    store<i32>(at, exp);
  }
  return exp;
}

/** One pixel of `channels` bytes. */
function softmaxPixel(step: usize, input: usize, output: usize, channels: u32, exps: usize): void {
  let greatest: u32 = 0;
  for (let c: u32 = 0; c < channels; ++c) greatest = max<u32>(greatest, load<u8>(input + c));
  let sum = 0;
  for (let c: u32 = 0; c < channels; ++c) {
    // Positive, so that half away from zero is half up; 2^31 - 1 needs the unsigned shift.
    sum += (<u32>expOf(step, exps, greatest - load<u8>(input + c)) + (1 << 11)) >>> 12;
  }
  const headroom = clz(sum);
  const reciprocal = reciprocalOfOnePlus(<i32>((<u32>sum << headroom) - (<u32>1 << 31)));
  // Bits of the sum over one (at least 0: the greatest counts as 1.0), and of an output of 8 bits. From a sum of 512 on
  // the exponent exceeds 31, where TFLite aborts; every output is then below 1/2 and rounds to 0.
  const exponent = 12 - headroom + 31 - 8;
  for (let c: u32 = 0; c < channels; ++c) {
    const exp = expOf(step, exps, greatest - load<u8>(input + c));
    store<u8>(output + c, exp && exponent < 32 ? min(multiplyByMultiplier(reciprocal, exp, exponent), 255) : 0);
  }
}

/** Output rows y .. y + rows - 1. */
export function softmax(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const exps = scratchOf(arena, step);
  fill(exps, UNKNOWN, SOFTMAX_SCRATCH_BYTES);
  const width = load<u32>(output, TENSOR_WIDTH);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const group = holds(HOLDS_SOFTMAX_GROUPS) ? load<u32>(step, STEP_DEPTH) : channels;
  for (let end = y + rows; y < end; ++y) {
    let from = rowAddress(arena, input, y);
    let to = rowAddress(arena, output, y);
    for (let x: u32 = 0; x < width; ++x) {
      if (holds(HOLDS_SOFTMAX_GROUPS)) {
        for (let c: u32 = 0; c < channels; c += group) softmaxPixel(step, from + c, to + c, group, exps);
      } else softmaxPixel(step, from, to, channels, exps);
      from += load<u32>(input, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
