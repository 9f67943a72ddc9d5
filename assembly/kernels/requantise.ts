/**
 * Change of scale and zero point between int8 tensors (TFLite's QUANTIZE on integers; uint8 is int8 here already).
 * Reference: reference/requantize.h. |x - zx| <= 255. One kernel for both builds: it runs on inputs and outputs at most.
 */
import { clamp, multiplyByMultiplier } from "../fixed";
import {
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_MULTIPLIER_1,
  STEP_SHIFT_1,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";

/** Output rows y .. y + rows - 1. */
export function requantise(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const zeroIn = load<i32>(input, TENSOR_ZERO_POINT);
  const zeroOut = load<i32>(output, TENSOR_ZERO_POINT);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const width = load<u32>(output, TENSOR_WIDTH);
  for (let end = y + rows; y < end; ++y) {
    let from = rowAddress(arena, input, y);
    let to = rowAddress(arena, output, y);
    for (let x: u32 = 0; x < width; ++x) {
      for (let c: u32 = 0; c < channels; ++c) {
        const scaled = multiplyByMultiplier(
          <i32>load<i8>(from + c) - zeroIn,
          load<i32>(step, STEP_MULTIPLIER_1),
          load<i32>(step, STEP_SHIFT_1),
        );
        store<i8>(to + c, clamp(scaled + zeroOut, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX)));
      }
      from += load<u32>(input, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
