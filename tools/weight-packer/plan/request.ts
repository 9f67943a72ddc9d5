import {
  ACTIVE_BYTES,
  BLOCK_CHANNELS,
  OPCODE_DEPTHWISE,
  OPCODE_POINTWISE,
  SLACK_BYTES,
  STATE_PROGRESS,
} from "../../../assembly/layout.js";
import type { Program, Step } from "../lower/program.js";
import type { Plan, PlanRequest, PlanStep } from "./types.js";
import { leastWindow, WindowError, wholeWindow, windowOf, windowShape } from "./windows.js";

/** Bytes of one row of a ring, pads included. */
export function rowStride(ring: { width: number; channels: number; padLeft: number; padRight: number }): number {
  return (ring.padLeft + ring.width + ring.padRight) * ring.channels;
}

/**
 * What the planner is to be asked for a lowered program.
 *
 * @param windowBytes where weights are streamed, the most bytes that the shared windows may take
 * @throws WindowError if they are too few
 */
export function planRequest(program: Program, inputMode: "image" | "rows", windowBytes?: number): PlanRequest {
  const windows = windowBytes === undefined ? [] : windowsOf(program, windowBytes);
  const streamed = windowBytes !== undefined;
  const progressEnd = STATE_PROGRESS + 4 * (program.steps.length + program.rings.length);
  return {
    tensors: program.rings.map((ring) => ({
      height: ring.height,
      rowStride: rowStride(ring),
      producer: ring.producer,
      consumers: ring.consumers,
    })),
    steps: program.steps.map((step, index) => ({
      inputs: step.inputs,
      output: step.output,
      kernelHeight: step.window.kernelHeight,
      strideY: step.window.strideY,
      dilationY: step.window.dilationY,
      padTop: step.window.padTop,
      reduce: step.reduce,
      scratchBytes: step.scratchBytes,
      scratchRowBytes: step.scratchRowBytes + sumBytes(program, step, windows[index]),
      scratchPersistent: step.scratchPersistent,
      weightBytes: step.constants.reduce((sum, { bytes }) => sum + bytes.length, 0),
      blocks: blocksOf(program, step),
      windows: windows[index],
    })),
    input: program.input,
    outputs: [...new Set(program.outputs)],
    inputMode,
    stateBytes: streamed ? Math.ceil(progressEnd / 16) * 16 + ACTIVE_BYTES : progressEnd,
    slackBytes: SLACK_BYTES,
    streamed,
  };
}

/** Blocks of channels that a firing goes through; other kernels than these go through all of them for each row anew. */
function blocksOf({ rings }: Program, { opcode, output }: Step): number {
  const inTurn = opcode === OPCODE_POINTWISE || opcode === OPCODE_DEPTHWISE;
  return inTurn ? Math.ceil(rings[output]!.channels / BLOCK_CHANNELS) : 0;
}

/** The windows of each step that has weights. @throws WindowError with the least that all of them can do with */
function windowsOf({ steps }: Program, most: number): PlanStep["windows"][] {
  const shapes = steps.map(windowShape);
  const least = shapes.map((shape) => (shape ? leastWindow(shape) : 0));
  const largest = Math.max(...least);
  if (largest > most) throw new WindowError(largest, most, least.indexOf(largest));
  return shapes.map((shape) => shape && { shared: windowOf(shape, most)!, kept: wholeWindow(shape) });
}

/** Bytes of sums for each row of a firing: where a step's dot products are cut, i32 of 8 channels for each pixel. */
function sumBytes({ rings }: Program, step: Step, windows: PlanStep["windows"]): number {
  return windows?.shared.cut ? rings[step.output]!.width * 32 : 0;
}

/**
 * The plan that keeps everything: each step a segment of its own, each tensor whole and nowhere reused. For comparing
 * intermediate tensors; never for production.
 */
export function planWhole(request: PlanRequest): Plan {
  let end = Math.ceil(request.stateBytes / 16) * 16;
  const take = (bytes: number) => {
    const offset = end;
    end += Math.ceil(bytes / 16) * 16;
    return offset;
  };
  const tensors = request.tensors.map((t) => ({ offset: take(t.height * t.rowStride), ringRows: t.height }));
  const steps = request.steps.map((step, index) => {
    const rows = step.reduce ? request.tensors[step.inputs[0]!]!.height : request.tensors[step.output]!.height;
    const scratchBytes = step.scratchBytes + rows * step.scratchRowBytes;
    const window = step.windows && { ...step.windows.shared, offset: take(step.windows.shared.bytes), kept: false };
    return { rows, scratchOffset: take(scratchBytes), scratchBytes, lastConsumer: index, window };
  });
  const arenaBytes = Math.ceil((end + request.slackBytes) / 16) * 16;
  return {
    tensors,
    steps,
    segments: request.steps.map((_, index) => index + 1),
    arenaBytes,
    peak: { segment: 0, bytes: arenaBytes },
  };
}
