/**
 * Which bytes of each block are live at each firing of a segment. A block is a tensor's ring, a step's
 * scratch or its window of streamed weights; two of
 * them may share bytes of the arena as long as they are not live at once.
 *
 * This relies on the order of the firings, which the engine's scheduler makes the same in every run: the highest step
 * that can fire fires. It does not depend on how many rows the host pushes at a time either where no step but the
 * segment's first reads the input: that step is the last choice in any case, so rows that come earlier change nothing.
 */
import { isAlive, isInternal, type Model, scratchOf, windowOfStep } from "./model.js";

/**
 * A block in one segment: from firing at[k] on, up to at[k + 1] or the segment's end, its bytes from[k] .. to[k] - 1 are
 * live; none where the two are equal.
 */
export interface Life {
  /**
   * The tensor's index, or the number of tensors plus the step's index for scratch, or that plus the number of steps for
   * a step's window.
   */
  block: number;
  at: number[];
  from: number[];
  to: number[];
}

/** The first firing at which a block is live; Infinity if it never is. */
export function birthOf({ at, from, to }: Life): number {
  return at[from.findIndex((byte, k) => byte < to[k]!)] ?? Infinity;
}

/** Notes what is live from a firing on, in place of what was noted for the same; firings come in order. */
function note({ at, from, to }: Life, firing: number, first: number, end: number): void {
  if (at[at.length - 1] === firing) {
    at.pop();
    from.pop();
    to.pop();
  }
  const last = at.length - 1;
  if (last >= 0 && from[last] === first && to[last] === end) return;
  at.push(firing);
  from.push(first);
  to.push(end);
}

/** A segment's firings: which step each is, and how the blocks live. */
export interface Lives {
  firings: number[];
  blocks: Life[];
}

/** What `livesOf` needs to know of a segment: the rows of each step's firings, the rows of each tensor's ring. */
export interface Shape {
  first: number;
  end: number;
  rows: ArrayLike<number>;
  /** 0 for tensors that are held whole. */
  ringRows: ArrayLike<number>;
  /** Which steps keep their streamed weights; none if it is missing. */
  kept?: ArrayLike<number> | undefined;
}

/** Whether the firings depend on how the host pushes: a step above the segment's first reads the input as it comes. */
function isLoose(model: Model, first: number, end: number): boolean {
  const { input } = model.request;
  return first === 0 && model.consumers[input]!.some((step) => step > first && step < end);
}

/** Follows the engine through a segment. Undefined if it stalls. */
export function livesOf(model: Model, shape: Shape): Lives | undefined {
  const follower = new Follower(model, shape, Infinity, true);
  return follower.run() ? follower.lives() : undefined;
}

/** The most bytes that are live at one firing of a segment: no placement takes less. Infinity if more than `limit`. */
export function mostLive(model: Model, shape: Shape, limit: number): number {
  const follower = new Follower(model, shape, limit, false);
  return follower.run() ? follower.most : Infinity;
}

class Follower {
  /** The most bytes that were live at one firing. */
  most = 0;
  readonly #model: Model;
  readonly #shape: Shape;
  readonly #limit: number;
  readonly #loose: boolean;
  /** Rows of the input without which what has fired could not have: more need not have come. */
  #pushed = 0;
  /** Rows done by each step; complete rows of each tensor. */
  readonly #done: Int32Array;
  readonly #complete: Int32Array;
  readonly #alive: number[] = [];
  /** Live bytes of each alive tensor after what has happened so far, and of all of them. */
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  #live = 0;
  /** Bytes of scratch and windows in use that keep their contents. */
  #held = 0;
  /** The steps that fired, and the lives of the alive tensors at each firing; unless nobody asks. */
  readonly #firings: number[] = [];
  readonly #lives = new Map<number, Life>();

  constructor(model: Model, shape: Shape, limit: number, record: boolean) {
    this.#model = model;
    this.#shape = shape;
    this.#limit = limit;
    const { first, end } = shape;
    this.#loose = isLoose(model, first, end);
    this.#done = new Int32Array(model.steps + 1);
    this.#complete = new Int32Array(model.tensors);
    this.#from = new Float64Array(model.tensors);
    this.#to = new Float64Array(model.tensors);
    for (let tensor = 0; tensor < model.tensors; ++tensor) {
      const producer = model.producer[tensor]!;
      const made = producer === model.steps ? isInternal(model, tensor, first, end) : producer >= first;
      this.#complete[tensor] = made ? 0 : model.height[tensor]!;
      if (!isAlive(model, tensor, first, end)) continue;
      this.#alive.push(tensor);
      if (record) this.#lives.set(tensor, { block: tensor, at: [], from: [], to: [] });
    }
    for (const tensor of this.#alive) this.#update(tensor);
    for (let step = first; this.#loose && step < end; ++step) {
      if (model.request.steps[step]!.scratchPersistent) this.#held += scratchOf(model, step, shape.rows[step]!);
      if (shape.kept?.[step]) this.#held += windowOfStep(model, step, true);
    }
  }

  /** Goes to the segment's end; whether it came there without a stall, and within the limit. */
  run(): boolean {
    const { first, end } = this.#shape;
    const { input } = this.#model.request;
    const height = this.#model.height[input]!;
    this.#fireAll();
    while (this.#complete[input]! < height && this.most <= this.#limit) {
      if (this.#complete[input]! - this.#released(input) >= this.#ring(input)) return false;
      ++this.#complete[input]!;
      this.#fireAll();
    }
    for (let step = first; step < end; ++step) if (this.#done[step]! < this.#model.domain[step]!) return false;
    return this.most <= this.#limit;
  }

  /** What was recorded. */
  lives(): Lives {
    const moments = this.#firings.length;
    for (const { at, from, to } of this.#lives.values()) {
      // What the last firing leaves is the next segment's.
      if (at[at.length - 1] === moments) for (const list of [at, from, to]) list.pop();
    }
    return { firings: this.#firings, blocks: [...this.#lives.values(), ...this.#besides()] };
  }

  #ring(tensor: number): number {
    return this.#shape.ringRows[tensor]! || this.#model.height[tensor]!;
  }

  /** The least row of a tensor that someone still needs; its height if nobody does. Of pad rows, the row beside them. */
  #needed(tensor: number): number {
    const { consumers, lastUse, steps, height, domain, strideY, padTop } = this.#model;
    const all = height[tensor]!;
    // What nobody reads is never released, and outputs are read at the very end.
    if (consumers[tensor]!.length === 0 || lastUse[tensor] === steps) return 0;
    let least = all;
    for (const step of consumers[tensor]!) {
      const y = this.#done[step]!;
      if (y >= domain[step]!) continue;
      least = Math.min(least, Math.max(0, Math.min(all - 1, y * strideY[step]! - padTop[step]!)));
    }
    return least;
  }

  /** Notes which bytes of a tensor are live now. @param written the first of the rows that are being written, if any */
  #update(tensor: number, written = Infinity): void {
    const isInput = tensor === this.#model.request.input;
    const stride = this.#model.rowStride[tensor]!;
    const height = this.#model.height[tensor]!;
    const ring = this.#ring(tensor);
    // Rows that nobody needs any more are written all the same.
    let needed = Math.min(this.#needed(tensor), written);
    // The host may write the rows that are to come at any time, also those that nobody reads.
    if (isInput && this.#shape.first === 0) needed = Math.min(needed, this.#pushed);
    const complete = isInput ? height : this.#complete[tensor]!;
    const live = needed < complete;
    this.#live -= this.#to[tensor]! - this.#from[tensor]!;
    if (this.#loose || (live && ring < height)) {
      this.#from[tensor] = 0;
      this.#to[tensor] = ring * stride;
    } else {
      this.#from[tensor] = live ? needed * stride : 0;
      this.#to[tensor] = live ? complete * stride : 0;
    }
    this.#live += this.#to[tensor]! - this.#from[tensor]!;
    const life = this.#lives.get(tensor);
    if (life) note(life, this.#firings.length, this.#from[tensor]!, this.#to[tensor]!);
  }

  /** The engine's loop: after a firing the search goes on from the output's last reader downward. */
  #fireAll(): void {
    const { first, end } = this.#shape;
    let step = end - 1;
    while (step >= first && this.most <= this.#limit) {
      if (!this.#canFire(step)) {
        --step;
        continue;
      }
      this.#fire(step);
      const readers = this.#model.consumers[this.#model.output[step]!]!;
      for (const reader of readers) if (reader < end && reader > step) step = reader;
    }
  }

  /** Rows that must be there before a step comes to row `end`; one at least, beside which the pads lie. */
  #last(step: number, end: number): number {
    const { strideY, padTop, reach } = this.#model;
    return Math.max(1, (end - 1) * strideY[step]! - padTop[step]! + reach[step]!);
  }

  #canFire(step: number): boolean {
    const { domain, inputs, height, output, reduce } = this.#model;
    const y = this.#done[step]!;
    if (y >= domain[step]!) return false;
    const end = Math.min(domain[step]!, y + this.#shape.rows[step]!);
    const last = this.#last(step, end);
    for (const tensor of inputs[step]!) {
      if (this.#complete[tensor]! < Math.min(height[tensor]!, last)) return false;
    }
    return reduce[step] === 1 || end - this.#released(output[step]!) <= this.#ring(output[step]!);
  }

  /** As the engine has it: rows from there on are in the way of new ones. */
  #released(tensor: number): number {
    const { consumers, height, domain, strideY, padTop } = this.#model;
    if (consumers[tensor]!.length === 0) return 0;
    let least = height[tensor]!;
    for (const step of consumers[tensor]!) {
      const y = this.#done[step]!;
      if (y < domain[step]!) least = Math.min(least, Math.max(0, y * strideY[step]! - padTop[step]!));
    }
    return least;
  }

  #fire(step: number): void {
    const { domain, output, reduce, inputs, height, request } = this.#model;
    const made = output[step]!;
    const done = Math.min(domain[step]!, this.#done[step]! + this.#shape.rows[step]!);
    // While it fires, what it reads is still live, and what it writes is live already.
    this.#complete[made] = reduce[step] ? Number(done === domain[step]) : done;
    if (this.#complete[made]! > 0) this.#update(made, reduce[step] ? 0 : this.#done[step]!);
    const scratch = scratchOf(this.#model, step, this.#shape.rows[step]!);
    const persistent = this.#model.request.steps[step]!.scratchPersistent;
    const kept = Boolean(this.#shape.kept?.[step]);
    const window = windowOfStep(this.#model, step, kept);
    const holding = (persistent ? scratch : 0) + (kept ? window : 0);
    const passing = (persistent ? 0 : scratch) + (kept ? 0 : window);
    if (this.#done[step] === 0 && !this.#loose) this.#held += holding;
    this.most = Math.max(this.most, this.#live + this.#held + passing);
    if (done === domain[step] && !this.#loose) this.#held -= holding;
    if (this.#lives.size > 0) this.#firings.push(step);
    this.#done[step] = done;
    if (inputs[step]!.includes(request.input)) {
      this.#pushed = Math.max(this.#pushed, Math.min(height[request.input]!, this.#last(step, done)));
    }
    this.#update(made);
    for (const tensor of inputs[step]!) this.#update(tensor);
  }

  /**
   * Scratch and windows are live while their step fires; if they keep their contents, from the first of these firings to
   * the last.
   */
  #besides(): Life[] {
    const { first, end, rows, kept } = this.#shape;
    const { tensors, steps, request } = this.#model;
    const lives: Life[] = [];
    for (let step = first; step < end; ++step) {
      const scratch = scratchOf(this.#model, step, rows[step]!);
      const keeps = Boolean(kept?.[step]);
      const window = windowOfStep(this.#model, step, keeps);
      if (scratch > 0) lives.push(this.#beside(tensors + step, step, scratch, request.steps[step]!.scratchPersistent));
      if (window > 0) lives.push(this.#beside(tensors + steps + step, step, window, keeps));
    }
    return lives;
  }

  #beside(block: number, step: number, bytes: number, persistent: boolean): Life {
    const life: Life = { block, at: [], from: [], to: [] };
    if (persistent) {
      const [born, last] = [this.#firings.indexOf(step), this.#firings.lastIndexOf(step)];
      note(life, 0, 0, this.#loose || born === 0 ? bytes : 0);
      if (!this.#loose) note(life, born, 0, bytes);
      if (!this.#loose && last + 1 < this.#firings.length) note(life, last + 1, 0, 0);
    } else for (const [t, firing] of this.#firings.entries()) note(life, t, 0, firing === step ? bytes : 0);
    return life;
  }
}
