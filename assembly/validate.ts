/**
 * The check of a packed file. Whatever the bytes say: after it no kernel reads outside of the file and the arena or
 * writes outside of the arena, no division is by zero, and the work of an inference is bounded by the file's sizes.
 * Values that only change results (weights, multipliers, shifts) are not looked at.
 */
import { MOST_CLASSES } from "./kernels/arg-max";
import { blockBytes } from "./kernels/block";
import { patchStride } from "./kernels/gather";
import { formOf } from "./kernels/depthwise";
import { TABLE_BYTES } from "./kernels/lookup";
import { ENTRY_BYTES } from "./kernels/resize";
import { SOFTMAX_SCRATCH_BYTES } from "./kernels/softmax";
import {
  CHECKSUM_BASIS,
  CHECKSUM_PRIME,
  FEATURE_STREAMED_WEIGHTS,
  FLAG_CUT,
  FLAG_DOUBLE,
  FLAG_KEPT,
  FLAG_MINUS_1,
  FLAG_MINUS_2,
  FLAG_PRELU,
  FLAG_UNSIGNED,
  FLAG_VECTOR,
  HEADER_ARENA_BYTES,
  HEADER_BYTES,
  HEADER_CHECKSUM,
  HEADER_CONSUMERS,
  HEADER_CONSUMER_COUNT,
  HEADER_DETECTION,
  HEADER_FEATURES,
  HEADER_FILE_BYTES,
  HEADER_INPUT,
  HEADER_LABELS,
  HEADER_MAGIC,
  HEADER_OUTPUTS,
  HEADER_OUTPUT_COUNT,
  HEADER_SEGMENTS,
  HEADER_SEGMENT_COUNT,
  HEADER_STEPS,
  HEADER_STEP_COUNT,
  HEADER_TENSORS,
  HEADER_TENSOR_COUNT,
  HEADER_VERSION,
  HEADER_WEIGHTS_BYTES,
  LEAST_PART,
  MAGIC,
  MAX_EXTENT,
  NONE,
  OPCODE_ADD,
  OPCODE_ARG_MAX,
  OPCODE_AVERAGE_POOL,
  OPCODE_CONCATENATE,
  OPCODE_CONVOLUTION,
  OPCODE_COUNT,
  OPCODE_DEPTHWISE,
  OPCODE_LOOKUP,
  OPCODE_MAX_POOL,
  OPCODE_MULTIPLY,
  OPCODE_POINTWISE,
  OPCODE_REARRANGE,
  OPCODE_RESIZE,
  OPCODE_SOFTMAX,
  PORT_BYTES,
  PORT_RANK,
  PORT_TENSOR,
  PORT_TYPE,
  SLACK_BYTES,
  STATUS_ALIGNMENT,
  STATUS_ARENA,
  STATUS_CHECKSUM,
  STATUS_FEATURE,
  STATUS_HEADER,
  STATUS_LENGTH,
  STATUS_MAGIC,
  STATUS_OK,
  STATUS_OPERATOR,
  STATUS_STEP,
  STATUS_TENSOR,
  STATUS_VERSION,
  VERSION,
  STEP_BIASES,
  STEP_BLOCKS,
  STEP_BYTES,
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
  STEP_MULTIPLIER_OUT,
  STEP_OPCODE,
  STEP_OUTPUT,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_PLANE,
  STEP_ROWS,
  STEP_SCRATCH,
  STEP_SCRATCH_BYTES,
  STEP_SCRATCH_PIXELS,
  STEP_SHIFTS,
  STEP_SHIFT_2,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  STEP_WEIGHTS,
  STEP_WEIGHT_ZERO_POINT,
  STEP_WINDOW,
  STEP_WINDOW_SIZE,
  TENSOR_BYTES,
  TENSOR_CHANNELS,
  TENSOR_CONSUMERS,
  TENSOR_CONSUMER_COUNT,
  TENSOR_HEIGHT,
  TENSOR_OFFSET,
  TENSOR_PAD_LEFT,
  TENSOR_PAD_RIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_PRODUCER,
  TENSOR_RING_ROWS,
  TENSOR_ROW_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
  TYPE_INT64,
  TYPE_UINT8,
} from "./layout";
import { reduces } from "./program";
import { STREAMED } from "./streamed";
import { channelBytes, constantBytes, stateBytes, windowChannels, windowDepth } from "./streaming";
import { input2Of, inputOf, outputOf, stepRecord, tensorRecord } from "./rings";
import {
  HOLDS_DOUBLE,
  HOLDS_LANES,
  HOLDS_SOFTMAX_GROUPS,
  HOLDS_WEIGHT_ZERO_POINT,
  holds,
  holdsSecondInput,
  isOpcode,
} from "./slim";

/** Rows or pixels by which windows may leave the map beyond their own reach. */
const MAX_PAD: u32 = 1024;

/** The flags that are known. */
const FLAGS: u32 = FLAG_VECTOR | FLAG_DOUBLE | FLAG_UNSIGNED | FLAG_MINUS_1 | FLAG_MINUS_2 | FLAG_PRELU | (STREAMED ? FLAG_KEPT | FLAG_CUT : 0);

/** A status word: code, index of the step or tensor (0..4094), and field as its byte offset in the record. */
function refusal(code: u32, index: u32, field: u32): u32 {
  return code | (index << 8) | (field << 18);
}

/** Whether the word at record + field lies in lo..hi, unsigned. */
function within(record: usize, field: u32, lo: u32, hi: u32): bool {
  const value = load<u32>(record + field);
  return value >= lo && value <= hi;
}

/** Whether `bytes` bytes from the offset at record + field lie in the file behind the header, aligned, slack kept. */
function inFile(file: usize, record: usize, field: u32, bytes: u64, alignment: u32): bool {
  const offset = load<u32>(record + field);
  if (offset < HEADER_BYTES || offset & (alignment - 1)) return false;
  return <u64>offset + bytes + SLACK_BYTES <= <u64>load<u32>(file, HEADER_FILE_BYTES);
}

/** Four interleaved FNV-1a lanes over the words from byte 16 on, folded into one. bytes is a multiple of 16. */
function checksum(file: usize, bytes: u32): u32 {
  let a = CHECKSUM_BASIS;
  let b = a;
  let c = a;
  let d = a;
  for (let at = file + 16, end = file + bytes; at < end; at += 16) {
    a = (a ^ load<u32>(at)) * CHECKSUM_PRIME;
    b = (b ^ load<u32>(at, 4)) * CHECKSUM_PRIME;
    c = (c ^ load<u32>(at, 8)) * CHECKSUM_PRIME;
    d = (d ^ load<u32>(at, 12)) * CHECKSUM_PRIME;
  }
  return ((((a ^ b) * CHECKSUM_PRIME) ^ c) * CHECKSUM_PRIME ^ d) * CHECKSUM_PRIME;
}

/** Whether offset .. offset + bytes lies in the arena, behind the state and before the slack. */
function inArena(file: usize, offset: u32, bytes: u64): bool {
  return offset >= stateBytes(file) && <u64>offset + bytes + SLACK_BYTES <= <u64>load<u32>(file, HEADER_ARENA_BYTES);
}

/** Checks the places of file and arena, magic, version, length, checksum, arena and the sections of the header. */
function checkHeader(file: usize, fileBytes: u32, arena: usize, arenaBytes: u32): u32 {
  if ((file | arena) & 15) return STATUS_ALIGNMENT;
  if (fileBytes < HEADER_BYTES) return STATUS_LENGTH;
  if (load<u32>(file, HEADER_MAGIC) != MAGIC) return STATUS_MAGIC;
  if (load<u32>(file, HEADER_VERSION) != VERSION) return STATUS_VERSION;
  if (load<u32>(file, HEADER_FILE_BYTES) != fileBytes || fileBytes & 15) return STATUS_LENGTH;
  if (load<u32>(file, HEADER_CHECKSUM) != checksum(file, fileBytes)) return STATUS_CHECKSUM;
  if (load<u32>(file, HEADER_FEATURES) != (STREAMED ? FEATURE_STREAMED_WEIGHTS : 0)) return STATUS_FEATURE;
  if (load<u32>(file, HEADER_ARENA_BYTES) > arenaBytes) return STATUS_ARENA;
  const field = checkSections(file);
  return field == NONE ? STATUS_OK : refusal(STATUS_HEADER, 0, field);
}

/** Checks the header's counts and sections; gives the offending field, or NONE. */
function checkSections(file: usize): u32 {
  if (!within(file, HEADER_STEP_COUNT, 1, 4095)) return HEADER_STEP_COUNT;
  if (!within(file, HEADER_TENSOR_COUNT, 2, 4095)) return HEADER_TENSOR_COUNT;
  const steps = load<u32>(file, HEADER_STEP_COUNT);
  if (!section(file, HEADER_TENSOR_COUNT, TENSOR_BYTES)) return HEADER_TENSORS;
  if (!section(file, HEADER_STEP_COUNT, STEP_BYTES)) return HEADER_STEPS;
  if (!section(file, HEADER_SEGMENT_COUNT, 4)) return HEADER_SEGMENTS;
  if (!section(file, HEADER_CONSUMER_COUNT, 4)) return HEADER_CONSUMERS;
  if (!within(file, HEADER_OUTPUT_COUNT, 1, 4095)) return HEADER_OUTPUT_COUNT;
  if (!section(file, HEADER_OUTPUT_COUNT, PORT_BYTES)) return HEADER_OUTPUTS;
  // Labels, name, detection: an offset and a length each; offset 0 = there is none.
  for (let field = HEADER_LABELS; field <= HEADER_DETECTION; field += 8) {
    if (load<u32>(file + field) && !inFile(file, file, field, load<u32>(file + field, 4), 1)) return field;
  }
  let before: u32 = 0;
  let segment = file + load<u32>(file, HEADER_SEGMENTS);
  for (let i = load<u32>(file, HEADER_SEGMENT_COUNT); i; --i, segment += 4) {
    const end = load<u32>(segment);
    if (end <= before || end > steps) return HEADER_SEGMENTS;
    before = end;
  }
  if (before != steps) return HEADER_SEGMENTS;
  let consumer = file + load<u32>(file, HEADER_CONSUMERS);
  for (let i = load<u32>(file, HEADER_CONSUMER_COUNT); i; --i, consumer += 4) {
    if (load<u32>(consumer) >= steps) return HEADER_CONSUMERS;
  }
  if (!port(file, file + HEADER_INPUT) || load<u32>(file, HEADER_INPUT + PORT_TYPE) > TYPE_UINT8) return HEADER_INPUT;
  if (load<u32>(tensorRecord(file, load<u32>(file, HEADER_INPUT + PORT_TENSOR)), TENSOR_PRODUCER) != NONE) {
    return HEADER_INPUT;
  }
  let output = file + load<u32>(file, HEADER_OUTPUTS);
  for (let i = load<u32>(file, HEADER_OUTPUT_COUNT); i; --i, output += PORT_BYTES) {
    if (!port(file, output)) return HEADER_OUTPUTS;
  }
  return NONE;
}

/** Whether the section whose count stands at `field` and whose offset behind it lies in the file. */
function section(file: usize, field: u32, recordBytes: u32): bool {
  return inFile(file, file, field + 4, <u64>load<u32>(file + field) * recordBytes, 16);
}

/** Whether a port record is sound. */
function port(file: usize, record: usize): bool {
  return (
    load<u32>(record, PORT_TENSOR) < load<u32>(file, HEADER_TENSOR_COUNT) &&
    load<u32>(record, PORT_TYPE) <= TYPE_INT64 &&
    within(record, PORT_RANK, 1, 4)
  );
}

/** Checks a tensor record; gives the offending field, or NONE. */
function checkTensor(file: usize, tensor: usize): u32 {
  // Height, width, channels, pixel stride.
  for (let field = TENSOR_HEIGHT; field <= TENSOR_PIXEL_STRIDE; field += 4) {
    if (!within(tensor, field, 1, MAX_EXTENT)) return field;
  }
  if (load<u32>(tensor, TENSOR_PIXEL_STRIDE) < load<u32>(tensor, TENSOR_CHANNELS)) return TENSOR_PIXEL_STRIDE;
  if (load<u32>(tensor, TENSOR_PAD_LEFT) > MAX_EXTENT) return TENSOR_PAD_LEFT;
  if (load<u32>(tensor, TENSOR_PAD_RIGHT) > MAX_EXTENT) return TENSOR_PAD_RIGHT;
  const pixels =
    <u64>load<u32>(tensor, TENSOR_WIDTH) + load<u32>(tensor, TENSOR_PAD_LEFT) + load<u32>(tensor, TENSOR_PAD_RIGHT);
  if (<u64>load<u32>(tensor, TENSOR_ROW_STRIDE) < pixels * load<u32>(tensor, TENSOR_PIXEL_STRIDE)) {
    return TENSOR_ROW_STRIDE;
  }
  if (!within(tensor, TENSOR_RING_ROWS, 1, load<u32>(tensor, TENSOR_HEIGHT))) return TENSOR_RING_ROWS;
  const bytes = <u64>load<u32>(tensor, TENSOR_RING_ROWS) * load<u32>(tensor, TENSOR_ROW_STRIDE);
  if (!inArena(file, load<u32>(tensor, TENSOR_OFFSET), bytes)) return TENSOR_OFFSET;
  if (!within(tensor, TENSOR_ZERO_POINT, 0, 255)) return TENSOR_ZERO_POINT;
  const producer = load<u32>(tensor, TENSOR_PRODUCER);
  if (producer != NONE && producer >= load<u32>(file, HEADER_STEP_COUNT)) return TENSOR_PRODUCER;
  const consumers = <u64>load<u32>(tensor, TENSOR_CONSUMERS) + load<u32>(tensor, TENSOR_CONSUMER_COUNT);
  if (consumers > <u64>load<u32>(file, HEADER_CONSUMER_COUNT)) return TENSOR_CONSUMERS;
  return NONE;
}

/** Whether two tensors agree in height and width. */
function samePixels(a: usize, b: usize): bool {
  return (
    load<u32>(a, TENSOR_HEIGHT) == load<u32>(b, TENSOR_HEIGHT) && load<u32>(a, TENSOR_WIDTH) == load<u32>(b, TENSOR_WIDTH)
  );
}

/** Whether two tensors agree in height, width and channels. */
function sameShape(a: usize, b: usize): bool {
  return samePixels(a, b) && load<u32>(a, TENSOR_CHANNELS) == load<u32>(b, TENSOR_CHANNELS);
}

/** Elements of a tensor; more than 2^31 where there are gaps between its pixels. */
function volume(tensor: usize): u64 {
  const channels = load<u32>(tensor, TENSOR_CHANNELS);
  const gaps = <u64>(load<u32>(tensor, TENSOR_PIXEL_STRIDE) - channels) << 32;
  return (<u64>load<u32>(tensor, TENSOR_HEIGHT) * load<u32>(tensor, TENSOR_WIDTH) * channels) | gaps;
}

/** Whether two tensors are the same bytes without gaps between their pixels, fewer than 2^31. */
function sameBytes(a: usize, b: usize): bool {
  const bytes = volume(a);
  return bytes == volume(b) && !(bytes >> 31);
}

/** Whether a second operand has the output's shape, or spreads over its rows, its pixels or both. */
function spreads(operand: usize, output: usize): bool {
  const height = load<u32>(operand, TENSOR_HEIGHT);
  const width = load<u32>(operand, TENSOR_WIDTH);
  return (
    (height == 1 || height == load<u32>(output, TENSOR_HEIGHT)) &&
    (width == 1 || width == load<u32>(output, TENSOR_WIDTH)) &&
    load<u32>(operand, TENSOR_CHANNELS) == load<u32>(output, TENSOR_CHANNELS)
  );
}

/** Checks where a step's windows lie on its input; gives the offending field, or NONE. */
function checkWindow(step: usize, input: usize, output: usize, opcode: u32): u32 {
  const kernelHeight = load<u32>(step, STEP_KERNEL_HEIGHT);
  const kernelWidth = load<u32>(step, STEP_KERNEL_WIDTH);
  const isPool = isOpcode(opcode, OPCODE_AVERAGE_POOL) || isOpcode(opcode, OPCODE_MAX_POOL);
  // Some read any row from any other, so their window must hold all of them from the first output row to the last.
  if (isOpcode(opcode, OPCODE_RESIZE) || isOpcode(opcode, OPCODE_REARRANGE)) {
    const padTop = load<u32>(step, STEP_PAD_TOP);
    const rows = load<u32>(output, TENSOR_HEIGHT);
    if (load<u32>(step, STEP_STRIDE_Y) != 1) return STEP_STRIDE_Y;
    if (load<u32>(step, STEP_DILATION_Y) != 1) return STEP_DILATION_Y;
    if (!within(step, STEP_PAD_TOP, rows, MAX_EXTENT)) return STEP_PAD_TOP;
    return kernelHeight < padTop + load<u32>(input, TENSOR_HEIGHT) ? STEP_KERNEL_HEIGHT : NONE;
  }
  // Only convolutions and pools have windows; only the two that read pads may leave the map altogether.
  const reads = isOpcode(opcode, OPCODE_CONVOLUTION) || isOpcode(opcode, OPCODE_DEPTHWISE);
  if (!reads && !isPool) {
    // Neither is 0, nor is a stride.
    if ((kernelHeight | kernelWidth) != 1) return STEP_KERNEL_HEIGHT;
    if (opcode != OPCODE_POINTWISE && (load<u32>(step, STEP_STRIDE_Y) | load<u32>(step, STEP_STRIDE_X)) != 1) {
      return STEP_STRIDE_Y;
    }
  }
  const reachY = (kernelHeight - 1) * load<u32>(step, STEP_DILATION_Y);
  const reachX = (kernelWidth - 1) * load<u32>(step, STEP_DILATION_X);
  // MAX_EXTENT is all ones: their union exceeds it where one of them does.
  if ((reachY | reachX) > MAX_EXTENT) return STEP_DILATION_Y;
  if (isPool && (load<u32>(step, STEP_DILATION_Y) | load<u32>(step, STEP_DILATION_X)) != 1) return STEP_DILATION_Y;
  const margin = reads ? MAX_PAD : 0;
  if (!within(step, STEP_PAD_TOP, 0, reachY + margin)) return STEP_PAD_TOP;
  if (!within(step, STEP_PAD_LEFT, 0, reachX + margin)) return STEP_PAD_LEFT;
  const height = load<u32>(input, TENSOR_HEIGHT);
  const width = load<u32>(input, TENSOR_WIDTH);
  const padTop = load<u32>(step, STEP_PAD_TOP);
  const padLeft = load<u32>(step, STEP_PAD_LEFT);
  // A table's rows and pixels are compared with its input's elsewhere.
  if (reduces(opcode) || isOpcode(opcode, OPCODE_LOOKUP)) return NONE;
  // Where the last windows begin, pads included: products of numbers below 2^16, and below 2^18 after these two checks.
  const lastY = (load<u32>(output, TENSOR_HEIGHT) - 1) * load<u32>(step, STEP_STRIDE_Y);
  const lastX = (load<u32>(output, TENSOR_WIDTH) - 1) * load<u32>(step, STEP_STRIDE_X);
  if (lastY >= height + margin + padTop) return STEP_STRIDE_Y;
  if (lastX >= width + margin + padLeft) return STEP_STRIDE_X;
  if (reads) {
    const right = load<u32>(input, TENSOR_PAD_RIGHT);
    if (padLeft > load<u32>(input, TENSOR_PAD_LEFT)) return STEP_PAD_LEFT;
    if (lastX + reachX >= width + right + padLeft) return STEP_KERNEL_WIDTH;
    const leaves = padTop > 0 || lastY + reachY >= height;
    if (leaves && !(right | load<u32>(input, TENSOR_PAD_LEFT))) return STEP_PAD_TOP;
  }
  return NONE;
}

/** Checks weights, biases, multipliers, shifts and depth of a convolution; gives the offending field, or NONE. */
function checkWeights(file: usize, step: usize, input: usize, output: usize, opcode: u32): u32 {
  const channels = load<u32>(input, TENSOR_CHANNELS);
  const outputs = load<u32>(output, TENSOR_CHANNELS);
  const rounded = <u64>((outputs + 7) & ~7);
  const taps = <u64>load<u32>(step, STEP_KERNEL_HEIGHT) * load<u32>(step, STEP_KERNEL_WIDTH);
  const depth = load<u32>(step, STEP_DEPTH);
  let weights = taps * rounded;
  if (isOpcode(opcode, OPCODE_DEPTHWISE)) {
    if (<u64>depth * channels != <u64>outputs) return STEP_DEPTH;
  } else {
    // A patch of more than 2^24 bytes would not fit a file anyway; the bound keeps the next product in 64 bits.
    if (depth > 1 << 24 || taps * channels != <u64>depth) return STEP_DEPTH;
    weights = (rounded >> 3) * blockBytes(depth);
  }
  if (load<u32>(step, STEP_WEIGHT_ZERO_POINT) + 128 > 255) return STEP_WEIGHT_ZERO_POINT;
  if (STREAMED) return checkWindows(file, step, <u32>rounded, opcode);
  if (!inFile(file, step, STEP_WEIGHTS, weights, 16)) return STEP_WEIGHTS;
  if (!inFile(file, step, STEP_BIASES, rounded * 4, 4)) return STEP_BIASES;
  const entry: u64 = holds(HOLDS_DOUBLE) && load<u32>(step, STEP_FLAGS) & FLAG_DOUBLE ? 8 : 4;
  if (!inFile(file, step, STEP_MULTIPLIERS, rounded * entry, 8)) return STEP_MULTIPLIERS;
  if (!inFile(file, step, STEP_SHIFTS, rounded, 1)) return STEP_SHIFTS;
  if (load<u32>(step, STEP_BLOCKS) && !inFile(file, step, STEP_BLOCKS, rounded * 2 + (rounded >> 3), 2)) return STEP_BLOCKS;
  return NONE;
}

/** Bytes of a window of `channels` channels (a multiple of 8) and `depth` bytes of weights for each. */
function windowBytes(step: usize, channels: u32, depth: u32): u64 {
  return constantBytes(step, channels) + ((<u64>channels * depth + 15) & ~15);
}

/**
 * Checks the windows of streamed weights of `rounded` channels: that they lie in the arena, and where they are read from
 * behind the file. What is in them only changes results. Gives the offending field, or NONE.
 */
function checkWindows(file: usize, step: usize, rounded: u32, opcode: u32): u32 {
  const depth = channelBytes(step);
  const channels = windowChannels(step);
  const part = windowDepth(step);
  if (load<u32>(step, STEP_FLAGS) & FLAG_CUT) {
    if (opcode == OPCODE_DEPTHWISE) return STEP_FLAGS;
    if (part & 3 || !within(step, STEP_WINDOW_SIZE, LEAST_PART, depth)) return STEP_WINDOW_SIZE;
  } else if (channels & 7 || !within(step, STEP_WINDOW_SIZE, 8, rounded)) return STEP_WINDOW_SIZE;
  if (load<u32>(step, STEP_FLAGS) & FLAG_KEPT && (channels < rounded || part < depth)) return STEP_FLAGS;
  if (load<u32>(step, STEP_WINDOW) & 15 || !inArena(file, load<u32>(step, STEP_WINDOW), windowBytes(step, channels, part))) {
    return STEP_WINDOW;
  }
  const last = rounded % channels;
  const bytes = <u64>(rounded / channels) * windowBytes(step, channels, depth) + (last ? windowBytes(step, last, depth) : 0);
  const begin = load<u32>(file, HEADER_FILE_BYTES);
  const offset = load<u32>(step, STEP_WEIGHTS);
  if (offset & 15 || offset < begin) return STEP_WEIGHTS;
  return <u64>offset + bytes > <u64>begin + load<u32>(file, HEADER_WEIGHTS_BYTES) ? STEP_WEIGHTS : NONE;
}

/** Bytes of scratch that a step's kernel uses. */
function scratchNeed(step: usize, input: usize, output: usize, opcode: u32): u64 {
  let bytes = plainScratch(step, input, output, opcode);
  // Sums of weights that are cut; checkWindows has been there.
  if (STREAMED && opcode <= OPCODE_POINTWISE && load<u32>(step, STEP_FLAGS) & FLAG_CUT) {
    bytes += <u64>load<u32>(output, TENSOR_WIDTH) * load<u32>(step, STEP_ROWS) * 32;
  }
  return bytes;
}

/** Bytes of scratch that a step's kernel uses but for sums of weights that are cut (assembly/kernels/part.ts). */
export function plainScratch(step: usize, input: usize, output: usize, opcode: u32): u64 {
  const sums: u64 = load<i32>(step, STEP_WEIGHT_ZERO_POINT) ? 4 : 0;
  if (isOpcode(opcode, OPCODE_CONVOLUTION)) {
    return <u64>load<u32>(step, STEP_SCRATCH_PIXELS) * (patchStride(load<u32>(step, STEP_DEPTH)) + sums) + 16;
  }
  if (isOpcode(opcode, OPCODE_POINTWISE)) return <u64>load<u32>(output, TENSOR_WIDTH) * load<u32>(step, STEP_ROWS) * sums;
  if (isOpcode(opcode, OPCODE_DEPTHWISE)) {
    return <u64>load<u32>(step, STEP_KERNEL_HEIGHT) * load<u32>(step, STEP_KERNEL_WIDTH) * load<u32>(step, STEP_ROWS) * 8;
  }
  if (reduces(opcode)) return <u64>load<u32>(input, TENSOR_CHANNELS) * 4;
  return isOpcode(opcode, OPCODE_SOFTMAX) ? SOFTMAX_SCRATCH_BYTES : 0;
}

/** Whether offset .. offset + bytes and a tensor's ring share a byte of the arena. */
function overlap(offset: u32, bytes: u64, tensor: usize): bool {
  const ring = load<u32>(tensor, TENSOR_OFFSET);
  const ringBytes = <u64>load<u32>(tensor, TENSOR_RING_ROWS) * load<u32>(tensor, TENSOR_ROW_STRIDE);
  return offset < ring + ringBytes && ring < offset + bytes;
}

/** Checks a step record; gives the offending field, or NONE. */
function checkStep(file: usize, index: u32): u32 {
  const step = stepRecord(file, index);
  const tensors = load<u32>(file, HEADER_TENSOR_COUNT);
  const opcode = load<u32>(step, STEP_OPCODE);
  if (opcode - 1 >= OPCODE_COUNT - 1) return STEP_OPCODE;
  if (load<u32>(step, STEP_FLAGS) & ~FLAGS) return STEP_FLAGS;
  if (load<u32>(step, STEP_INPUT) >= tensors) return STEP_INPUT;
  if (load<u32>(step, STEP_OUTPUT) >= tensors || load<u32>(step, STEP_OUTPUT) == load<u32>(step, STEP_INPUT)) {
    return STEP_OUTPUT;
  }
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  if (load<u32>(output, TENSOR_PRODUCER) != index) return STEP_OUTPUT;
  const input2 = load<u32>(step, STEP_INPUT_2);
  if (input2 != NONE) {
    if (!holdsSecondInput() || input2 >= tensors) return STEP_INPUT_2;
    const second = input2Of(file, step);
    if (isOpcode(opcode, OPCODE_CONCATENATE)) {
      if (!samePixels(second, output)) return STEP_INPUT_2;
      if (load<u32>(step, STEP_DEPTH)) return STEP_DEPTH;
      // Each is at most MAX_EXTENT.
      const channels = load<u32>(input, TENSOR_CHANNELS) + load<u32>(second, TENSOR_CHANNELS);
      if (channels != load<u32>(output, TENSOR_CHANNELS) || !samePixels(input, output)) return STEP_INPUT;
    } else if ((!isOpcode(opcode, OPCODE_ADD) && !isOpcode(opcode, OPCODE_MULTIPLY)) || !spreads(second, output)) return STEP_INPUT_2;
  } else if (isOpcode(opcode, OPCODE_CONCATENATE)) {
    if (!samePixels(input, output)) return STEP_INPUT;
    const taken = load<u32>(input, TENSOR_CHANNELS);
    const given = load<u32>(output, TENSOR_CHANNELS);
    if (<u64>load<u32>(step, STEP_DEPTH) + min(taken, given) > <u64>max(taken, given)) return STEP_DEPTH;
  } else if (isOpcode(opcode, OPCODE_ADD) || isOpcode(opcode, OPCODE_MULTIPLY)) {
    if (!inFile(file, step, STEP_WEIGHTS, load<u32>(output, TENSOR_CHANNELS), 1)) return STEP_WEIGHTS;
  }
  if (holds(OPCODE_ADD) && load<u32>(step, STEP_PLANE) && !inFile(file, step, STEP_PLANE, 16, 4)) return STEP_PLANE;
  if (isOpcode(opcode, OPCODE_RESIZE)) {
    const entries = <u64>load<u32>(output, TENSOR_HEIGHT) + load<u32>(output, TENSOR_WIDTH);
    if (!inFile(file, step, STEP_WEIGHTS, entries * ENTRY_BYTES, 4)) return STEP_WEIGHTS;
  }
  if (isOpcode(opcode, OPCODE_LOOKUP) && !inFile(file, step, STEP_WEIGHTS, TABLE_BYTES, 1)) return STEP_WEIGHTS;
  // Rows, kernel, strides, dilations.
  for (let field = STEP_ROWS; field <= STEP_DILATION_X; field += 4) {
    if (!within(step, field, 1, MAX_EXTENT)) return field;
  }
  if (!within(step, STEP_CLAMP_MIN, 0, 255)) return STEP_CLAMP_MIN;
  if (!within(step, STEP_CLAMP_MAX, 0, 255)) return STEP_CLAMP_MAX;
  const window = checkWindow(step, input, output, opcode);
  if (window != NONE) return window;
  if (opcode <= OPCODE_DEPTHWISE) {
    const weights = checkWeights(file, step, input, output, opcode);
    if (weights != NONE) return weights;
  } else if (isOpcode(opcode, OPCODE_AVERAGE_POOL) || isOpcode(opcode, OPCODE_MAX_POOL) || isOpcode(opcode, OPCODE_RESIZE) || reduces(opcode)) {
    if (load<u32>(input, TENSOR_CHANNELS) != load<u32>(output, TENSOR_CHANNELS)) return STEP_OUTPUT;
    if (reduces(opcode) && (load<u32>(output, TENSOR_HEIGHT) | load<u32>(output, TENSOR_WIDTH)) != 1) return STEP_OUTPUT;
  } else if (isOpcode(opcode, OPCODE_ARG_MAX)) {
    if (load<u32>(input, TENSOR_CHANNELS) > MOST_CLASSES) return STEP_INPUT;
    if (load<u32>(output, TENSOR_CHANNELS) != 1 || !samePixels(input, output)) return STEP_OUTPUT;
  } else if (isOpcode(opcode, OPCODE_REARRANGE)) {
    if (!sameBytes(input, output)) return STEP_OUTPUT;
    if (!load<u32>(step, STEP_SHIFT_2) || !load<u32>(step, STEP_MULTIPLIER_OUT)) return STEP_SHIFT_2;
  } else if (!isOpcode(opcode, OPCODE_CONCATENATE) && !sameShape(input, output)) {
    // A table may be another structure of pixels in the same rows.
    if (!isOpcode(opcode, OPCODE_LOOKUP)) return STEP_OUTPUT;
    if (load<u32>(input, TENSOR_HEIGHT) != load<u32>(output, TENSOR_HEIGHT) || !sameBytes(input, output)) return STEP_OUTPUT;
  }
  if (isOpcode(opcode, OPCODE_SOFTMAX)) {
    if (!within(step, STEP_DEPTH, 1, 4095)) return STEP_DEPTH;
    // Without the kernel for groups there is one of all channels: missingPart.
    if (holds(HOLDS_SOFTMAX_GROUPS) && load<u32>(input, TENSOR_CHANNELS) % load<u32>(step, STEP_DEPTH)) return STEP_DEPTH;
  }
  if (isOpcode(opcode, OPCODE_CONVOLUTION) && !within(step, STEP_SCRATCH_PIXELS, 1, MAX_EXTENT)) return STEP_SCRATCH_PIXELS;
  const need = scratchNeed(step, input, output, opcode);
  if (need > <u64>load<u32>(step, STEP_SCRATCH_BYTES)) return STEP_SCRATCH_BYTES;
  if (need) {
    if (load<u32>(step, STEP_SCRATCH) & 15) return STEP_SCRATCH;
    if (!inArena(file, load<u32>(step, STEP_SCRATCH), load<u32>(step, STEP_SCRATCH_BYTES))) return STEP_SCRATCH;
    // A depthwise step reads addresses from its scratch, so what it writes must lie elsewhere.
    if (isOpcode(opcode, OPCODE_DEPTHWISE) && overlap(load<u32>(step, STEP_SCRATCH), need, output)) return STEP_SCRATCH;
  }
  return NONE;
}

/** Whether a step's opcode is one that this engine leaves out. */
function lacksOpcode(step: usize): bool {
  const opcode = load<u32>(step, STEP_OPCODE);
  return opcode - 1 < OPCODE_COUNT - 1 && !holds(opcode);
}

/**
 * The field that tells which part of a sound step's kernel this engine leaves out, or NONE. Asks only for what the step
 * uses (slim.ts).
 */
function missingPart(file: usize, step: usize): u32 {
  const opcode = load<u32>(step, STEP_OPCODE);
  if (opcode > OPCODE_DEPTHWISE) {
    // The bytes of what is no softmax may look like groups, so the opcode is asked first.
    if (!isOpcode(opcode, OPCODE_SOFTMAX) || holds(HOLDS_SOFTMAX_GROUPS)) return NONE;
    return load<u32>(step, STEP_DEPTH) != load<u32>(inputOf(file, step), TENSOR_CHANNELS) ? STEP_DEPTH : NONE;
  }
  const flags = load<u32>(step, STEP_FLAGS);
  if (flags & FLAG_DOUBLE && !holds(HOLDS_DOUBLE)) return STEP_FLAGS;
  if (load<i32>(step, STEP_WEIGHT_ZERO_POINT) && !holds(HOLDS_WEIGHT_ZERO_POINT)) return STEP_WEIGHT_ZERO_POINT;
  if (!ASC_FEATURE_SIMD) return NONE;
  if (!(flags & FLAG_VECTOR || holds(HOLDS_LANES))) return STEP_FLAGS;
  return opcode != OPCODE_DEPTHWISE || holds(formOf(step)) ? NONE : STEP_KERNEL_HEIGHT;
}

/** The whole check; STATUS_OK or a refusal which names the record and the field. Writes nothing. */
export function validate(file: usize, fileBytes: u32, arena: usize, arenaBytes: u32): u32 {
  const status = checkHeader(file, fileBytes, arena, arenaBytes);
  if (status != STATUS_OK) return status;
  for (let i: u32 = 0; i < load<u32>(file, HEADER_TENSOR_COUNT); ++i) {
    const field = checkTensor(file, tensorRecord(file, i));
    if (field != NONE) return refusal(STATUS_TENSOR, i, field);
  }
  for (let i: u32 = 0; i < load<u32>(file, HEADER_STEP_COUNT); ++i) {
    if (isDefined(SLIM_BASE) && lacksOpcode(stepRecord(file, i))) return refusal(STATUS_OPERATOR, i, STEP_OPCODE);
    const field = checkStep(file, i);
    if (field != NONE) return refusal(STATUS_STEP, i, field);
    if (isDefined(SLIM_BASE)) {
      const part = missingPart(file, stepRecord(file, i));
      if (part != NONE) return refusal(STATUS_OPERATOR, i, part);
    }
  }
  return STATUS_OK;
}
