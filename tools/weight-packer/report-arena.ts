import * as layout from "../../assembly/layout.js";
import { recordedWindow } from "./plan/windows.js";
import { Records } from "./records.js";
import { report } from "./report.js";
import { type Firings, followFirings } from "./report-firings.js";

/**
 * What a block of the arena holds. "ring": rows of a tensor that lives within one segment; "whole": a tensor that crosses
 * a cut or is an output; "input": the network's input; "fixed": the engine's state and slack.
 */
export type BlockKind = "fixed" | "input" | "ring" | "whole" | "scratch";

/** A block of the arena with its place and its time. */
export interface ArenaBlock {
  kind: BlockKind;
  /** What it is, for people, such as "3 DEPTHWISE_CONV_2D 112x112x32". */
  name: string;
  /** Offset in the arena and size, in bytes. */
  offset: number;
  bytes: number;
  /** The segments for which its place is kept: from .. until - 1. */
  from: number;
  until: number;
  /** The firings between its first write and its last read: first .. end - 1. */
  firstFiring: number;
  endFiring: number;
  /** Rows kept, and rows of the tensor; both 0 for what has none. */
  rows: number;
  height: number;
}

/** A run of steps between two cuts. */
export interface ArenaSegment {
  /** Steps first .. end - 1. */
  first: number;
  end: number;
  /** Firings firstFiring .. endFiring - 1. */
  firstFiring: number;
  endFiring: number;
  /** Bytes of the blocks that are kept in it. */
  bytes: number;
}

/** The arena over the time of one inference. */
export interface ArenaReport {
  name: string;
  arenaBytes: number;
  /** Bytes of the largest sum of a step's whole inputs and output: what running layer by layer needs at least. */
  layerByLayerBytes: number;
  /** The segment with the most bytes. */
  peak: { segment: number; bytes: number };
  segments: ArenaSegment[];
  blocks: ArenaBlock[];
}

/**
 * The arena of a packed model over the time of one inference, from the file's bytes alone.
 *
 * @param file a whole packed file
 * @throws Error if it is no packed file, or if its plan stalls
 */
export function arenaReport(file: Uint8Array): ArenaReport {
  const records = new Records(file);
  const { name, arenaBytes, layers } = report(file);
  const firings = followFirings(records);
  const ends = records.segments;
  const segmentOf = (step: number) => ends.findIndex((end) => step < end);
  const operator = (step: number) => `${step} ${layers[step]!.operator}`;
  const blocks = [
    fixedBlock("state of the engine", 0, records.stateBytes, firings),
    ...tensorBlocks(records, firings, segmentOf, operator),
    ...scratchBlocks(records, firings, segmentOf, operator),
  ];
  const segments = ends.map((end, index): ArenaSegment => {
    const alive = blocks.filter(({ from, until }) => from <= index && index < until);
    return {
      first: ends[index - 1] ?? 0,
      end,
      firstFiring: firings.segmentEnds[index - 1] ?? 0,
      endFiring: firings.segmentEnds[index]!,
      bytes: alive.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  });
  const bytes = Math.max(...segments.map((segment) => segment.bytes));
  const peak = { segment: segments.findIndex((segment) => segment.bytes === bytes), bytes };
  // Nothing is ever alive in the slack, so it counts in no segment.
  blocks.push(fixedBlock("slack for vector loads", arenaBytes - layout.SLACK_BYTES, layout.SLACK_BYTES, firings));
  return { name, arenaBytes, layerByLayerBytes: layerByLayer(records), peak, segments, blocks };
}

/** The tensors that a step reads, each once. */
function inputsOf(records: Records, step: number): number[] {
  const fields = [layout.STEP_INPUT, layout.STEP_INPUT_2];
  return [...new Set(fields.map((field) => records.step(step, field)))].filter((tensor) => tensor !== layout.NONE);
}

function layerByLayer(records: Records): number {
  const bytes = (tensor: number) => records.extent(tensor).reduce((product, extent) => product * extent, 1);
  const steps = Array.from({ length: records.stepCount }, (_, step) => step);
  const tensors = steps.map((step) => {
    const output = records.step(step, layout.STEP_OUTPUT);
    // A function of one element is computed in place.
    const inPlace = records.step(step, layout.STEP_OPCODE) === layout.OPCODE_LOOKUP;
    return inPlace ? [output] : [output, ...inputsOf(records, step)];
  });
  return Math.max(...tensors.map((of) => of.reduce((sum, tensor) => sum + bytes(tensor), 0)));
}

/** A block that is there all the time. */
function fixedBlock(name: string, offset: number, bytes: number, { steps, segmentEnds }: Firings): ArenaBlock {
  const always = { from: 0, until: segmentEnds.length, firstFiring: 0, endFiring: steps.length };
  return { kind: "fixed", name, offset, bytes, rows: 0, height: 0, ...always };
}

function tensorBlocks(
  records: Records,
  firings: Firings,
  segmentOf: (step: number) => number,
  operator: (step: number) => string,
): ArenaBlock[] {
  const { input, outputs } = records.ports;
  const last = records.segments.length;
  return Array.from({ length: records.tensorCount }, (_, tensor) => {
    const producer = records.tensor(tensor, layout.TENSOR_PRODUCER);
    const readers = Array.from({ length: records.stepCount }, (_, step) => step).filter((step) =>
      inputsOf(records, step).includes(tensor),
    );
    const from = tensor === input ? 0 : segmentOf(producer);
    const until = outputs.includes(tensor) ? last : 1 + Math.max(from, ...readers.map(segmentOf));
    const { rows, bytes } = records.ring(tensor);
    const height = records.tensor(tensor, layout.TENSOR_HEIGHT);
    const crosses = until > from + 1 || outputs.includes(tensor);
    return {
      kind: tensor === input ? "input" : crosses ? "whole" : "ring",
      name: `${tensor === input ? "input" : operator(producer)} ${records.extent(tensor).join("x")}`,
      offset: records.tensor(tensor, layout.TENSOR_OFFSET),
      bytes,
      from,
      until,
      firstFiring: firings.firstWrite[tensor]!,
      endFiring: outputs.includes(tensor) ? firings.steps.length : firings.lastRead[tensor]!,
      rows,
      height,
    };
  });
}

/** Scratch and windows of weights, those of steps which share a place in one segment as one block. */
function scratchBlocks(
  records: Records,
  firings: Firings,
  segmentOf: (step: number) => number,
  operator: (step: number) => string,
): ArenaBlock[] {
  const blocks = new Map<string, ArenaBlock>();
  for (let step = 0; step < records.stepCount; step++) {
    const from = segmentOf(step);
    const firstFiring = firings.steps.indexOf(step);
    const endFiring = firings.steps.lastIndexOf(step) + 1;
    const add = (name: string, offset: number, bytes: number) => {
      const block = { kind: "scratch" as const, name, offset, bytes, from, until: from + 1, rows: 0, height: 0 };
      const shared = blocks.get(`${from} ${offset}`);
      blocks.set(`${from} ${offset}`, {
        ...(shared && shared.bytes >= bytes ? shared : block),
        firstFiring: Math.min(firstFiring, shared?.firstFiring ?? firstFiring),
        endFiring: Math.max(endFiring, shared?.endFiring ?? endFiring),
      });
    };
    const scratch = records.step(step, layout.STEP_SCRATCH);
    const scratchBytes = records.step(step, layout.STEP_SCRATCH_BYTES);
    const window = records.step(step, layout.STEP_WINDOW);
    const windowBytes = window ? recordedWindow(records, step).bytes : 0;
    // A step's scratch and the window behind it are one block: other steps' lie across.
    const behind = Math.ceil(scratchBytes / 16) * 16;
    if (window && scratchBytes && window === scratch + behind) {
      add(`scratch and weights of ${operator(step)}`, scratch, behind + windowBytes);
    } else {
      if (scratchBytes) add(`scratch of ${operator(step)}`, scratch, scratchBytes);
      if (window) add(`weights of ${operator(step)}`, window, windowBytes);
    }
  }
  return [...blocks.values()];
}
