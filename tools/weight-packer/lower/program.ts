/** What the lowering makes and the planner and the writer read: steps of row kernels over rings, before any offset. */
import type { Graph, Operator, Tensor } from "../graph/graph.js";

/** Geometry of a step's window over rows and pixels. */
export interface StepWindow {
  kernelHeight: number;
  kernelWidth: number;
  strideY: number;
  strideX: number;
  dilationY: number;
  dilationX: number;
  padTop: number;
  padLeft: number;
}

/** A block of bytes in the file to which a field of the step record points. */
export interface Constant {
  /** STEP_ offset of the field. */
  field: number;
  bytes: Uint8Array;
}

/** What a lowering says of one operator; the rest of the step follows from the graph. */
export interface Kernel {
  opcode: number;
  flags?: number;
  window?: StepWindow;
  /** Least and greatest output, int8. */
  clamp: { min: number; max: number };
  constants?: Constant[];
  /** Further words of the step record, by STEP_ offset. */
  words?: Record<number, number>;
  /** Scratch of a firing of n rows: scratchBytes + n * scratchRowBytes. */
  scratchBytes?: number;
  scratchRowBytes?: number;
  /** Whether the scratch keeps its contents between firings. */
  scratchPersistent?: boolean;
  /** Whether the step works on input rows and writes one row at the end. */
  reduce?: boolean;
}

/** One firing unit of the engine. */
export interface Step extends Required<Omit<Kernel, "words" | "constants" | "flags">> {
  operator: Operator;
  flags: number;
  constants: Constant[];
  words: Record<number, number>;
  /** Indices of rings. */
  inputs: number[];
  output: number;
}

/** A tensor as the engine will hold it. */
export interface Ring {
  tensor: Tensor;
  height: number;
  width: number;
  channels: number;
  /** Pad pixels left and right of each row. */
  padLeft: number;
  padRight: number;
  scale: number;
  zeroPoint: number;
  /** Index of the step that writes it, -1 for the input. */
  producer: number;
  /** Indices of the steps that read it, ascending. */
  consumers: number[];
}

/** A network ready to be planned. */
export interface Program {
  graph: Graph;
  rings: Ring[];
  steps: Step[];
  /** Ring of the input. */
  input: number;
  /** Rings of the outputs, in the graph's order. */
  outputs: number[];
}

/** A window of one row and one pixel. */
export const ONE_PIXEL: StepWindow = {
  kernelHeight: 1,
  kernelWidth: 1,
  strideY: 1,
  strideX: 1,
  dilationY: 1,
  dilationX: 1,
  padTop: 0,
  padLeft: 0,
};
