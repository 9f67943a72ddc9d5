/** A checked plan request in the form that the search works on: flat arrays, one entry per tensor or step. */
import type { PlanRequest } from "./types.js";

/** A request cannot be planned: it contradicts itself, or the memory it is given does not do. */
export class PlanError extends Error {
  override name = "PlanError";
}

/** A budget into which not even the least arena fits. */
export class BudgetError extends PlanError {
  /**
   * @param leastBytes the least arena that the planner finds
   * @param budget the bytes given
   * @param first the first and
   * @param last the last step of the segment that needs the most
   * @param between what these steps are called and do, for the message
   */
  constructor(
    readonly leastBytes: number,
    readonly budget: number,
    readonly first: number,
    readonly last: number,
    between = `steps ${first} to ${last} stand`,
  ) {
    super(`the least arena is ${leastBytes} bytes, more than the ${budget} given; ${between} in the way`);
  }
}

/** What the search needs to know of a request. All heights and windows in rows, all sizes in bytes. */
export interface Model {
  request: PlanRequest;
  /** Number of steps. The host, which pushes the input's rows, counts as one more step with this index. */
  steps: number;
  tensors: number;
  /** Rows of each tensor. */
  height: Int32Array;
  /** Bytes of a row of each tensor. */
  rowStride: Float64Array;
  /** The step that writes each tensor; the host's index for the network's input. */
  producer: Int32Array;
  /** The steps that read each tensor, ascending, each once. */
  consumers: number[][];
  /** The last step that reads each tensor; `steps` for the network's outputs; the producer if there is no reader. */
  lastUse: Int32Array;
  /** The tensors that each step reads, each once; none for the host. */
  inputs: number[][];
  output: Int32Array;
  /** Rows that a step works on: its output's, or its input's for a reducing step. */
  domain: Int32Array;
  strideY: Int32Array;
  padTop: Int32Array;
  /** Input rows that one row of a step reaches, dilation included. */
  reach: Int32Array;
  reduce: Uint8Array;
  /** Whether the host pushes the input row by row. */
  streamed: boolean;
}

/** The least multiple of 16 that is not below `bytes` (may exceed 2^32; no bit operations). */
export function align16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}

function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new PlanError(message());
}

function isCount(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= 0x7fffffff;
}

/**
 * Checks a request and turns it into a model. Throws PlanError, naming the tensor or step, where an index is out of
 * range, a size is not a whole number, a step reads what is not written yet, or producers and consumers do not match
 * the steps.
 */
export function modelOf(request: PlanRequest): Model {
  const { tensors, steps } = request;
  const isTensor = (index: number): boolean => isCount(index, 0) && index < tensors.length;
  check(steps.length > 0, () => "a network needs a step");
  check(isTensor(request.input), () => `the input, tensor ${request.input}, does not exist`);
  check(request.outputs.length > 0, () => "a network needs an output");
  for (const output of request.outputs) check(isTensor(output), () => `the output, tensor ${output}, does not exist`);
  check(isCount(request.stateBytes, 0) && isCount(request.slackBytes, 0), () => "state and slack must be byte counts");

  const host = steps.length;
  const model: Model = {
    request,
    steps: host,
    tensors: tensors.length,
    height: Int32Array.from(tensors, (tensor) => tensor.height),
    rowStride: Float64Array.from(tensors, (tensor) => tensor.rowStride),
    producer: new Int32Array(tensors.length).fill(-1),
    consumers: tensors.map(() => []),
    lastUse: new Int32Array(tensors.length),
    inputs: [...steps.map((step) => [...new Set(step.inputs)]), []],
    output: Int32Array.from([...steps.map((step) => step.output), request.input]),
    domain: new Int32Array(host + 1),
    strideY: new Int32Array(host + 1).fill(1),
    padTop: new Int32Array(host + 1),
    reach: new Int32Array(host + 1).fill(1),
    reduce: new Uint8Array(host + 1),
    streamed: request.inputMode === "rows",
  };
  tensors.forEach((tensor, index) => {
    check(isCount(tensor.height, 1), () => `tensor ${index} has a height of ${tensor.height}`);
    check(isCount(tensor.rowStride, 1), () => `tensor ${index} has rows of ${tensor.rowStride} bytes`);
  });
  model.producer[request.input] = host;
  model.domain[host] = tensors[request.input]!.height;

  steps.forEach((step, index) => {
    check(step.inputs.length === 1 || step.inputs.length === 2, () => `step ${index} has ${step.inputs.length} inputs`);
    for (const input of step.inputs) {
      check(isTensor(input), () => `step ${index} reads tensor ${input}, which does not exist`);
      check(model.producer[input]! >= 0, () => `step ${index} reads tensor ${input} before it is written`);
    }
    check(isTensor(step.output), () => `step ${index} writes tensor ${step.output}, which does not exist`);
    check(
      model.producer[step.output]! < 0,
      () => `step ${index} writes tensor ${step.output}, which is written already`,
    );
    check(
      isCount(step.kernelHeight, 1) &&
        isCount(step.strideY, 1) &&
        isCount(step.dilationY, 1) &&
        isCount(step.padTop, 0),
      () => `step ${index} has a window that is none`,
    );
    check(
      isCount(step.scratchBytes, 0) && isCount(step.scratchRowBytes, 0),
      () => `step ${index} has a scratch that is none`,
    );
    model.producer[step.output] = index;
    for (const input of model.inputs[index]!) model.consumers[input]!.push(index);
    if (step.reduce) {
      check(tensors[step.output]!.height === 1, () => `step ${index} reduces, but its output has more than one row`);
      const height = tensors[step.inputs[0]!]!.height;
      check(
        step.inputs.every((input) => tensors[input]!.height === height),
        () => `step ${index} has inputs of two heights`,
      );
      model.reduce[index] = 1;
      model.domain[index] = height;
    } else {
      model.domain[index] = tensors[step.output]!.height;
      model.strideY[index] = step.strideY;
      model.padTop[index] = step.padTop;
      model.reach[index] = (step.kernelHeight - 1) * step.dilationY + 1;
    }
  });

  tensors.forEach((tensor, index) => {
    const found = model.producer[index]!;
    check(found >= 0, () => `tensor ${index} is never written`);
    check(
      tensor.producer === (found === host ? -1 : found),
      () => `tensor ${index} names another producer than its step`,
    );
    const readers = model.consumers[index]!;
    check(
      [...new Set(tensor.consumers)].join() === readers.join(),
      () => `tensor ${index} names other consumers than the steps that read it`,
    );
    model.lastUse[index] = readers.length > 0 ? readers[readers.length - 1]! : found === host ? 0 : found;
  });
  for (const output of request.outputs) model.lastUse[output] = host;
  return model;
}

/**
 * Whether a tensor lives in the segment of steps first .. end - 1 alone, so that a ring is enough for it. All others
 * that are alive there are held at full height; so is the input where the host lays down the whole image.
 */
export function isInternal(model: Model, tensor: number, first: number, end: number): boolean {
  const producer = model.producer[tensor]!;
  if (model.lastUse[tensor]! >= end) return false;
  return producer === model.steps ? model.streamed && first === 0 : producer >= first && producer < end;
}

/** Whether a tensor is alive at any time in the segment of steps first .. end - 1. */
export function isAlive(model: Model, tensor: number, first: number, end: number): boolean {
  const producer = model.producer[tensor]!;
  return (producer === model.steps || producer < end) && model.lastUse[tensor]! >= first;
}

/** Bytes of scratch that a firing of up to `rows` rows of a step takes. */
export function scratchOf(model: Model, step: number, rows: number): number {
  const { scratchBytes, scratchRowBytes } = model.request.steps[step]!;
  return scratchBytes + Math.min(rows, model.domain[step]!) * scratchRowBytes;
}

/** Bytes of a step's window of streamed weights, if it keeps them or not; 0 where it has none. */
export function windowOfStep(model: Model, step: number, kept: boolean): number {
  const { windows } = model.request.steps[step]!;
  return windows ? (kept ? windows.kept : windows.shared).bytes : 0;
}
