/**
 * Index of each pixel's greatest channel, the first of equal ones, as a byte. TFLite's reference/arg_min_max.h. One
 * kernel for all builds: a map has one such pixel for hundreds of multiplications.
 */
import { TENSOR_CHANNELS, TENSOR_PIXEL_STRIDE, TENSOR_WIDTH } from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";

/** The most channels whose index is a byte. */
export const MOST_CLASSES: u32 = 256;

/** Output rows y .. y + rows - 1. */
export function argMax(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const channels = load<u32>(input, TENSOR_CHANNELS);
  for (let end = y + rows; y < end; ++y) {
    let from = rowAddress(arena, input, y);
    let to = rowAddress(arena, output, y);
    for (let x = load<u32>(output, TENSOR_WIDTH); x; --x) {
      let greatest = -129;
      let index: u32 = 0;
      for (let c: u32 = 0; c < channels; ++c) {
        const value = <i32>load<i8>(from + c);
        if (value > greatest) {
          greatest = value;
          index = c;
        }
      }
      store<u8>(to, index);
      from += load<u32>(input, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
