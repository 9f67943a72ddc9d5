/**
 * Reductions over a whole map that take input rows as they come and write one pixel after the last: TFLite's MEAN over
 * height and width, and AVERAGE_POOL_2D over the whole map. Scratch: i32 [channels] sums, kept between firings;
 * sum <= 255 * height * width < 2^31 for maps of up to 2^23 pixels.
 */
import { clamp, multiplyByMultiplier } from "../fixed";
import {
  FLAG_UNSIGNED,
  OPCODE_GLOBAL_AVERAGE_POOL,
  OPCODE_MEAN,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_FLAGS,
  STEP_MULTIPLIER_1,
  STEP_OPCODE,
  STEP_SHIFT_1,
  TENSOR_CHANNELS,
  TENSOR_HEIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, fill, inputOf, outputOf, rowAddress, scratchOf } from "../rings";
import { holds } from "../slim";

/** Adds a row of pixels to the sums. */
export function accumulateScalar(input: usize, pixelStride: u32, pixels: u32, channels: u32, sums: usize): void {
  for (let p: u32 = 0; p < pixels; ++p) {
    for (let c: u32 = 0; c < channels; ++c) {
      const sum = sums + (c << 2);
      store<i32>(sum, load<i32>(sum) + <i32>load<u8>(input + c));
    }
    input += pixelStride;
  }
}

/** The SIMD twin: eight channels at a time, then the rest. */
export function accumulateSimd(input: usize, pixelStride: u32, pixels: u32, channels: u32, sums: usize): void {
  let channel: u32 = 0;
  for (; channel + 8 <= channels; channel += 8) {
    const sum = sums + (channel << 2);
    let a0 = v128.load(sum);
    let a1 = v128.load(sum, 16);
    let from = input + channel;
    for (let p: u32 = 0; p < pixels; ++p) {
      const x = v128.load8x8_u(from);
      a0 = i32x4.add(a0, i32x4.extend_low_i16x8_s(x));
      a1 = i32x4.add(a1, i32x4.extend_high_i16x8_s(x));
      from += pixelStride;
    }
    v128.store(sum, a0);
    v128.store(sum, a1, 16);
  }
  accumulateScalar(input + channel, pixelStride, pixels, channels - channel, sums + (channel << 2));
}

/**
 * sum / count to nearest, both held (value + 128 of an int8). TFLite rounds uint8 half up and int8 half away from zero,
 * which the shift by 128, a multiple of count in the sum, must not hide.
 */
export function divideRounded(sum: i32, count: i32, unsigned: bool): i32 {
  const half = count >> 1;
  if (unsigned) return (sum + half) / count;
  sum -= count << 7;
  return (sum > 0 ? sum + half : sum - half) / count + 128;
}

/** Input rows y .. y + rows - 1; the output pixel with the last of them. */
export function mean(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const sums = scratchOf(arena, step);
  const channels = load<u32>(input, TENSOR_CHANNELS);
  const width = load<u32>(input, TENSOR_WIDTH);
  const height = load<u32>(input, TENSOR_HEIGHT);
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  if (!y) fill(sums, 0, channels << 2);
  const end = y + rows;
  for (; y < end; ++y) {
    const row = rowAddress(arena, input, y);
    if (ASC_FEATURE_SIMD) accumulateSimd(row, pixelStride, width, channels, sums);
    else accumulateScalar(row, pixelStride, width, channels, sums);
  }
  if (end < height) return;
  const to = rowAddress(arena, output, 0);
  const count = <i32>(width * height);
  const zeroIn = load<i32>(input, TENSOR_ZERO_POINT);
  const zeroOut = load<i32>(output, TENSOR_ZERO_POINT);
  const isMean =
    holds(OPCODE_MEAN) && (!holds(OPCODE_GLOBAL_AVERAGE_POOL) || load<u32>(step, STEP_OPCODE) == OPCODE_MEAN);
  const unsigned = (load<u32>(step, STEP_FLAGS) & FLAG_UNSIGNED) != 0;
  for (let c: u32 = 0; c < channels; ++c) {
    const sum = load<i32>(sums + (c << 2));
    const value = isMean
      ? multiplyByMultiplier(sum - zeroIn * count, load<i32>(step, STEP_MULTIPLIER_1), load<i32>(step, STEP_SHIFT_1)) +
        zeroOut
      : divideRounded(sum, count, unsigned);
    store<u8>(to + c, clamp(value, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX)));
  }
}
