/**
 * Two tensors of one height and width side by side in the channels: each pixel of the first, then of the second. Or a
 * range of one tensor's channels.
 */
import { NONE, STEP_DEPTH, STEP_INPUT_2, TENSOR_CHANNELS, TENSOR_PIXEL_STRIDE, TENSOR_WIDTH } from "../layout";
import { copy, fileOf, input2Of, inputOf, outputOf, rowAddress } from "../rings";

/** Output rows y .. y + rows - 1. */
export function concatenate(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const a = inputOf(file, step);
  const output = outputOf(file, step);
  const single = load<u32>(step, STEP_INPUT_2) == NONE;
  const b = single ? a : input2Of(file, step);
  const channelsA = load<u32>(single ? output : a, TENSOR_CHANNELS);
  const channelsB = single ? 0 : load<u32>(b, TENSOR_CHANNELS);
  for (let end = y + rows; y < end; ++y) {
    let fromA = rowAddress(arena, a, y) + load<u32>(step, STEP_DEPTH);
    let fromB = rowAddress(arena, b, y);
    let to = rowAddress(arena, output, y);
    for (let x = load<u32>(output, TENSOR_WIDTH); x; --x) {
      copy(to, fromA, channelsA);
      copy(to + channelsA, fromB, channelsB);
      fromA += load<u32>(a, TENSOR_PIXEL_STRIDE);
      fromB += load<u32>(b, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
