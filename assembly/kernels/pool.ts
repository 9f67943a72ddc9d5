/**
 * Average and max pool over a window; pads do not count. Reference: integer_ops/pooling.h. sum <= 255 * window area.
 * Windows are clipped to the map, and the validator sees to it that each holds at least one pixel.
 */
import { clamp } from "../fixed";
import {
  FLAG_UNSIGNED,
  OPCODE_AVERAGE_POOL,
  OPCODE_MAX_POOL,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_FLAGS,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_OPCODE,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  TENSOR_CHANNELS,
  TENSOR_HEIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";
import { holds } from "../slim";
import { storeSome } from "./block";
import { divideRounded } from "./mean";

/** Whether the step is a max pool. */
// @ts-ignore: decorator
@inline
function isMaxPool(step: usize): bool {
  return holds(OPCODE_MAX_POOL) && (!holds(OPCODE_AVERAGE_POOL) || load<u32>(step, STEP_OPCODE) == OPCODE_MAX_POOL);
}

/** One channel of one window: rows top..bottom-1, columns left..right-1 of the input, to one byte, clamped. */
function windowScalar(
  arena: usize,
  step: usize,
  input: usize,
  top: u32,
  bottom: u32,
  left: u32,
  right: u32,
  channel: u32,
): i32 {
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  let sum = 0;
  let greatest = 0;
  for (let y = top; y < bottom; ++y) {
    let from = rowAddress(arena, input, y) + left * pixelStride + channel;
    for (let x = left; x < right; ++x) {
      const value = <i32>load<u8>(from);
      sum += value;
      greatest = max(greatest, value);
      from += pixelStride;
    }
  }
  const isMax = isMaxPool(step);
  const count = <i32>((bottom - top) * (right - left));
  const value = isMax ? greatest : divideRounded(sum, count, (load<u32>(step, STEP_FLAGS) & FLAG_UNSIGNED) != 0);
  return clamp(value, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX));
}

/** Eight channels' greatest of one window; the twin of windowScalar for max pool. */
function windowMaxSimd(
  arena: usize,
  step: usize,
  input: usize,
  top: u32,
  bottom: u32,
  left: u32,
  right: u32,
  channel: u32,
): v128 {
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  let greatest = i64x2.splat(0);
  for (let y = top; y < bottom; ++y) {
    let from = rowAddress(arena, input, y) + left * pixelStride + channel;
    for (let x = left; x < right; ++x) {
      greatest = i8x16.max_u(greatest, v128.load64_zero(from));
      from += pixelStride;
    }
  }
  greatest = i8x16.max_u(greatest, i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN)));
  return i8x16.min_u(greatest, i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX)));
}

/** Output rows y .. y + rows - 1. */
export function pool(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const height = load<i32>(input, TENSOR_HEIGHT);
  const width = load<i32>(input, TENSOR_WIDTH);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const outputWidth = load<u32>(output, TENSOR_WIDTH);
  const outputStride = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const isMax = isMaxPool(step);
  for (let end = y + rows; y < end; ++y) {
    const firstY = <i32>(y * load<u32>(step, STEP_STRIDE_Y)) - load<i32>(step, STEP_PAD_TOP);
    const top = max(firstY, 0);
    const bottom = min(firstY + load<i32>(step, STEP_KERNEL_HEIGHT), height);
    let to = rowAddress(arena, output, y);
    for (let x: u32 = 0; x < outputWidth; ++x) {
      const firstX = <i32>(x * load<u32>(step, STEP_STRIDE_X)) - load<i32>(step, STEP_PAD_LEFT);
      const left = max(firstX, 0);
      const right = min(firstX + load<i32>(step, STEP_KERNEL_WIDTH), width);
      if (ASC_FEATURE_SIMD && isMax) {
        for (let c: u32 = 0; c < channels; c += 8) {
          storeSome(to + c, windowMaxSimd(arena, step, input, top, bottom, left, right, c), min(channels - c, 8));
        }
      } else {
        for (let c: u32 = 0; c < channels; ++c) {
          store<u8>(to + c, windowScalar(arena, step, input, top, bottom, left, right, c));
        }
      }
      to += outputStride;
    }
  }
}
