/**
 * Each pixel's channels over the root of the sum of their squares. Reference: TFLite's l2normalization.h (int8 and uint8,
 * which round differently) and GetInvSqrtQuantizedMultiplierExp: five Newton-Raphson steps from 1 towards 1/sqrt(a) in
 * Q3.28, a in 1/4..1. A step never passes its goal, which is at most 2, and the cubes before the last step are below 7.97,
 * so no left shift saturates. The sum of squares is at most 255^2 for each channel, which fits for up to 33025. One kernel for all builds: networks end in it.
 */
import { clamp, doublingHighMultiply, multiplyByMultiplier } from "../fixed";
import {
  FLAG_UNSIGNED,
  STEP_FLAGS,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";

/** Bits of the output's fraction. */
const OUTPUT_BITS = 7;

/** One pixel: `early` bits of the output's fraction come before the rounding, the rest with it. */
function normalise(from: usize, to: usize, channels: u32, zero: i32, early: i32): void {
  let sum = 0;
  for (let c: u32 = 0; c < channels; ++c) {
    const x = <i32>load<u8>(from + c) - zero;
    sum += x * x;
  }
  let multiplier = i32.MAX_VALUE;
  let shift = 0;
  if (sum > 1) {
    // To 2^27 .. 2^29 by a power of 4, of which the root is a power of 2; from 2^29 on that is a quarter.
    const pairs = (clz(sum) - 1) >> 1;
    shift = 12 - pairs;
    sum = <i32>((<i64>sum << (pairs << 1)) >> 2);
    const half = ((sum >> 1) + 1) >> 1;
    let x = 1 << 28;
    for (let i = 0; i < 5; ++i) {
      const cube = doublingHighMultiply(doublingHighMultiply(x, x), x) << 6;
      x = (doublingHighMultiply(3 << 27, x) - doublingHighMultiply(half, cube)) << 3;
    }
    multiplier = doublingHighMultiply(x, 1518500250); // sqrt(1/2)
    if (shift < 0) {
      multiplier <<= -shift;
      shift = 0;
    }
  }
  shift -= OUTPUT_BITS - early;
  for (let c: u32 = 0; c < channels; ++c) {
    const x = (<i32>load<u8>(from + c) - zero) << early;
    store<u8>(to + c, clamp(multiplyByMultiplier(x, multiplier, shift) + 128, 0, 255));
  }
}

/** Output rows y .. y + rows - 1. */
export function l2Normalise(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const zero = load<i32>(input, TENSOR_ZERO_POINT);
  const early = load<u32>(step, STEP_FLAGS) & FLAG_UNSIGNED ? OUTPUT_BITS : 0;
  for (let end = y + rows; y < end; ++y) {
    let from = rowAddress(arena, input, y);
    let to = rowAddress(arena, output, y);
    for (let x = load<u32>(output, TENSOR_WIDTH); x; --x) {
      normalise(from, to, channels, zero, early);
      from += load<u32>(input, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
