/** Index of each pixel's greatest channel, the first of equal ones, as a byte. TFLite's reference/arg_min_max.h. */
import { TENSOR_CHANNELS, TENSOR_PIXEL_STRIDE, TENSOR_WIDTH } from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";

/** The most channels whose index is a byte. */
export const MOST_CLASSES: u32 = 256;

/** Index of the greatest of `channels` bytes. */
export function greatestScalar(from: usize, channels: u32): u32 {
  let greatest = -1;
  let index: u32 = 0;
  for (let c: u32 = 0; c < channels; ++c) {
    const value = <i32>load<u8>(from + c);
    if (value > greatest) {
      greatest = value;
      index = c;
    }
  }
  return index;
}

/** Fewer than sixteen channels; those that are not there are 0, which no channel is below. */
// @ts-ignore: decorator
@inline
function few(from: usize, channels: u32): v128 {
  const numbers = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return v128.and(v128.load(from), i8x16.gt_s(i8x16.splat(<i8>channels), numbers));
}

/**
 * The SIMD twin: the greatest of all, then the first lane that has it. The last sixteen channels overlap the ones before
 * rather than being fewer. `channels` is at least 1.
 */
export function greatestSimd(from: usize, channels: u32): u32 {
  const first = channels < 16 ? few(from, channels) : v128.load(from);
  const last = channels - min(channels, 16);
  let greatest = first;
  for (let c: u32 = 16; c < channels; c += 16) greatest = i8x16.max_u(greatest, v128.load(from + min(c, last)));
  greatest = i8x16.max_u(greatest, i8x16.shuffle(greatest, greatest, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  greatest = i8x16.max_u(greatest, i8x16.shuffle(greatest, greatest, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  greatest = i8x16.max_u(greatest, i8x16.shuffle(greatest, greatest, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
  greatest = i8x16.splat(<i8>max(i8x16.extract_lane_u(greatest, 0), i8x16.extract_lane_u(greatest, 1)));
  let c: u32 = 0;
  let lanes = i8x16.bitmask(i8x16.eq(first, greatest));
  while (!lanes) {
    c = min(c + 16, last);
    lanes = i8x16.bitmask(i8x16.eq(v128.load(from + c), greatest));
  }
  return c + ctz(lanes);
}

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
      store<u8>(to, ASC_FEATURE_SIMD ? greatestSimd(from, channels) : greatestScalar(from, channels));
      from += load<u32>(input, TENSOR_PIXEL_STRIDE);
      to += load<u32>(output, TENSOR_PIXEL_STRIDE);
    }
  }
}
