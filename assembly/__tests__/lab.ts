/**
 * A model laid out by hand for unit tests of kernels: one step, its tensors and an arena in static memory. Factors are 1
 * unless told, so that results can be worked out on paper.
 */
import {
  FLAG_VECTOR,
  HEADER_BYTES,
  HEADER_STEPS,
  HEADER_STEP_COUNT,
  HEADER_TENSORS,
  HEADER_TENSOR_COUNT,
  NONE,
  STATE_FILE,
  STEP_BIASES,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_DEPTH,
  STEP_DILATION_X,
  STEP_DILATION_Y,
  STEP_FLAGS,
  STEP_INPUT,
  STEP_INPUT_2,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_MULTIPLIERS,
  STEP_OPCODE,
  STEP_OUTPUT,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_ROWS,
  STEP_SCRATCH,
  STEP_SCRATCH_BYTES,
  STEP_SCRATCH_PIXELS,
  STEP_SHIFTS,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  STEP_WEIGHTS,
  TENSOR_BYTES,
  TENSOR_CHANNELS,
  TENSOR_HEIGHT,
  TENSOR_OFFSET,
  TENSOR_PAD_LEFT,
  TENSOR_PAD_RIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_RING_ROWS,
  TENSOR_ROW_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fillPads, rowAddress } from "../rings";

const FILE_BYTES = 8192;
const ARENA_BYTES = 32768;
const SCRATCH: u32 = 24576;
const STEPS: u32 = HEADER_BYTES + 4 * TENSOR_BYTES;
const WEIGHTS: u32 = 1024;
const BIASES: u32 = 6144;
const MULTIPLIERS: u32 = 6400;
const SHIFTS: u32 = 6912;

/** The file: header, four tensor records, a step record, constants of up to 32 output channels. */
export const file: usize = memory.data(8192, 16);
/** The arena: state, 6 KiB for each tensor from 2 KiB on, scratch. */
export const arena: usize = memory.data(32768, 16);
/** The step's record. */
export const step: usize = file + STEPS;
/** The step's scratch. */
export const scratch: usize = arena + SCRATCH;

/** Where tensor `index` has its record. */
export function record(index: u32): usize {
  return file + HEADER_BYTES + index * TENSOR_BYTES;
}

/** Wipes all; then one step of this opcode from tensor 0 to tensor 1, window of one pixel, factor 1 for 32 channels. */
export function begin(opcode: u32): void {
  memory.fill(file, 0, FILE_BYTES);
  memory.fill(arena, 0, ARENA_BYTES);
  store<u32>(arena, file, STATE_FILE);
  store<u32>(file, HEADER_BYTES, HEADER_TENSORS);
  store<u32>(file, 4, HEADER_TENSOR_COUNT);
  store<u32>(file, STEPS, HEADER_STEPS);
  store<u32>(file, 1, HEADER_STEP_COUNT);
  store<u32>(step, opcode, STEP_OPCODE);
  store<u32>(step, FLAG_VECTOR, STEP_FLAGS);
  store<u32>(step, 0, STEP_INPUT);
  store<u32>(step, NONE, STEP_INPUT_2);
  store<u32>(step, 1, STEP_OUTPUT);
  store<u32>(step, 1, STEP_ROWS);
  store<u32>(step, 1, STEP_DEPTH);
  window(1, 1, 1, 1, 1, 0, 0);
  store<i32>(step, 0, STEP_CLAMP_MIN);
  store<i32>(step, 255, STEP_CLAMP_MAX);
  store<u32>(step, WEIGHTS, STEP_WEIGHTS);
  store<u32>(step, BIASES, STEP_BIASES);
  store<u32>(step, MULTIPLIERS, STEP_MULTIPLIERS);
  store<u32>(step, SHIFTS, STEP_SHIFTS);
  store<u32>(step, SCRATCH, STEP_SCRATCH);
  store<u32>(step, 8192, STEP_SCRATCH_BYTES);
  store<u32>(step, 4, STEP_SCRATCH_PIXELS);
  for (let c: u32 = 0; c < 32; ++c) factor(c, 1 << 30, -1);
}

/** The step's window. */
export function window(height: u32, width: u32, strideY: u32, strideX: u32, dilation: u32, top: u32, left: u32): void {
  store<u32>(step, height, STEP_KERNEL_HEIGHT);
  store<u32>(step, width, STEP_KERNEL_WIDTH);
  store<u32>(step, strideY, STEP_STRIDE_Y);
  store<u32>(step, strideX, STEP_STRIDE_X);
  store<u32>(step, dilation, STEP_DILATION_Y);
  store<u32>(step, dilation, STEP_DILATION_X);
  store<u32>(step, top, STEP_PAD_TOP);
  store<u32>(step, left, STEP_PAD_LEFT);
}

/** Multiplier and right shift of an output channel. */
export function factor(channel: u32, multiplier: i32, shift: i32): void {
  store<i32>(file + MULTIPLIERS + (channel << 2), multiplier);
  store<i8>(file + SHIFTS + channel, shift);
}

/** Bias of an output channel. */
export function bias(channel: u32, value: i32): void {
  store<i32>(file + BIASES + (channel << 2), value);
}

/** A byte of the weights. */
export function weight(at: u32, value: i32): void {
  store<i8>(file + WEIGHTS + at, value);
}

/** Weight k of output channel c in the order of convolutions whose dot products have `depth` bytes. */
export function blockWeight(channel: u32, k: u32, depth: u32, value: i32): void {
  const block = ((depth + 3) & ~3) * 8;
  weight((channel >> 3) * block + (k >> 2) * 32 + (channel & 7) * 4 + (k & 3), value);
}

/** A tensor of which the ring holds `rows` rows, with pads of its zero point. */
export function tensor(
  index: u32,
  height: u32,
  width: u32,
  channels: u32,
  zeroPoint: i32,
  pads: u32,
  rows: u32 = height,
): void {
  const at = record(index);
  store<u32>(at, 2048 + 6144 * index, TENSOR_OFFSET);
  store<u32>(at, rows, TENSOR_RING_ROWS);
  store<u32>(at, height, TENSOR_HEIGHT);
  store<u32>(at, width, TENSOR_WIDTH);
  store<u32>(at, channels, TENSOR_CHANNELS);
  store<u32>(at, channels, TENSOR_PIXEL_STRIDE);
  store<u32>(at, (width + 2 * pads) * channels, TENSOR_ROW_STRIDE);
  store<u32>(at, pads, TENSOR_PAD_LEFT);
  store<u32>(at, pads, TENSOR_PAD_RIGHT);
  store<i32>(at, held(zeroPoint), TENSOR_ZERO_POINT);
  fillPads(arena, at, 0, rows);
}

/** Address of an element. */
function element(index: u32, y: u32, x: u32, channel: u32): usize {
  return rowAddress(arena, record(index), y) + x * load<u32>(record(index), TENSOR_PIXEL_STRIDE) + channel;
}

/** What the arena holds for an int8. */
export function held(value: i32): i32 {
  return value + 128;
}

/** Writes an element, an int8. */
export function put(index: u32, y: u32, x: u32, channel: u32, value: i32): void {
  store<u8>(element(index, y, x, channel), held(value));
}

/** Reads an element, an int8. */
export function get(index: u32, y: u32, x: u32, channel: u32): i32 {
  return <i32>load<u8>(element(index, y, x, channel)) - 128;
}

let state: u32 = 1;

/** Pseudo-random numbers in low..high, the same in every run. */
export function random(low: i32, high: i32): i32 {
  state = state * 1664525 + 1013904223;
  return low + <i32>((state >> 8) % <u32>(high - low + 1));
}

/** Fills a tensor with random bytes. */
export function scatter(index: u32): void {
  const at = record(index);
  for (let y: u32 = 0; y < load<u32>(at, TENSOR_HEIGHT); ++y) {
    for (let x: u32 = 0; x < load<u32>(at, TENSOR_WIDTH); ++x) {
      for (let c: u32 = 0; c < load<u32>(at, TENSOR_CHANNELS); ++c) put(index, y, x, c, random(-128, 127));
    }
  }
}
