/**
 * The input's elements in another order. The output's, counted in the order of memory (rows, pixels, channels), have three
 * indices, of which the file says how many there are of the two inner ones, and how far apart in the input two elements
 * are that differ by one in each. One index and a stride of 1 keep the order and only change the structure of pixels.
 * Every index is held below the input's size, whatever the file says. The step's input is whole, as a resize's is.
 */
import {
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  TENSOR_CHANNELS,
  TENSOR_HEIGHT,
  TENSOR_WIDTH,
} from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";

/** Elements of a row. */
// @ts-ignore: decorator
@inline
export function rowElements(tensor: usize): u32 {
  return load<u32>(tensor, TENSOR_WIDTH) * load<u32>(tensor, TENSOR_CHANNELS);
}

/** Address of element `index` of a tensor that is held whole and has no gaps between its pixels. */
function elementAddress(arena: usize, tensor: usize, index: u32): usize {
  const row = rowElements(tensor);
  return rowAddress(arena, tensor, index / row) + (index % row);
}

/** Output rows y .. y + rows - 1. */
export function rearrange(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const middles = load<u32>(step, STEP_SHIFT_2);
  const inners = load<u32>(step, STEP_MULTIPLIER_OUT);
  const row = rowElements(output);
  const last = load<u32>(input, TENSOR_HEIGHT) * rowElements(input) - 1;
  for (let at = y * row, end = at + rows * row; at < end; ++at) {
    const rest = at / inners;
    const from =
      (rest / middles) * load<u32>(step, STEP_MULTIPLIER_1) +
      (rest % middles) * load<u32>(step, STEP_SHIFT_1) +
      (at % inners) * load<u32>(step, STEP_MULTIPLIER_2);
    store<u8>(elementAddress(arena, output, at), load<u8>(elementAddress(arena, input, min(from, last))));
  }
}
