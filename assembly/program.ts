/** The row scheduler: fires steps until nothing can fire. */
import { add } from "./kernels/add";
import { argMax } from "./kernels/arg-max";
import { concatenate } from "./kernels/concatenate";
import { convolution } from "./kernels/convolution";
import { depthwise } from "./kernels/depthwise";
import { l2Normalise } from "./kernels/l2-normalise";
import { lookup } from "./kernels/lookup";
import { mean } from "./kernels/mean";
import { multiply } from "./kernels/multiply";
import { pointwise } from "./kernels/pointwise";
import { pool } from "./kernels/pool";
import { rearrange } from "./kernels/rearrange";
import { resize } from "./kernels/resize";
import { softmax } from "./kernels/softmax";
import {
  HEADER_CONSUMERS,
  HEADER_INPUT,
  HEADER_OUTPUTS,
  HEADER_OUTPUT_COUNT,
  HEADER_SEGMENTS,
  HEADER_SEGMENT_COUNT,
  HEADER_STEP_COUNT,
  HEADER_TENSOR_COUNT,
  NONE,
  OPCODE_ADD,
  OPCODE_ARG_MAX,
  OPCODE_AVERAGE_POOL,
  OPCODE_CONCATENATE,
  OPCODE_CONVOLUTION,
  OPCODE_DEPTHWISE,
  OPCODE_GLOBAL_AVERAGE_POOL,
  OPCODE_L2_NORMALISE,
  OPCODE_LOOKUP,
  OPCODE_MAX_POOL,
  OPCODE_MEAN,
  OPCODE_MULTIPLY,
  OPCODE_POINTWISE,
  OPCODE_REARRANGE,
  OPCODE_RESIZE,
  OPCODE_SOFTMAX,
  PORT_BYTES,
  PORT_TENSOR,
  PORT_TYPE,
  STATE_DONE,
  STATE_PROGRESS,
  STATE_PUSHED,
  STATE_SEGMENT,
  STATUS_OK,
  STATUS_READ,
  STATUS_STALLED,
  STEP_DILATION_Y,
  STEP_INPUT,
  STEP_INPUT_2,
  STEP_KERNEL_HEIGHT,
  STEP_LAST_CONSUMER,
  STEP_OPCODE,
  STEP_OUTPUT,
  STEP_PAD_TOP,
  STEP_ROWS,
  STEP_STRIDE_Y,
  TENSOR_CONSUMERS,
  TENSOR_CONSUMER_COUNT,
  TENSOR_HEIGHT,
  TENSOR_OFFSET,
  TENSOR_RING_ROWS,
  TENSOR_ROW_STRIDE,
  TYPE_INT8,
} from "./layout";
import { completeOf, fileOf, fill, fillPads, flip, inputOf, outputOf, progressOf, stepRecord, tensorRecord } from "./rings";
import { holds, holdsSecondInput, isOpcode } from "./slim";
import { STREAMED } from "./streamed";
import { fireStreamed } from "./streaming";

/** Whether a step works on input rows and writes one output row at the end. */
// @ts-ignore: decorator
@inline
export function reduces(opcode: u32): bool {
  return isOpcode(opcode, OPCODE_MEAN) || isOpcode(opcode, OPCODE_GLOBAL_AVERAGE_POOL);
}

/** Rows that a step has to do: its output's height; the input's for a reducing step. */
function domain(file: usize, step: usize): u32 {
  const tensor = reduces(load<u32>(step, STEP_OPCODE)) ? inputOf(file, step) : outputOf(file, step);
  return load<u32>(tensor, TENSOR_HEIGHT);
}

/** The least row of a tensor that some consumer still needs; the height if none does, 0 if nobody reads it. */
export function released(arena: usize, file: usize, tensor: usize): u32 {
  const count = load<u32>(tensor, TENSOR_CONSUMER_COUNT);
  if (!count) return 0;
  let least = load<u32>(tensor, TENSOR_HEIGHT);
  let entry = file + load<u32>(file, HEADER_CONSUMERS) + (load<u32>(tensor, TENSOR_CONSUMERS) << 2);
  for (let i: u32 = 0; i < count; ++i) {
    const index = load<u32>(entry);
    const step = stepRecord(file, index);
    const y = load<u32>(progressOf(arena, index));
    if (y < domain(file, step)) {
      const first = <i32>(y * load<u32>(step, STEP_STRIDE_Y)) - load<i32>(step, STEP_PAD_TOP);
      least = min(least, <u32>max(first, 0));
    }
    entry += 4;
  }
  return least;
}

/** Runs a step's kernel on rows y .. y + rows - 1 of its domain. */
export function dispatch(arena: usize, step: usize, y: u32, rows: u32): void {
  switch (load<u32>(step, STEP_OPCODE)) {
    case OPCODE_CONVOLUTION:
      if (holds(OPCODE_CONVOLUTION)) convolution(arena, step, y, rows);
      return;
    case OPCODE_POINTWISE:
      if (holds(OPCODE_POINTWISE)) pointwise(arena, step, y, rows);
      return;
    case OPCODE_DEPTHWISE:
      if (holds(OPCODE_DEPTHWISE)) depthwise(arena, step, y, rows);
      return;
    case OPCODE_ADD:
      if (holds(OPCODE_ADD)) add(arena, step, y, rows);
      return;
    case OPCODE_MEAN:
    case OPCODE_GLOBAL_AVERAGE_POOL:
      if (holds(OPCODE_MEAN) || holds(OPCODE_GLOBAL_AVERAGE_POOL)) mean(arena, step, y, rows);
      return;
    case OPCODE_RESIZE:
      if (holds(OPCODE_RESIZE)) resize(arena, step, y, rows);
      return;
    case OPCODE_SOFTMAX:
      if (holds(OPCODE_SOFTMAX)) softmax(arena, step, y, rows);
      return;
    case OPCODE_LOOKUP:
      if (holds(OPCODE_LOOKUP)) lookup(arena, step, y, rows);
      return;
    case OPCODE_CONCATENATE:
      if (holds(OPCODE_CONCATENATE)) concatenate(arena, step, y, rows);
      return;
    case OPCODE_MULTIPLY:
      if (holds(OPCODE_MULTIPLY)) multiply(arena, step, y, rows);
      return;
    case OPCODE_REARRANGE:
      if (holds(OPCODE_REARRANGE)) rearrange(arena, step, y, rows);
      return;
    case OPCODE_L2_NORMALISE:
      if (holds(OPCODE_L2_NORMALISE)) l2Normalise(arena, step, y, rows);
      return;
    case OPCODE_ARG_MAX:
      if (holds(OPCODE_ARG_MAX)) argMax(arena, step, y, rows);
      return;
    default:
      if (holds(OPCODE_AVERAGE_POOL) || holds(OPCODE_MAX_POOL)) pool(arena, step, y, rows);
  }
}

/** What `fire` did. */
const WAITS: u32 = 0;
const FIRED: u32 = 1;
/** Streamed builds: the host did not read the weights; nothing has changed but bytes that the next try writes again. */
const UNREAD: u32 = 2;

/**
 * Fires step `index` if its input rows are there and its output ring has room; says whether it did.
 * A second input of one row must be complete: it stands for every row.
 * At least one input row must be complete even where only pad rows are in reach: the pad pixel lies beside it.
 */
function fire(arena: usize, file: usize, index: u32): u32 {
  const step = stepRecord(file, index);
  const y = load<u32>(progressOf(arena, index));
  const total = domain(file, step);
  if (y >= total) return WAITS;
  const rows = min(load<u32>(step, STEP_ROWS), total - y);
  const end = y + rows;
  const inputIndex = load<u32>(step, STEP_INPUT);
  const height = load<i32>(tensorRecord(file, inputIndex), TENSOR_HEIGHT);
  const last =
    <i32>((end - 1) * load<u32>(step, STEP_STRIDE_Y)) -
    load<i32>(step, STEP_PAD_TOP) +
    <i32>((load<u32>(step, STEP_KERNEL_HEIGHT) - 1) * load<u32>(step, STEP_DILATION_Y));
  const need = min(max(last + 1, 1), height);
  if (load<i32>(completeOf(arena, file, inputIndex)) < need) return WAITS;
  const input2 = load<u32>(step, STEP_INPUT_2);
  if (holdsSecondInput() && input2 != NONE) {
    const need2 = min(end, load<u32>(tensorRecord(file, input2), TENSOR_HEIGHT));
    if (load<u32>(completeOf(arena, file, input2)) < need2) return WAITS;
  }
  const outputIndex = load<u32>(step, STEP_OUTPUT);
  const output = tensorRecord(file, outputIndex);
  const reducing = reduces(load<u32>(step, STEP_OPCODE));
  const complete = reducing ? u32(end == total) : end;
  if (<i32>(complete - released(arena, file, output)) > load<i32>(output, TENSOR_RING_ROWS)) return WAITS;
  if (STREAMED && load<u32>(step, STEP_OPCODE) <= OPCODE_DEPTHWISE) {
    if (!fireStreamed(arena, file, step, y, rows)) return UNREAD;
  } else dispatch(arena, step, y, rows);
  store<u32>(progressOf(arena, index), end);
  if (complete) {
    fillPads(arena, output, reducing ? 0 : y, reducing ? 1 : rows);
    store<u32>(completeOf(arena, file, outputIndex), complete);
  }
  return FIRED;
}

/** Turns the outputs whose source type is int8 into int8, in place; nothing fires any more. */
function finish(arena: usize, file: usize): void {
  const count = load<u32>(file, HEADER_OUTPUT_COUNT);
  for (let k: u32 = 0; k < count; ++k) {
    const port = file + load<u32>(file, HEADER_OUTPUTS) + k * PORT_BYTES;
    if (load<u32>(port, PORT_TYPE) != TYPE_INT8) continue;
    const index = load<u32>(port, PORT_TENSOR);
    // Two outputs may be one tensor; it is flipped with the first.
    let earlier = file + load<u32>(file, HEADER_OUTPUTS);
    while (earlier < port && load<u32>(earlier, PORT_TENSOR) != index) earlier += PORT_BYTES;
    if (earlier < port) continue;
    const tensor = tensorRecord(file, index);
    flip(
      arena + load<u32>(tensor, TENSOR_OFFSET),
      load<u32>(tensor, TENSOR_RING_ROWS) * load<u32>(tensor, TENSOR_ROW_STRIDE),
    );
  }
  store<u32>(arena, 1, STATE_DONE);
}

/**
 * Fires steps of the current segment, the highest that can first, until none can; goes on to the next segment when all
 * steps of one are done. After a firing the steps that may have become able to fire are the output's readers, all at or
 * below STEP_LAST_CONSUMER, and those below the step itself (their output ring got room): so the search goes on from
 * there downward and never misses one.
 */
export function run(arena: usize): u32 {
  const file = fileOf(arena);
  const segments = file + load<u32>(file, HEADER_SEGMENTS);
  const count = load<u32>(file, HEADER_SEGMENT_COUNT);
  let segment = load<u32>(arena, STATE_SEGMENT);
  for (; segment < count; ++segment) {
    store<u32>(arena, segment, STATE_SEGMENT);
    const start = segment ? load<u32>(segments + ((segment - 1) << 2)) : 0;
    const end = load<u32>(segments + (segment << 2));
    let index = end;
    while (index > start) {
      const result = fire(arena, file, index - 1);
      if (STREAMED && result == UNREAD) return STATUS_READ | ((index - 1) << 8);
      if (result) {
        const reader = load<u32>(stepRecord(file, index - 1), STEP_LAST_CONSUMER);
        index = min(max(reader + 1, index), end);
      } else --index;
    }
    const input = tensorRecord(file, load<u32>(file, HEADER_INPUT + PORT_TENSOR));
    const waiting = load<u32>(arena, STATE_PUSHED) < load<u32>(input, TENSOR_HEIGHT);
    for (let i = start; i < end; ++i) {
      if (load<u32>(progressOf(arena, i)) >= domain(file, stepRecord(file, i))) continue;
      return waiting ? STATUS_OK : STATUS_STALLED | (i << 8);
    }
    // Rows of the input that no step reads are still to come, and the next segment's tensors may lie where they go.
    if (waiting) return STATUS_OK;
  }
  store<u32>(arena, segment, STATE_SEGMENT);
  if (!load<u32>(arena, STATE_DONE)) finish(arena, file);
  return STATUS_OK;
}

/** Sets all counters to zero: a new inference. */
export function restart(arena: usize): void {
  const file = fileOf(arena);
  // Segment, rows pushed, done.
  fill(arena + STATE_SEGMENT, 0, 12);
  fill(arena + STATE_PROGRESS, 0, (load<u32>(file, HEADER_STEP_COUNT) + load<u32>(file, HEADER_TENSOR_COUNT)) << 2);
}
