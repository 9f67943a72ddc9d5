/**
 * Weights from flash: the builds called streamed hold no weights in memory. A firing of a step with weights becomes a
 * sequence of windows: the host reads a window (env.read_weights), then the step's kernel runs for the window's output
 * channels. Kernels do not know: they get a copy of the step record, the active step, whose offsets of constants lead
 * into the window, and whose first and last channel are the window's. In all other builds STREAMED is false and nothing
 * of this is left.
 *
 * A window of n channels (a multiple of 8): i32 [n] biases, i32 or f64 [n] multipliers, i8 [n] shifts filled up to 16
 * bytes, where the step has STEP_BLOCKS u16 [n] codes and u8 [n / 8] flags filled up to 16 bytes, then the weights of
 * these channels in the kernels' own layout, filled up to 16 bytes. Where not even the weights of 8 channels fit the
 * plan's window, their dot product is cut: the parts follow each other, and the sums stay in scratch between them
 * (kernels/part.ts).
 */
import {
  ACTIVE_BYTES,
  ACTIVE_CHANNEL,
  ACTIVE_CODES,
  ACTIVE_DEPTH,
  ACTIVE_END,
  ACTIVE_GROUPS,
  ACTIVE_STRIDE,
  ACTIVE_SUMS,
  BLOCK_CHANNELS,
  FLAG_CUT,
  FLAG_DOUBLE,
  FLAG_KEPT,
  HEADER_STEP_COUNT,
  HEADER_TENSOR_COUNT,
  OPCODE_DEPTHWISE,
  STEP_BIASES,
  STEP_BLOCKS,
  STEP_BYTES,
  STEP_DEPTH,
  STEP_FLAGS,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_MULTIPLIERS,
  STEP_OPCODE,
  STEP_SCRATCH,
  STEP_SHIFTS,
  STEP_WEIGHTS,
  STEP_WINDOW,
  STEP_WINDOW_SIZE,
  TENSOR_CHANNELS,
} from "./layout";
import { dispatch } from "./program";
import { copy, inputOf, outputOf, progressOf } from "./rings";
import { STREAMED } from "./streamed";
import { plainScratch } from "./validate";

/** Reads `length` bytes of the file from `offset` on to `pointer`; gives how many it read, anything else is a failure. */
// @ts-ignore: decorator
@external("env", "read_weights")
declare function readWeights(offset: u32, pointer: usize, length: u32): u32;

/** Where the state's part that all builds have ends. */
// @ts-ignore: decorator
@inline
function progressEnd(arena: usize, file: usize): usize {
  return progressOf(arena, load<u32>(file, HEADER_STEP_COUNT) + load<u32>(file, HEADER_TENSOR_COUNT));
}

/** Address of the active step. */
function activeStep(arena: usize, file: usize): usize {
  return (progressEnd(arena, file) + 15) & ~15;
}

/** Bytes of the arena that the state takes. */
export function stateBytes(file: usize): u32 {
  return <u32>(STREAMED ? activeStep(0, file) + ACTIVE_BYTES : progressEnd(0, file));
}

/** The first output channel that a kernel computes. */
// @ts-ignore: decorator
@inline
export function firstChannel(step: usize): u32 {
  return STREAMED ? load<u32>(step, ACTIVE_CHANNEL) : 0;
}

/** The output channel after the last that a kernel computes, of `channels`. */
// @ts-ignore: decorator
@inline
export function endChannel(step: usize, channels: u32): u32 {
  return STREAMED ? load<u32>(step, ACTIVE_END) : channels;
}

/** Bytes from a depthwise step's weights of one tap to those of the next. */
// @ts-ignore: decorator
@inline
export function weightStrideOf(step: usize, channels: u32): u32 {
  return STREAMED ? load<u32>(step, ACTIVE_STRIDE) : (channels + 7) & ~7;
}

/** Bytes of biases, multipliers, shifts, codes and flags of `channels` channels, a multiple of 8. */
export function constantBytes(step: usize, channels: u32): u32 {
  const blocks = load<u32>(step, STEP_BLOCKS) ? ((channels << 1) + (channels >> 3) + 15) & ~15 : 0;
  return channels * multiplierBytes(step) + (channels << 2) + ((channels + 15) & ~15) + blocks;
}

/** Bytes of one multiplier. */
// @ts-ignore: decorator
@inline
function multiplierBytes(step: usize): u32 {
  return load<u32>(step, STEP_FLAGS) & FLAG_DOUBLE ? 8 : 4;
}

/** Bytes of weights of one output channel, filled up to 4 where the kernels want that. */
export function channelBytes(step: usize): u32 {
  return load<u32>(step, STEP_OPCODE) == OPCODE_DEPTHWISE
    ? load<u32>(step, STEP_KERNEL_HEIGHT) * load<u32>(step, STEP_KERNEL_WIDTH)
    : (load<u32>(step, STEP_DEPTH) + 3) & ~3;
}

/** Output channels of a window; the last one may have fewer. */
export function windowChannels(step: usize): u32 {
  return load<u32>(step, STEP_FLAGS) & FLAG_CUT ? BLOCK_CHANNELS : load<u32>(step, STEP_WINDOW_SIZE);
}

/** Bytes of each channel's weights in a window. */
export function windowDepth(step: usize): u32 {
  return load<u32>(step, STEP_FLAGS) & FLAG_CUT ? load<u32>(step, STEP_WINDOW_SIZE) : channelBytes(step);
}

/** Runs a step with weights on rows y .. y + rows - 1, window by window; false if the host did not read one. */
export function fireStreamed(arena: usize, file: usize, step: usize, y: u32, rows: u32): bool {
  const active = activeStep(arena, file);
  copy(active, step, STEP_BYTES);
  const output = outputOf(file, step);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const rounded = (channels + 7) & ~7;
  const depth = channelBytes(step);
  const part = windowDepth(step);
  const sums = arena + load<u32>(step, STEP_SCRATCH) + <u32>plainScratch(step, inputOf(file, step), output, load<u32>(step, STEP_OPCODE));
  const held = load<u32>(step, STEP_FLAGS) & FLAG_KEPT && y;
  const window = arena + load<u32>(step, STEP_WINDOW);
  let offset = load<u32>(step, STEP_WEIGHTS);
  for (let first: u32 = 0; first < rounded; ) {
    const count = min(rounded - first, windowChannels(step));
    const constants = constantBytes(step, count);
    const entry = multiplierBytes(step);
    const weightsBefore = load<u32>(step, STEP_OPCODE) == OPCODE_DEPTHWISE ? first : first * depth;
    // Kernels add the file's address and what lies before the channel at work: sums wrap.
    const base = window - file;
    store<u32>(active, base - (first << 2), STEP_BIASES);
    store<u32>(active, base + (count << 2) - first * entry, STEP_MULTIPLIERS);
    store<u32>(active, base + count * (entry + 4) - first, STEP_SHIFTS);
    store<u32>(active, base + constants - weightsBefore, STEP_WEIGHTS);
    if (load<u32>(step, STEP_BLOCKS)) {
      const codes = base + count * (entry + 4) + ((count + 15) & ~15);
      store<u32>(active, codes - (first << 1), STEP_BLOCKS);
      store<u32>(active, (count << 1) + (first << 1) - (first >> 3), ACTIVE_CODES);
    } else store<u32>(active, 0, ACTIVE_CODES);
    store<u32>(active, first, ACTIVE_CHANNEL);
    first += count;
    store<u32>(active, min(first, channels), ACTIVE_END);
    store<u32>(active, count, ACTIVE_STRIDE);
    for (let k: u32 = 0; k < depth; k += part) {
      const head = k ? 0 : constants;
      const bytes = head + ((min(depth - k, part) * count + 15) & ~15);
      if (!held && readWeights(offset, window + constants - head, bytes) != bytes) return false;
      offset += bytes;
      store<u32>(active, k, ACTIVE_DEPTH);
      store<u32>(active, part < depth ? min(depth - k, part) >> 2 : 0, ACTIVE_GROUPS);
      store<u32>(active, sums, ACTIVE_SUMS);
      dispatch(arena, active, y, rows);
    }
  }
  return true;
}
