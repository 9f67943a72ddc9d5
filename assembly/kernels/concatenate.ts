/**
 * Two tensors of one height and width side by side in the channels: each pixel of the first, then of the second. Without
 * a second, the first's channels between others that hold its zero point, STEP_DEPTH of them in front.
 */
import {
  NONE,
  STEP_DEPTH,
  STEP_INPUT_2,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { copy, fileOf, fill, input2Of, inputOf, outputOf, rowAddress } from "../rings";

/** Output rows y .. y + rows - 1. */
export function concatenate(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const a = inputOf(file, step);
  const pads = load<u32>(step, STEP_INPUT_2) == NONE;
  const b = pads ? a : input2Of(file, step);
  const output = outputOf(file, step);
  const channelsA = load<u32>(a, TENSOR_CHANNELS);
  const channelsB = load<u32>(b, TENSOR_CHANNELS);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  for (let end = y + rows; y < end; ++y) {
    let fromA = rowAddress(arena, a, y);
    let fromB = rowAddress(arena, b, y);
    let to = rowAddress(arena, output, y);
    for (let x = load<u32>(output, TENSOR_WIDTH); x; --x) {
      if (pads) {
        fill(to, load<u32>(a, TENSOR_ZERO_POINT), channels);
        copy(to + load<u32>(step, STEP_DEPTH), fromA, channelsA);
      } else {
        copy(to, fromA, channelsA);
        copy(to + channelsA, fromB, channelsB);
      }
      fromA += load<u32>(a, TENSOR_PIXEL_STRIDE);
      fromB += load<u32>(b, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
