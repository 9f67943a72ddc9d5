import { SLACK_BYTES, STATE_PROGRESS } from "../../../assembly/layout.js";
import type { Program } from "../lower/program.js";
import type { Plan, PlanRequest } from "./types.js";

/** Bytes of one row of a ring, pads included. */
export function rowStride(ring: { width: number; channels: number; padLeft: number; padRight: number }): number {
  return (ring.padLeft + ring.width + ring.padRight) * ring.channels;
}

/** What the planner is to be asked for a lowered program. */
export function planRequest(program: Program, inputMode: "image" | "rows"): PlanRequest {
  return {
    tensors: program.rings.map((ring) => ({
      height: ring.height,
      rowStride: rowStride(ring),
      producer: ring.producer,
      consumers: ring.consumers,
    })),
    steps: program.steps.map((step) => ({
      inputs: step.inputs,
      output: step.output,
      kernelHeight: step.window.kernelHeight,
      strideY: step.window.strideY,
      dilationY: step.window.dilationY,
      padTop: step.window.padTop,
      reduce: step.reduce,
      scratchBytes: step.scratchBytes,
      scratchRowBytes: step.scratchRowBytes,
      scratchPersistent: step.scratchPersistent,
      weightBytes: step.constants.reduce((sum, { bytes }) => sum + bytes.length, 0),
    })),
    input: program.input,
    outputs: [...new Set(program.outputs)],
    inputMode,
    stateBytes: STATE_PROGRESS + 4 * (program.steps.length + program.rings.length),
    slackBytes: SLACK_BYTES,
  };
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
    return { rows, scratchOffset: take(scratchBytes), scratchBytes, lastConsumer: index };
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
