/**
 * Two tensors of one height and width side by side in the channels: each pixel of the first, then of the second. Of a
 * single one, as many of its channels as the output has, from STEP_DEPTH on; or, where the output has more, its channels
 * between others that hold its zero point, STEP_DEPTH of them in front.
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
  const output = outputOf(file, step);
  const single = load<u32>(step, STEP_INPUT_2) == NONE;
  const b = single ? a : input2Of(file, step);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const channelsA = min(load<u32>(a, TENSOR_CHANNELS), channels);
  const pads = single && channelsA < channels;
  // Where the first's channels go and come from: STEP_DEPTH is 0 where there are two.
  const first = load<u32>(step, STEP_DEPTH);
  for (let end = y + rows; y < end; ++y) {
    let fromA = rowAddress(arena, a, y) + (pads ? 0 : first);
    let fromB = rowAddress(arena, b, y);
    let to = rowAddress(arena, output, y);
    for (let x = load<u32>(output, TENSOR_WIDTH); x; --x) {
      if (pads) fill(to, load<u32>(a, TENSOR_ZERO_POINT), channels);
      else if (!single) copy(to + channelsA, fromB, channels - channelsA);
      copy(pads ? to + first : to, fromA, channelsA);
      fromA += load<u32>(a, TENSOR_PIXEL_STRIDE);
      fromB += load<u32>(b, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
