/**
 * Runs the engine's scheduler with a plan, without numbers: every byte of the arena holds a mark that says which row of
 * which tensor wrote it. Independent of the search: it knows the rules of types.ts alone.
 */
import { type Model, modelOf, PlanError, scratchOf } from "./model.js";
import type { Plan, PlanRequest } from "./types.js";

/** Other ways to run, for tests. */
export interface VerifyOptions {
  /**
   * Picks one of the steps of the segment that can fire (ascending); the engine picks the highest. Rings do for any
   * choice; the places of a plan, which count on the engine's, need not.
   */
  choose?: (fireable: number[]) => number;
  /** Rows that the host pushes next, 1 to `room`; the default is 1, or the whole image at once. A plan holds for any. */
  push?: (room: number) => number;
}

/** How a verified plan ran. */
export interface Verified {
  /** Firings of each step in one inference. */
  firings: number[];
}

function check(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new PlanError(message());
}

/**
 * Asserts that a plan is well-formed (ranges, alignment, whole tensors where they must be), and that a run with it never
 * stalls, reads only rows and pads that are still there, finds its sums again, leaves the outputs whole and does not
 * touch the state. Throws PlanError with the first violation.
 */
export function verify(request: PlanRequest, plan: Plan, options: VerifyOptions = {}): Verified {
  const model = modelOf(request);
  checkForm(model, plan);
  return new Run(model, plan, options).run();
}

/** The index of each step's segment. */
function segmentsOf(model: Model, plan: Plan): number[] {
  return Array.from({ length: model.steps }, (_, step) => plan.segments.findIndex((end) => step < end));
}

/** First and last segment in which each tensor is alive. */
function lifetimes(model: Model, plan: Plan): { from: number; to: number }[] {
  const segment = segmentsOf(model, plan);
  const { request } = model;
  return request.tensors.map((tensor, index) => {
    const from = tensor.producer < 0 ? 0 : segment[tensor.producer]!;
    const to = request.outputs.includes(index)
      ? plan.segments.length - 1
      : Math.max(from, ...tensor.consumers.map((step) => segment[step]!));
    return { from, to };
  });
}

function checkForm(model: Model, plan: Plan): void {
  const { request } = model;
  check(plan.tensors.length === model.tensors && plan.steps.length === model.steps, () => "entries are missing");
  check(plan.segments.at(-1) === model.steps, () => "the segments do not end with the steps");
  plan.segments.forEach((end, index) =>
    check(end > (plan.segments[index - 1] ?? 0), () => `segment ${index} is empty`),
  );
  check(plan.arenaBytes % 16 === 0, () => `an arena of ${plan.arenaBytes} bytes`);
  const inArena = (offset: number, bytes: number): boolean =>
    offset % 16 === 0 && offset >= request.stateBytes && offset + bytes + request.slackBytes <= plan.arenaBytes;
  const lives = lifetimes(model, plan);
  plan.tensors.forEach(({ offset, ringRows }, index) => {
    const { height, rowStride, producer } = request.tensors[index]!;
    check(inArena(offset, ringRows * rowStride), () => `tensor ${index} lies outside of the arena or askew`);
    check(
      Number.isInteger(ringRows) && ringRows >= 1 && ringRows <= height,
      () => `tensor ${index} has ${ringRows} rows`,
    );
    const { from, to } = lives[index]!;
    const whole = from < to || request.outputs.includes(index) || (producer < 0 && request.inputMode === "image");
    check(!whole || ringRows === height, () => `tensor ${index} must be whole`);
  });
  const segment = segmentsOf(model, plan);
  plan.steps.forEach(({ rows, scratchOffset, scratchBytes, lastConsumer, window }, index) => {
    const { windows } = request.steps[index]!;
    const expectedWindow = windows && (window?.kept ? windows.kept : windows.shared);
    check(window?.bytes === expectedWindow?.bytes, () => `step ${index} has another window than it asked for`);
    check(
      !window || inArena(window.offset, window.bytes),
      () => `the window of step ${index} lies outside of the arena or askew`,
    );
    check(
      Number.isInteger(rows) && rows >= 1 && rows <= model.domain[index]!,
      () => `step ${index} fires ${rows} rows`,
    );
    check(scratchBytes === scratchOf(model, index, rows), () => `step ${index} has ${scratchBytes} bytes of scratch`);
    check(
      inArena(scratchOffset, scratchBytes),
      () => `the scratch of step ${index} lies outside of the arena or askew`,
    );
    const last = model.consumers[model.output[index]!]!.at(-1) ?? index;
    const expected = Math.min(last, plan.segments[segment[index]!]! - 1);
    check(
      lastConsumer === expected,
      () => `step ${index} names ${lastConsumer}, not ${expected}, as the last consumer`,
    );
    const output = model.output[index]!;
    check(
      model.reduce[index] === 1 || rows <= plan.tensors[output]!.ringRows,
      () => `step ${index} fires more rows than its output's ring has`,
    );
  });
}

/** Marks of the state, of scratch from a step's index on, and of windows behind; rows count from there on. */
const STATE = 1;
const SCRATCH = 2;

class Run {
  private readonly model: Model;
  private readonly plan: Plan;
  private readonly options: VerifyOptions;
  /** The mark of each byte of the arena. */
  private readonly marks: Uint32Array;
  /** The mark of row 0 of each tensor; the other rows' follow. */
  private readonly rowMarks: number[] = [];
  private readonly done: number[];
  private readonly complete: number[];
  private readonly firings: number[];
  private segment = 0;

  constructor(model: Model, plan: Plan, options: VerifyOptions) {
    this.model = model;
    this.plan = plan;
    this.options = options;
    this.marks = new Uint32Array(plan.arenaBytes);
    this.marks.fill(STATE, 0, model.request.stateBytes);
    let mark = SCRATCH + 2 * model.steps;
    for (const { height } of model.request.tensors) {
      this.rowMarks.push(mark);
      mark += height;
    }
    this.done = new Array<number>(model.steps).fill(0);
    this.complete = new Array<number>(model.tensors).fill(0);
    this.firings = new Array<number>(model.steps).fill(0);
  }

  run(): Verified {
    const { input, outputs } = this.model.request;
    const height = this.model.height[input]!;
    while (this.complete[input]! < height) {
      const from = this.complete[input]!;
      const room = Math.min(height, this.released(input) + this.plan.tensors[input]!.ringRows) - from;
      // A host may write where the ring ends and go on at its begin in one push or in two: it is the same here.
      check(room > 0, () => `the run stalls: the host has no room for row ${from} of the input`);
      const rows = this.options.push?.(room) ?? (this.model.streamed ? 1 : height);
      for (let y = from; y < from + rows; ++y) this.write(input, y);
      this.complete[input] = from + rows;
      this.fireAll();
    }
    const stalled = this.done.findIndex((y, step) => y < this.model.domain[step]!);
    check(stalled < 0, () => `the run stalls: step ${stalled} has done ${this.done[stalled]} rows`);
    for (const output of outputs) {
      for (let y = 0; y < this.model.height[output]!; ++y) this.read(output, y, () => "the host");
    }
    for (let at = 0; at < this.model.request.stateBytes; ++at) {
      check(this.marks[at] === STATE, () => `byte ${at} of the state was overwritten`);
    }
    return { firings: this.firings };
  }

  /** The least row of a tensor that a consumer needs; the height if all are done, 0 if there are none. */
  private released(tensor: number): number {
    const { model } = this;
    if (model.consumers[tensor]!.length === 0) return 0;
    const needed = model.consumers[tensor]!.filter((step) => this.done[step]! < model.domain[step]!).map((step) =>
      Math.max(0, this.done[step]! * model.strideY[step]! - model.padTop[step]!),
    );
    return Math.min(model.height[tensor]!, ...needed);
  }

  private fireAll(): void {
    const { segments } = this.plan;
    const { input } = this.model.request;
    while (this.segment < segments.length) {
      const start = segments[this.segment - 1] ?? 0;
      const end = segments[this.segment]!;
      if (this.options.choose) this.fireInAnyOrder(start, end, this.options.choose);
      else this.fireHighest(start, end);
      for (let step = start; step < end; ++step) if (this.done[step]! < this.model.domain[step]!) return;
      // Rows that no step reads are pushed all the same, before another tensor may lie where they go.
      if (this.complete[input]! < this.model.height[input]!) return;
      ++this.segment;
    }
  }

  /** The engine's loop: after a firing the search goes on from the output's last reader downward. */
  private fireHighest(start: number, end: number): void {
    let index = end - 1;
    while (index >= start) {
      if (this.canFire(index)) {
        for (let higher = index + 1; higher < end; ++higher) {
          check(!this.canFire(higher), () => `step ${higher} could fire before step ${index}`);
        }
        this.fire(index);
        index = Math.max(index, this.plan.steps[index]!.lastConsumer);
      } else --index;
    }
  }

  private fireInAnyOrder(start: number, end: number, choose: (fireable: number[]) => number): void {
    const steps = Array.from({ length: end - start }, (_, index) => start + index);
    for (;;) {
      const fireable = steps.filter((step) => this.canFire(step));
      if (fireable.length === 0) return;
      this.fire(choose(fireable));
    }
  }

  /** Rows of a step's next firing. */
  private count(step: number): number {
    return Math.min(this.plan.steps[step]!.rows, this.model.domain[step]! - this.done[step]!);
  }

  /** The rows in reach of a firing: from .. until - 1, not cut off at the input's ends. */
  private reach(step: number): { from: number; until: number } {
    const { strideY, padTop, reach } = this.model;
    const from = this.done[step]! * strideY[step]! - padTop[step]!;
    return { from, until: from + (this.count(step) - 1) * strideY[step]! + reach[step]! };
  }

  private canFire(step: number): boolean {
    const { model } = this;
    const y = this.done[step]!;
    if (y >= model.domain[step]!) return false;
    const { until } = this.reach(step);
    for (const tensor of model.inputs[step]!) {
      if (this.complete[tensor]! < Math.min(model.height[tensor]!, Math.max(1, until))) return false;
    }
    const output = model.output[step]!;
    const end = y + this.count(step);
    const written = model.reduce[step] ? Number(end === model.domain[step]) : end;
    return written - this.released(output) <= this.plan.tensors[output]!.ringRows;
  }

  private fire(step: number): void {
    const { model } = this;
    const { request } = model;
    const y = this.done[step]!;
    const end = y + this.count(step);
    const { scratchOffset, scratchBytes } = this.plan.steps[step]!;
    const scratchEnd = scratchOffset + scratchBytes;
    if (request.steps[step]!.scratchPersistent && y > 0) {
      for (let at = scratchOffset; at < scratchEnd; ++at) {
        check(this.marks[at] === SCRATCH + step, () => `the scratch of step ${step} was overwritten at byte ${at}`);
      }
    } else this.marks.fill(SCRATCH + step, scratchOffset, scratchEnd);

    this.readWeights(step);
    const { dilationY } = request.steps[step]!;
    const kernelHeight = model.reduce[step] ? 1 : request.steps[step]!.kernelHeight;
    const spacing = model.reduce[step] ? 1 : dilationY;
    const rows = new Set<number>();
    for (let row = y; row < end; ++row) {
      const from = row * model.strideY[step]! - model.padTop[step]!;
      for (let k = 0; k < kernelHeight; ++k) rows.add(from + k * spacing);
    }
    for (const tensor of model.inputs[step]!) for (const row of rows) this.read(tensor, row, () => `step ${step}`);

    const output = model.output[step]!;
    if (!model.reduce[step]) for (let row = y; row < end; ++row) this.write(output, row);
    else if (end === model.domain[step]) this.write(output, 0);
    // A kernel may write a row while it still reads others of the same firing.
    for (const tensor of model.inputs[step]!) for (const row of rows) this.read(tensor, row, () => `step ${step}`);
    this.checkWeights(step);
    this.done[step] = end;
    this.complete[output] = model.reduce[step] ? Number(end === model.domain[step]) : end;
    ++this.firings[step]!;
  }

  /** Streamed weights: the window is written at each firing, or at the first if they are kept. */
  private readWeights(step: number): void {
    const { window } = this.plan.steps[step]!;
    if (window && !(window.kept && this.done[step]! > 0)) {
      this.marks.fill(SCRATCH + this.model.steps + step, window.offset, window.offset + window.bytes);
    }
    this.checkWeights(step);
  }

  /** Asserts that the weights in a step's window, and the scratch beside them, are there. */
  private checkWeights(step: number): void {
    const { window, scratchOffset, scratchBytes } = this.plan.steps[step]!;
    if (!window) return;
    const mark = SCRATCH + this.model.steps + step;
    for (let at = window.offset; at < window.offset + window.bytes; ++at) {
      check(this.marks[at] === mark, () => `the weights of step ${step} were overwritten at byte ${at}`);
    }
    for (let at = scratchOffset; at < scratchOffset + scratchBytes; ++at) {
      check(this.marks[at] === SCRATCH + step, () => `the scratch of step ${step} was overwritten at byte ${at}`);
    }
  }

  /** Where a row lies: its first byte and the byte after its last. */
  private bytesOf(tensor: number, row: number): { start: number; end: number } {
    const { offset, ringRows } = this.plan.tensors[tensor]!;
    const { rowStride } = this.model.request.tensors[tensor]!;
    const start = offset + (row % ringRows) * rowStride;
    return { start, end: start + rowStride };
  }

  private write(tensor: number, row: number): void {
    const { start, end } = this.bytesOf(tensor, row);
    this.marks.fill(this.rowMarks[tensor]! + row, start, end);
  }

  /** Asserts that a row is still there; for a row outside of the tensor, the pads of the nearest row. */
  private read(tensor: number, reached: number, reader: () => string): void {
    const mark = this.rowMarks[tensor]!;
    const height = this.model.height[tensor]!;
    // The only row of a second input stands for all of the first's.
    const row = height === 1 ? 0 : Math.max(0, Math.min(reached, height - 1));
    const { start, end } = this.bytesOf(tensor, row);
    for (let at = start; at < end; ++at) {
      if (row !== reached && height > 1 && at > start && at < end - 1) continue;
      if (this.marks[at] !== mark + row) {
        const what = row === reached ? `row ${row}` : `the pads of row ${row}`;
        throw new PlanError(`${reader()} reads ${what} of tensor ${tensor}, not there any more (byte ${at})`);
      }
    }
  }
}
