/**
 * What the planner is asked and what it answers. It knows rows, bytes and order; nothing of kernels or files.
 *
 * The engine's scheduler, which a plan relies on, is deterministic: within the current segment the step with the
 * highest index that can fire fires. A step at row y (its rows done so far) fires n = min(rows, domain - y) rows when
 * - every input tensor has the rows in reach: min(inputHeight, (y + n - 1) * strideY - padTop +
 *   (kernelHeight - 1) * dilationY + 1) rows of it are complete, and at least one (pad pixels lie beside it), and
 * - its output ring has room: y + n - (least row that any consumer still needs) <= ringRows. A consumer at row c needs
 *   rows from max(0, c * strideY - padTop) on; one that is done needs none.
 * So a second input of one row beside a first of many (the gate of squeeze-excite) is needed whole, from the step's first
 * row on; its ring of one row holds it to the segment's end, for its producer has nothing more to write.
 * A tensor that nobody reads keeps all its rows. A segment ends when all its steps are done, the first not before the
 * whole input has been pushed; then the next begins.
 *
 * A firing reads its window's rows (of rows outside of the input the pads of the nearest row, which counts as needed until
 * the reader is done) and writes its output's rows and its scratch, nothing else; what it writes must not lie where it
 * reads. Everything else in the arena is the plan's: blocks may share bytes where they are not in use at once. The host
 * writes rows of the input where the engine will take them next, at any time before it pushes them, and nowhere else.
 *
 * A reducing step (global mean) works on input rows: its domain is the input's height, each firing takes the next
 * `rows` input rows (kernel height 1, stride 1), and its one output row is complete when the last is taken; for the
 * output ring it counts as producing nothing until then, and needs room for one row.
 */

export interface PlanTensor {
  /** Rows of the whole tensor. */
  height: number;
  /** Bytes of one row, pads included. */
  rowStride: number;
  /** Step that writes it, -1 for the network's input. */
  producer: number;
  /** Steps that read it, ascending. */
  consumers: number[];
}

/** How a step's weights are read where they are streamed: piece by piece through a place in the arena. */
export interface Window {
  /** Output channels of a piece, and bytes of weights of each of them. */
  channels: number;
  depth: number;
  /** Whether a channel's weights take several pieces; then `channels` is 8. */
  cut: boolean;
  /** Bytes that a piece takes at the most. */
  bytes: number;
  /** Bytes of all pieces: what a firing reads. */
  readBytes: number;
}

export interface PlanStep {
  /** Input tensors, one or two. */
  inputs: number[];
  output: number;
  kernelHeight: number;
  strideY: number;
  dilationY: number;
  padTop: number;
  /** Works on input rows, writes one output row at the end. */
  reduce: boolean;
  /** Scratch of a firing of n rows: scratchBytes + n * scratchRowBytes. */
  scratchBytes: number;
  scratchRowBytes: number;
  /** Bytes of weights and other constants that each firing reads. */
  weightBytes: number;
  /** Blocks of output channels that each firing takes up one after the other, for all its rows; 0 where it has none. */
  blocks: number;
  /**
   * Where weights are streamed, for steps that have any: the window through which each firing reads them, which the
   * segment's steps share, and the one that takes them all, for a step that reads them at its first firing and keeps
   * them to the segment's end.
   */
  windows?: { shared: Window; kept: Window };
  /** Scratch that keeps its contents between firings (accumulators of a mean); other scratch is shared by all steps. */
  scratchPersistent: boolean;
}

export interface PlanRequest {
  tensors: PlanTensor[];
  /** In execution order: a tensor's producer comes before its consumers. */
  steps: PlanStep[];
  /** The network's input tensor. */
  input: number;
  /** Tensors that must be whole at the end (all rows, not overwritten by anything). */
  outputs: number[];
  /** "image": the whole input lies in the arena before the first firing. "rows": the host pushes it row by row. */
  inputMode: "image" | "rows";
  /** Bytes at the arena's start that are taken (the engine's state). */
  stateBytes: number;
  /** Bytes that stay free at the arena's end. */
  slackBytes: number;
  /** Whether weights are streamed: then the planner minimises the bytes that are read. */
  streamed?: boolean;
}

/** What an arena may take: bytes, the least that is found, or whatever the fastest plan takes. */
export type Ram = number | "min" | "fastest";

/** The window of a planned step. */
export interface PlannedWindow extends Window {
  /** Where in the arena. */
  offset: number;
  /** Whether it is read at the first firing only. */
  kept: boolean;
}

export interface Plan {
  tensors: { offset: number; ringRows: number }[];
  steps: { rows: number; scratchOffset: number; scratchBytes: number; lastConsumer: number; window?: PlannedWindow }[];
  /** For each segment the index of the step after its last. */
  segments: number[];
  /** Total, a multiple of 16. */
  arenaBytes: number;
  /** The segment with the most bytes live at one firing, and how many. */
  peak: { segment: number; bytes: number };
}
