/**
 * The engine's ABI. The host lays a packed file and an arena anywhere above __heap_base, both at multiples of 16, in a
 * memory that it has made large enough; the engine never grows memory, allocates or keeps state outside of the arena, so
 * any number of models can share one instance. Statuses are described in layout.ts (0 = all is well).
 */
import {
  HEADER_INPUT,
  HEADER_OUTPUTS,
  HEADER_OUTPUT_COUNT,
  PORT_BYTES,
  PORT_TENSOR,
  PORT_TYPE,
  STATE_DONE,
  STATE_FILE,
  STATE_FLIP,
  STATE_PUSHED,
  STATUS_FEATURE,
  STATUS_OK,
  STATUS_ROWS,
  STATUS_STREAMED,
  TENSOR_CHANNELS,
  TENSOR_HEIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_RING_ROWS,
  TENSOR_WIDTH,
  TYPE_INT8,
} from "./layout";
import { activationFlip, DOT_UNUSABLE, relaxedDot } from "./relaxed";
import { restart, released, run } from "./program";
import { completeOf, fileOf, fillPads, flip, rowAddress, tensorRecord } from "./rings";
import { validate } from "./validate";

export { __heap_base, __data_end, loadModel as load };

/**
 * Checks a packed file of fileBytes bytes at `file` against itself and against an arena of arenaBytes bytes at `arena`,
 * and makes the arena ready. The file is used where it lies and must stay there. On any other status than 0 no byte of
 * the arena has been touched.
 */
function loadModel(file: usize, fileBytes: u32, arena: usize, arenaBytes: u32): u32 {
  // The one thing that would give wrong bytes without a word: a relaxed build that was not asked about (usable).
  if (!usable()) return STATUS_FEATURE;
  const status = validate(file, fileBytes, arena, arenaBytes);
  if (status != STATUS_OK) return status;
  store<u32>(arena, file, STATE_FILE);
  store<u32>(arena, ASC_FEATURE_RELAXED_SIMD ? activationFlip() : 0, STATE_FLIP);
  restart(arena);
  return STATUS_OK;
}

/** 1 if the host's instructions do what this build relies on; only the relaxed build may say 0, and then refuses to load. */
export function usable(): u32 {
  return ASC_FEATURE_RELAXED_SIMD ? u32(relaxedDot() != DOT_UNUSABLE) : 1;
}

/** Begins a new inference: no input row is there, no output. */
export function reset(arena: usize): void {
  restart(arena);
}

/** Record of the input tensor. */
function inputTensor(file: usize): usize {
  return tensorRecord(file, load<u32>(file, HEADER_INPUT + PORT_TENSOR));
}

/** Address of the input row that push takes next: its first pixel, in the source model's own element type. */
export function inputRow(arena: usize): usize {
  return rowAddress(arena, inputTensor(fileOf(arena)), load<u32>(arena, STATE_PUSHED));
}

/** How many rows can be written from inputRow on, a row stride apart, before the next push. */
export function inputRoom(arena: usize): u32 {
  const file = fileOf(arena);
  const tensor = inputTensor(file);
  const pushed = load<u32>(arena, STATE_PUSHED);
  const ring = load<u32>(tensor, TENSOR_RING_ROWS);
  const free = ring - (pushed - released(arena, file, tensor));
  return min(min(free, ring - (pushed % ring)), load<u32>(tensor, TENSOR_HEIGHT) - pushed);
}

/** Takes `rows` rows that lie ready at inputRow (at most inputRoom) and fires every step that can. */
export function push(arena: usize, rows: u32): u32 {
  if (rows > inputRoom(arena)) return STATUS_ROWS;
  const file = fileOf(arena);
  const tensor = inputTensor(file);
  const pushed = load<u32>(arena, STATE_PUSHED);
  if (load<u32>(file, HEADER_INPUT + PORT_TYPE) == TYPE_INT8) {
    // Pixels of an input are contiguous up to the channels of the last.
    const bytes = (load<u32>(tensor, TENSOR_WIDTH) - 1) * load<u32>(tensor, TENSOR_PIXEL_STRIDE) + load<u32>(tensor, TENSOR_CHANNELS);
    for (let y = pushed; y < pushed + rows; ++y) flip(rowAddress(arena, tensor, y), bytes);
  }
  fillPads(arena, tensor, pushed, rows);
  store<u32>(arena, pushed + rows, STATE_PUSHED);
  store<u32>(completeOf(arena, file, load<u32>(file, HEADER_INPUT + PORT_TENSOR)), pushed + rows);
  return run(arena);
}

/** A whole inference on the image that lies in the input tensor; its bytes are used up. */
export function invoke(arena: usize): u32 {
  restart(arena);
  const tensor = inputTensor(fileOf(arena));
  const height = load<u32>(tensor, TENSOR_HEIGHT);
  if (load<u32>(tensor, TENSOR_RING_ROWS) < height) return STATUS_STREAMED;
  return push(arena, height);
}

/** 1 if the outputs are complete. */
export function done(arena: usize): u32 {
  return load<u32>(arena, STATE_DONE);
}

/** Address of the input's descriptor, a port record in the file. */
export function inputDescriptor(arena: usize): usize {
  return fileOf(arena) + HEADER_INPUT;
}

/** Address of the descriptor of output `index`, a port record in the file; 0 if there is no such output. */
export function outputDescriptor(arena: usize, index: u32): usize {
  const file = fileOf(arena);
  if (index >= load<u32>(file, HEADER_OUTPUT_COUNT)) return 0;
  return file + load<u32>(file, HEADER_OUTPUTS) + index * PORT_BYTES;
}

/** Address of the first pixel of output `index`, in the source model's own element type; 0 if there is no such output. */
export function outputData(arena: usize, index: u32): usize {
  const port = outputDescriptor(arena, index);
  if (!port) return 0;
  return rowAddress(arena, tensorRecord(fileOf(arena), load<u32>(port, PORT_TENSOR)), 0);
}
