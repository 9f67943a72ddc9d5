/**
 * How few rows each ring of a segment can do with.
 *
 * A step that can fire stays able to fire whatever the other steps do: rows only become complete, room only grows, and
 * the number of rows of its next firing depends on its own progress alone. So every firing order ends in the same state:
 * whether given rings stall depends neither on the scheduler's policy nor on how many rows the host pushes at a time
 * (a network of bounded queues, as in Kahn's and Parks's work). We need not follow the policy here, and can resume after
 * a stall with one ring made larger instead of starting again.
 *
 * At a stall each step waits for another: for rows from a producer, or for room from the consumer that still needs the
 * oldest row. Following that from step to step ends in a cycle, and the cycle only opens if one of the full rings on it
 * grows (Geilen and Basten, "Requirements on the execution of Kahn process networks", 2003). Data flows forward, so a
 * cycle has at least one full ring. If it has just one, growing it is forced, and rings found by forced growth are the
 * least there are, each of them. Chains and residual blocks never leave a choice; elsewhere the cheapest ring on the
 * cycle grows, and in the end each ring is tried smaller.
 */
import { align16, isInternal, type Model } from "./model.js";

/** The rings of a segment. */
export interface Rings {
  /** Rows of each internal tensor's ring; 0 for all other tensors. */
  ringRows: Int32Array;
  /** Bytes of the internal tensors' rings, each rounded up to 16. */
  bytes: number;
}

/** A row number that no tensor has: the least row needed where no consumer needs any. */
const NO_ROW = 0x7fffffff;

/** Runs segments of one model symbolically; its buffers are used again from run to run. */
export class Simulator {
  private readonly model: Model;
  /** Rows done by each step; the host is the last. */
  private readonly done: Int32Array;
  /** Complete rows of each tensor. */
  private readonly complete: Int32Array;
  private readonly ringRows: Int32Array;
  private readonly rows: Int32Array;
  /** Steps of the segment that may have become able to fire. */
  private readonly queue: Int32Array;
  private readonly queued: Uint8Array;
  private queueLength = 0;
  private first = 0;
  private end = 0;

  constructor(model: Model) {
    this.model = model;
    this.done = new Int32Array(model.steps + 1);
    this.complete = new Int32Array(model.tensors);
    this.ringRows = new Int32Array(model.tensors);
    this.rows = new Int32Array(model.steps + 1).fill(1);
    this.queue = new Int32Array(model.steps + 1);
    this.queued = new Uint8Array(model.steps + 1);
  }

  /**
   * The least rings with which the segment of steps first .. end - 1 runs to its end, if step s fires rows[s] rows at a
   * time. Undefined if they take more than `limit` bytes.
   */
  leastRings(first: number, end: number, rows: ArrayLike<number>, limit: number): Rings | undefined {
    const { model, ringRows } = this;
    this.begin(first, end, rows);
    let bytes = 0;
    for (let tensor = 0; tensor < model.tensors; ++tensor) {
      if (!isInternal(model, tensor, first, end)) continue;
      // A firing writes its rows side by side, whether or not anyone needs them all.
      ringRows[tensor] = this.fewestRows(tensor);
      bytes += this.ringBytes(tensor);
    }
    let choices = false;
    for (;;) {
      if (bytes > limit && !choices) return undefined;
      this.run();
      const cycle = this.fullRingsOfCycle();
      if (cycle.length === 0) break;
      choices ||= cycle.length > 1;
      let best = -1;
      let least = Infinity;
      for (const tensor of cycle) {
        const growth = (this.rowsWanted(tensor) - ringRows[tensor]!) * model.rowStride[tensor]!;
        if (growth < least) {
          best = tensor;
          least = growth;
        }
      }
      bytes -= this.ringBytes(best);
      ringRows[best] = this.rowsWanted(best);
      bytes += this.ringBytes(best);
      this.enqueue(model.producer[best]!);
    }
    if (choices) bytes = this.shrink(first, end, rows);
    if (bytes > limit) return undefined;
    const result = new Int32Array(model.tensors);
    for (let tensor = 0; tensor < model.tensors; ++tensor) {
      if (isInternal(model, tensor, first, end)) result[tensor] = ringRows[tensor]!;
    }
    return { ringRows: result, bytes };
  }

  /** Whether the segment of steps first .. end - 1 runs to its end with `rings` rows for each internal tensor. */
  completes(first: number, end: number, rows: ArrayLike<number>, rings: ArrayLike<number>): boolean {
    this.begin(first, end, rows);
    for (let tensor = 0; tensor < this.model.tensors; ++tensor) {
      if (!isInternal(this.model, tensor, first, end)) continue;
      if (rings[tensor]! < this.fewestRows(tensor)) return false;
      this.ringRows[tensor] = rings[tensor]!;
    }
    this.run();
    for (let step = first; step < end; ++step) if (this.done[step]! < this.model.domain[step]!) return false;
    return true;
  }

  /** Takes rows off the rings while the segment still completes, longest rows first; returns the rings' bytes. */
  private shrink(first: number, end: number, rows: ArrayLike<number>): number {
    const { model } = this;
    const rings = this.ringRows.slice();
    const internal = [...rings.keys()].filter((tensor) => isInternal(model, tensor, first, end));
    internal.sort((a, b) => model.rowStride[b]! - model.rowStride[a]! || a - b);
    for (const tensor of internal) {
      do --rings[tensor]!;
      while (this.completes(first, end, rows, rings));
      ++rings[tensor]!;
    }
    this.ringRows.set(rings);
    return internal.reduce((sum, tensor) => sum + this.ringBytes(tensor), 0);
  }

  /** The rows that one firing writes into an internal tensor; the whole of it where no one reads it. */
  private fewestRows(tensor: number): number {
    const { model } = this;
    const height = model.height[tensor]!;
    if (model.consumers[tensor]!.length === 0) return height;
    const producer = model.producer[tensor]!;
    return model.reduce[producer] ? 1 : Math.min(this.rows[producer]!, height);
  }

  private ringBytes(tensor: number): number {
    return align16(this.ringRows[tensor]! * this.model.rowStride[tensor]!);
  }

  /** Sets all to the segment's begin: what comes from outside is complete, and full rings have room for all rows. */
  private begin(first: number, end: number, rows: ArrayLike<number>): void {
    const { model, complete, ringRows } = this;
    this.first = first;
    this.end = end;
    this.done.fill(0);
    for (let tensor = 0; tensor < model.tensors; ++tensor) {
      const producer = model.producer[tensor]!;
      const made = producer === model.steps ? isInternal(model, tensor, first, end) : producer >= first;
      complete[tensor] = made ? 0 : model.height[tensor]!;
      ringRows[tensor] = model.height[tensor]!;
    }
    this.queueLength = 0;
    this.queued.fill(0);
    for (let step = end - 1; step >= first; --step) {
      this.rows[step] = rows[step]!;
      this.enqueue(step);
    }
    // The host pushes row by row; where the input lies there whole, it has done all.
    this.done[model.steps] = complete[model.request.input]!;
    this.enqueue(model.steps);
  }

  private enqueue(step: number): void {
    if (this.queued[step] || (step < this.model.steps && (step < this.first || step >= this.end))) return;
    this.queued[step] = 1;
    this.queue[this.queueLength++] = step;
  }

  /**
   * Least row of a tensor that a consumer still needs. What nobody reads stays whole, as in the engine: nothing ever
   * releases its rows.
   */
  private leastNeeded(tensor: number): number {
    const { model, done } = this;
    if (model.consumers[tensor]!.length === 0) return 0;
    let least = NO_ROW;
    for (const step of model.consumers[tensor]!) {
      const y = done[step]!;
      if (y >= model.domain[step]!) continue;
      const row = y * model.strideY[step]! - model.padTop[step]!;
      if (row < least) least = row;
    }
    return Math.max(0, least);
  }

  /** Ring rows that the next firing of a tensor's producer asks for. */
  private rowsWanted(tensor: number): number {
    const step = this.model.producer[tensor]!;
    const y = this.done[step]!;
    return y + Math.min(this.rows[step]!, this.model.domain[step]! - y) - this.leastNeeded(tensor);
  }

  /** The first input of a step whose rows in reach are not all complete; -1 if all are. */
  private missingInput(step: number): number {
    const { model } = this;
    const y = this.done[step]!;
    const n = Math.min(this.rows[step]!, model.domain[step]! - y);
    // One row at least, though only pad rows may be in reach: the pad pixel that they read lies beside it.
    const reach = Math.max(1, (y + n - 1) * model.strideY[step]! - model.padTop[step]! + model.reach[step]!);
    for (const tensor of model.inputs[step]!) {
      if (this.complete[tensor]! < Math.min(model.height[tensor]!, reach)) return tensor;
    }
    return -1;
  }

  private hasRoom(step: number): boolean {
    if (this.model.reduce[step]) return true;
    const output = this.model.output[step]!;
    return this.rowsWanted(output) <= this.ringRows[output]!;
  }

  /** Fires until nothing can. */
  private run(): void {
    const { model, done, complete } = this;
    while (this.queueLength > 0) {
      const step = this.queue[--this.queueLength]!;
      this.queued[step] = 0;
      const output = model.output[step]!;
      const domain = model.domain[step]!;
      const before = done[step]!;
      while (done[step]! < domain && this.missingInput(step) < 0 && this.hasRoom(step)) {
        done[step] = Math.min(domain, done[step]! + this.rows[step]!);
        complete[output] = model.reduce[step] ? (done[step] === domain ? 1 : 0) : done[step]!;
      }
      if (done[step] === before) continue;
      for (const tensor of model.inputs[step]!) this.enqueue(model.producer[tensor]!);
      for (const consumer of model.consumers[output]!) this.enqueue(consumer);
    }
  }

  /** After a stall: the tensors whose full rings lie on the cycle of waiting steps; none if the segment is done. */
  private fullRingsOfCycle(): number[] {
    const { model, done } = this;
    let step = this.end - 1;
    while (step >= this.first && done[step]! >= model.domain[step]!) --step;
    if (step < this.first) return [];
    const path: number[] = [];
    /** For each step of the path the tensor whose full ring it waits for, -1 if it waits for rows. */
    const full: number[] = [];
    for (;;) {
      const seen = path.indexOf(step);
      if (seen >= 0) return full.slice(seen).filter((tensor) => tensor >= 0);
      path.push(step);
      const missing = this.missingInput(step);
      if (missing >= 0) {
        full.push(-1);
        step = model.producer[missing]!;
      } else {
        const output = model.output[step]!;
        full.push(output);
        const least = this.leastNeeded(output);
        step = model.consumers[output]!.find(
          (consumer) =>
            done[consumer]! < model.domain[consumer]! &&
            Math.max(0, done[consumer]! * model.strideY[consumer]! - model.padTop[consumer]!) === least,
        )!;
      }
    }
  }
}
