import * as layout from "../../assembly/layout.js";
import { type Life, livesOf } from "./plan/lives.js";
import { type Model, modelOf, PlanError } from "./plan/model.js";
import type { PlanStep } from "./plan/types.js";
import { recordedWindow } from "./plan/windows.js";
import type { Records } from "./records.js";

/** Bytes first .. end - 1 of the arena are in use from firing `from` to `until` - 1. */
export interface Span {
  from: number;
  until: number;
  first: number;
  end: number;
}

/** When one inference does what; times are counted in firings from 0. */
export interface Firings {
  /** The step of each firing, in order. */
  steps: number[];
  /** For each segment the firing after its last. */
  segmentEnds: number[];
  /** When each tensor holds what, in order of time. */
  tensors: Span[][];
  /** When each step's scratch does; empty where it has none. */
  scratch: Span[][];
  /** When its window of streamed weights does; empty where it has none. */
  windows: Span[][];
}

/**
 * Follows the engine's scheduler (assembly/program.ts) through one inference without computing anything.
 *
 * @throws Error if the plan stalls or a record is out of range
 */
export function followFirings(records: Records): Firings {
  const model = readModel(records);
  const rows = model.request.steps.map((_, step) => records.step(step, layout.STEP_ROWS));
  const kept = rows.map((_, step) => (records.step(step, layout.STEP_FLAGS) & layout.FLAG_KEPT ? 1 : 0));
  const ringRows = model.request.tensors.map((_, tensor) => records.ring(tensor).rows);
  const result: Firings = {
    steps: [],
    segmentEnds: [],
    tensors: ringRows.map(() => []),
    scratch: rows.map(() => []),
    windows: rows.map(() => []),
  };
  let first = 0;
  for (const end of records.segments) {
    const lives = livesOf(model, { first, end, rows, ringRows, kept });
    if (!lives) throw new Error(`the plan stalls in steps ${first} to ${end - 1}`);
    for (const life of lives.blocks) addSpans(records, model, result, life, lives.firings.length);
    result.steps.push(...lives.firings);
    result.segmentEnds.push(result.steps.length);
    first = end;
  }
  return result;
}

/** Adds what a block holds in one segment, whose firings come after those that are there. */
function addSpans(
  records: Records,
  model: Model,
  firings: Firings,
  { block, at, from, to }: Life,
  count: number,
): void {
  const { spans, offset } = placeOf(records, model, firings, block);
  const before = firings.steps.length;
  for (const [k, start] of at.entries()) {
    if (from[k] === to[k]) continue;
    const span = {
      from: before + start,
      until: before + (at[k + 1] ?? count),
      first: offset + from[k]!,
      end: offset + to[k]!,
    };
    const last = spans.at(-1);
    if (last && last.until === span.from && last.first === span.first && last.end === span.end) last.until = span.until;
    else spans.push(span);
  }
}

/** Where a block's spans go, and where it begins in the arena. */
function placeOf(records: Records, model: Model, firings: Firings, block: number): { spans: Span[]; offset: number } {
  const step = block - model.tensors;
  if (step < 0) return { spans: firings.tensors[block]!, offset: records.tensor(block, layout.TENSOR_OFFSET) };
  if (step < model.steps) return { spans: firings.scratch[step]!, offset: records.step(step, layout.STEP_SCRATCH) };
  const reader = step - model.steps;
  return { spans: firings.windows[reader]!, offset: records.step(reader, layout.STEP_WINDOW) };
}

/** The network as the scheduler sees it. */
function readModel(records: Records): Model {
  const steps = Array.from({ length: records.stepCount }, (_, step) => readStep(records, step));
  const { input, outputs } = records.ports;
  const tensors = Array.from({ length: records.tensorCount }, (_, tensor) => {
    const producer = records.tensor(tensor, layout.TENSOR_PRODUCER);
    return {
      height: records.tensor(tensor, layout.TENSOR_HEIGHT),
      rowStride: records.tensor(tensor, layout.TENSOR_ROW_STRIDE),
      producer: producer === layout.NONE ? -1 : producer,
      consumers: steps.flatMap(({ inputs }, step) => (inputs.includes(tensor) ? [step] : [])),
    };
  });
  const { rows, height } = { rows: records.ring(input).rows, height: tensors[input]?.height };
  const sound =
    steps.every((_, step) => records.step(step, layout.STEP_ROWS) >= 1) &&
    tensors.every((t, tensor) => t.height <= layout.MAX_EXTENT && records.ring(tensor).rows >= 1);
  if (!sound) throw new Error("the file is damaged: a record is out of range");
  try {
    const inputMode = rows === height ? "image" : "rows";
    return modelOf({ tensors, steps, input, outputs: [...new Set(outputs)], inputMode, stateBytes: 0, slackBytes: 0 });
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    throw new Error(`the file is damaged: ${error.message}`, { cause: error });
  }
}

function readStep(records: Records, index: number): PlanStep {
  const word = (field: number) => records.step(index, field);
  const opcode = word(layout.STEP_OPCODE);
  const reduce = opcode === layout.OPCODE_MEAN || opcode === layout.OPCODE_GLOBAL_AVERAGE_POOL;
  const second = word(layout.STEP_INPUT_2);
  const window = () => recordedWindow(records, index);
  return {
    inputs: [word(layout.STEP_INPUT), ...(second === layout.NONE ? [] : [second])],
    output: word(layout.STEP_OUTPUT),
    kernelHeight: word(layout.STEP_KERNEL_HEIGHT),
    strideY: word(layout.STEP_STRIDE_Y),
    dilationY: word(layout.STEP_DILATION_Y),
    padTop: word(layout.STEP_PAD_TOP),
    reduce,
    scratchBytes: word(layout.STEP_SCRATCH_BYTES),
    scratchRowBytes: 0,
    weightBytes: 0,
    blocks: 0,
    scratchPersistent: reduce,
    windows: word(layout.STEP_WINDOW) ? { shared: window(), kept: window() } : undefined,
  };
}

/** The most bytes that are in use at one firing of each segment, `beside` always included. */
export function peaksOf(firings: Firings, beside: number): number[] {
  const bytes = new Array<number>(firings.steps.length).fill(beside);
  for (const { from, until, first, end } of [...firings.tensors, ...firings.scratch, ...firings.windows].flat()) {
    for (let firing = from; firing < until; ++firing) bytes[firing]! += end - first;
  }
  return firings.segmentEnds.map((end, k) => Math.max(...bytes.slice(firings.segmentEnds[k - 1] ?? 0, end)));
}
