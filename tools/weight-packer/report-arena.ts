import * as layout from "../../assembly/layout.js";
import { recordedWindow } from "./plan/windows.js";
import { Records } from "./records.js";
import { report } from "./report.js";
import { type Firings, followFirings, peaksOf, type Span } from "./report-firings.js";

/**
 * What a block of the arena holds. "ring": rows of a tensor that lives within one segment; "whole": a tensor that crosses
 * a cut or is an output; "input": the network's input; "fixed": the engine's state and slack.
 */
export type BlockKind = "fixed" | "input" | "ring" | "whole" | "scratch";

/** A block of the arena with its place and its time. Blocks that are not in use at once may share a place. */
export interface ArenaBlock {
  kind: BlockKind;
  /** What it is, for people, such as "3 DEPTHWISE_CONV_2D 112x112x32". */
  name: string;
  /** Offset in the arena and size, in bytes. */
  offset: number;
  bytes: number;
  /** Which of its bytes are in use when, in order of time: between gaps it holds nothing that anyone reads. */
  spans: Span[];
  /** The firings of the first and the last of these: first .. end - 1. */
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
  /** The most bytes in use at one of them. */
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
  const { name, arenaBytes, layers, peak } = report(file);
  const firings = followFirings(records);
  const ends = records.segments;
  const operator = (step: number) => `${step} ${layers[step]!.operator}`;
  const peaks = peaksOf(firings, records.stateBytes);
  const segments = ends.map(
    (end, index): ArenaSegment => ({
      first: ends[index - 1] ?? 0,
      end,
      firstFiring: firings.segmentEnds[index - 1] ?? 0,
      endFiring: firings.segmentEnds[index]!,
      bytes: peaks[index]!,
    }),
  );
  const blocks = [
    fixedBlock("state of the engine", 0, records.stateBytes, firings),
    ...tensorBlocks(records, firings, operator),
    ...scratchBlocks(records, firings, operator),
    ...windowBlocks(records, firings, operator),
    fixedBlock("slack for vector loads", arenaBytes - layout.SLACK_BYTES, layout.SLACK_BYTES, firings),
  ];
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
function fixedBlock(name: string, offset: number, bytes: number, { steps }: Firings): ArenaBlock {
  const spans = [{ from: 0, until: steps.length, first: offset, end: offset + bytes }];
  return { kind: "fixed", name, offset, bytes, rows: 0, height: 0, ...during(spans) };
}

/** Spans, and the firings from the first to the last of them. */
function during(spans: Span[]): Pick<ArenaBlock, "spans" | "firstFiring" | "endFiring"> {
  return { spans, firstFiring: spans[0]?.from ?? 0, endFiring: spans.at(-1)?.until ?? 0 };
}

function tensorBlocks(records: Records, firings: Firings, operator: (step: number) => string): ArenaBlock[] {
  const { input, outputs } = records.ports;
  const segmentOf = (firing: number) => firings.segmentEnds.findIndex((end) => firing < end);
  return firings.tensors.map((spans, tensor) => {
    const producer = records.tensor(tensor, layout.TENSOR_PRODUCER);
    const { rows, bytes } = records.ring(tensor);
    const time = during(spans);
    const crosses = segmentOf(time.firstFiring) !== segmentOf(time.endFiring - 1) || outputs.includes(tensor);
    return {
      kind: tensor === input ? "input" : crosses ? "whole" : "ring",
      name: `${tensor === input ? "input" : operator(producer)} ${records.extent(tensor).join("x")}`,
      offset: records.tensor(tensor, layout.TENSOR_OFFSET),
      bytes,
      ...time,
      rows,
      height: records.tensor(tensor, layout.TENSOR_HEIGHT),
    };
  });
}

function scratchBlocks(records: Records, firings: Firings, operator: (step: number) => string): ArenaBlock[] {
  return firings.scratch.flatMap((spans, step): ArenaBlock[] => {
    if (spans.length === 0) return [];
    const offset = records.step(step, layout.STEP_SCRATCH);
    const bytes = records.step(step, layout.STEP_SCRATCH_BYTES);
    return [
      { kind: "scratch", name: `scratch of ${operator(step)}`, offset, bytes, ...during(spans), rows: 0, height: 0 },
    ];
  });
}

/** The windows of streamed weights. */
function windowBlocks(records: Records, firings: Firings, operator: (step: number) => string): ArenaBlock[] {
  return firings.windows.flatMap((spans, step): ArenaBlock[] => {
    if (spans.length === 0) return [];
    const offset = records.step(step, layout.STEP_WINDOW);
    const { bytes } = recordedWindow(records, step);
    return [
      { kind: "scratch", name: `weights of ${operator(step)}`, offset, bytes, ...during(spans), rows: 0, height: 0 },
    ];
  });
}
