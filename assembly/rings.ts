/** Where rows lie: tensors as rings of rows in the arena. */
import {
  HEADER_STEPS,
  HEADER_STEP_COUNT,
  HEADER_TENSORS,
  STATE_FILE,
  STATE_PROGRESS,
  STEP_BYTES,
  STEP_INPUT,
  STEP_INPUT_2,
  STEP_OUTPUT,
  STEP_SCRATCH,
  TENSOR_BYTES,
  TENSOR_HEIGHT,
  TENSOR_OFFSET,
  TENSOR_PAD_LEFT,
  TENSOR_PAD_RIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_RING_ROWS,
  TENSOR_ROW_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "./layout";

/** Address of the packed file of the model whose arena this is. */
// @ts-ignore: decorator
@inline
export function fileOf(arena: usize): usize {
  return load<u32>(arena, STATE_FILE);
}

/** Address of a tensor record. */
export function tensorRecord(file: usize, index: u32): usize {
  return file + load<u32>(file, HEADER_TENSORS) + index * TENSOR_BYTES;
}

/** Address of a step record. */
export function stepRecord(file: usize, index: u32): usize {
  return file + load<u32>(file, HEADER_STEPS) + index * STEP_BYTES;
}

/** Record of a step's input tensor. */
export function inputOf(file: usize, step: usize): usize {
  return tensorRecord(file, load<u32>(step, STEP_INPUT));
}

/** Record of a step's second input tensor. */
export function input2Of(file: usize, step: usize): usize {
  return tensorRecord(file, load<u32>(step, STEP_INPUT_2));
}

/** Record of a step's output tensor. */
export function outputOf(file: usize, step: usize): usize {
  return tensorRecord(file, load<u32>(step, STEP_OUTPUT));
}

/** Address of a step's scratch. */
// @ts-ignore: decorator
@inline
export function scratchOf(arena: usize, step: usize): usize {
  return arena + load<u32>(step, STEP_SCRATCH);
}

/** Address of the counter of a step's rows done. */
// @ts-ignore: decorator
@inline
export function progressOf(arena: usize, index: u32): usize {
  return arena + STATE_PROGRESS + (index << 2);
}

/** Address of the counter of a tensor's complete rows. */
export function completeOf(arena: usize, file: usize, index: u32): usize {
  return arena + STATE_PROGRESS + ((load<u32>(file, HEADER_STEP_COUNT) + index) << 2);
}

/** Address of the first byte of row y (0 <= y < height), its left pad. */
function rowStart(arena: usize, tensor: usize, y: u32): usize {
  return (
    arena +
    load<u32>(tensor, TENSOR_OFFSET) +
    (y % load<u32>(tensor, TENSOR_RING_ROWS)) * load<u32>(tensor, TENSOR_ROW_STRIDE)
  );
}

/** Address of pixel 0 of row y (0 <= y < height). */
export function rowAddress(arena: usize, tensor: usize, y: u32): usize {
  return rowStart(arena, tensor, y) + load<u32>(tensor, TENSOR_PAD_LEFT) * load<u32>(tensor, TENSOR_PIXEL_STRIDE);
}

/** Whether row y lies outside of the tensor: it then reads as the zero point. */
// @ts-ignore: decorator
@inline
export function outside(tensor: usize, y: i32): bool {
  return <u32>y >= load<u32>(tensor, TENSOR_HEIGHT);
}

/**
 * Address of a pixel that holds the zero point in each channel, for a row y outside of the tensor: a pad pixel of the
 * nearest row. That row is there whenever y is asked for: windows that reach above still need row 0, and those that reach
 * below wait for the last row, which nothing follows. The validator demands a pad column.
 */
export function padPixel(arena: usize, tensor: usize, y: i32): usize {
  const skip = load<u32>(tensor, TENSOR_PAD_LEFT) ? 0 : load<u32>(tensor, TENSOR_WIDTH);
  const row = y < 0 ? 0 : load<u32>(tensor, TENSOR_HEIGHT) - 1;
  return rowStart(arena, tensor, row) + skip * load<u32>(tensor, TENSOR_PIXEL_STRIDE);
}

/** Fills `bytes` bytes with one value. */
export function fill(address: usize, value: u32, bytes: u32): void {
  const end = address + bytes;
  // Where scalars compute the rest, filling takes no time worth these bytes.
  if (ASC_FEATURE_SIMD) {
    const wide = <u64>(value & 0xff) * 0x0101010101010101;
    while (address + 8 <= end) {
      store<u64>(address, wide);
      address += 8;
    }
  }
  while (address < end) store<u8>(address++, value);
}

/** Writes the zero point into the pad columns of rows y .. y + rows - 1. */
export function fillPads(arena: usize, tensor: usize, y: u32, rows: u32): void {
  const left = load<u32>(tensor, TENSOR_PAD_LEFT);
  const right = load<u32>(tensor, TENSOR_PAD_RIGHT);
  if (!(left | right)) return;
  const stride = load<u32>(tensor, TENSOR_PIXEL_STRIDE);
  const value = load<u32>(tensor, TENSOR_ZERO_POINT);
  for (let end = y + rows; y < end; ++y) {
    const row = rowStart(arena, tensor, y);
    fill(row, value, left * stride);
    fill(row + (left + load<u32>(tensor, TENSOR_WIDTH)) * stride, value, right * stride);
  }
}

/** Copies `bytes` bytes, not one more. */
export function copy(to: usize, from: usize, bytes: u32): void {
  const end = from + bytes;
  for (; from + 8 <= end; from += 8, to += 8) store<u64>(to, load<u64>(from));
  for (; from < end; ++from, ++to) store<u8>(to, load<u8>(from));
}

/** Turns int8 into what the arena holds, value + 128, and back: flips the top bit of `bytes` bytes. */
export function flip(address: usize, bytes: u32): void {
  const end = address + bytes;
  if (ASC_FEATURE_SIMD) {
    while (address + 16 <= end) {
      v128.store(address, v128.xor(v128.load(address), i8x16.splat(-128)));
      address += 16;
    }
  }
  while (address + 8 <= end) {
    store<u64>(address, load<u64>(address) ^ 0x8080808080808080);
    address += 8;
  }
  while (address < end) {
    store<u8>(address, load<u8>(address) ^ 0x80);
    ++address;
  }
}

/** How many of the rows y, y + stride .. lie one after the other in the ring from row y's slot on. */
export function contiguous(tensor: usize, y: u32, stride: u32): u32 {
  const ring = load<u32>(tensor, TENSOR_RING_ROWS);
  return (ring - (y % ring) + stride - 1) / stride;
}
