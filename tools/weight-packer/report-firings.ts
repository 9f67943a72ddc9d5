import * as layout from "../../assembly/layout.js";
import type { Records } from "./records.js";

/** When one inference does what; times are counted in firings from 0. */
export interface Firings {
  /** The step of each firing, in order. */
  steps: number[];
  /** For each segment the firing after its last. */
  segmentEnds: number[];
  /** For each tensor the firing that first writes it; 0 for the input. */
  firstWrite: number[];
  /** For each tensor the firing after the last that reads it; the last write's where nothing reads it. */
  lastRead: number[];
}

/** A step's numbers as the scheduler uses them. */
interface Step {
  rows: number;
  /** Rows that it has to do. */
  domain: number;
  stride: number;
  padTop: number;
  /** Input rows from the first that an output row reads to the last. */
  reach: number;
  inputs: number[];
  output: number;
  reduces: boolean;
  done: number;
}

/** A tensor's numbers as the scheduler uses them. */
interface Ring {
  height: number;
  rows: number;
  consumers: number[];
  complete: number;
}

/**
 * Follows the engine's scheduler (assembly/program.ts) through one inference without computing anything; the host
 * pushes the input row by row where it is a ring, whole where it is whole.
 *
 * @throws Error if the plan stalls or a record is out of range
 */
export function followFirings(records: Records): Firings {
  const run = new Run(records);
  run.toTheEnd();
  return run.result;
}

class Run {
  readonly result: Firings;
  readonly #steps: Step[];
  readonly #rings: Ring[];
  readonly #ends: number[];
  readonly #input: number;
  #segment = 0;

  constructor(records: Records) {
    this.#steps = Array.from({ length: records.stepCount }, (_, step) => readStep(records, step));
    this.#rings = Array.from({ length: records.tensorCount }, (_, tensor) => ({
      height: records.tensor(tensor, layout.TENSOR_HEIGHT),
      rows: records.ring(tensor).rows,
      consumers: this.#steps.flatMap(({ inputs }, step) => (inputs.includes(tensor) ? [step] : [])),
      complete: 0,
    }));
    const sound = [
      ...this.#steps.map(({ rows, stride, inputs, output }) =>
        [rows >= 1, stride >= 1, ...[...inputs, output].map((t) => t < records.tensorCount)].every(Boolean),
      ),
      ...this.#rings.map(({ height, rows }) => rows >= 1 && height >= 1 && height <= layout.MAX_EXTENT),
    ];
    if (!sound.every(Boolean)) throw new Error("the file is damaged: a record is out of range");
    this.#ends = records.segments;
    this.#input = records.ports.input;
    const never = () => new Array<number>(records.tensorCount).fill(-1);
    this.result = { steps: [], segmentEnds: [], firstWrite: never(), lastRead: never() };
    this.result.firstWrite[this.#input] = 0;
  }

  toTheEnd(): void {
    const input = this.#rings[this.#input]!;
    while (input.complete < input.height) {
      const room = input.rows - (input.complete - this.#released(this.#input));
      if (room < 1) throw new Error(`the plan stalls: no room for row ${input.complete} of the input`);
      input.complete += input.rows === input.height ? input.height : 1;
      this.#fireAll(input.complete < input.height);
    }
    const stalled = this.#steps.findIndex(({ done, domain }) => done < domain);
    if (stalled >= 0) throw new Error(`the plan stalls at step ${stalled}`);
  }

  #fireAll(waiting: boolean): void {
    for (; this.#segment < this.#ends.length; this.#segment++) {
      const first = this.#ends[this.#segment - 1] ?? 0;
      const end = this.#ends[this.#segment]!;
      for (let step = end - 1; step >= first; ) {
        // Anything may have become able to fire: the search begins again at the top, which finds what the engine finds.
        if (this.#fire(step)) step = end - 1;
        else step--;
      }
      if (waiting || this.#steps.slice(first, end).some(({ done, domain }) => done < domain)) return;
      this.result.segmentEnds.push(this.result.steps.length);
    }
  }

  /** The least row of a tensor that some reader still needs. */
  #released(tensor: number): number {
    const { height, consumers } = this.#rings[tensor]!;
    if (consumers.length === 0) return 0;
    return consumers.reduce((least, index) => {
      const { done, domain, stride, padTop } = this.#steps[index]!;
      return done < domain ? Math.min(least, Math.max(0, done * stride - padTop)) : least;
    }, height);
  }

  #fire(index: number): boolean {
    const step = this.#steps[index]!;
    if (step.done >= step.domain) return false;
    const end = Math.min(step.domain, step.done + step.rows);
    const reach = Math.max(1, (end - 1) * step.stride - step.padTop + step.reach);
    const [first, second] = step.inputs.map((tensor) => this.#rings[tensor]!);
    if (first!.complete < Math.min(first!.height, reach)) return false;
    if (second && second.complete < Math.min(second.height, end)) return false;
    const output = this.#rings[step.output]!;
    const complete = step.reduces ? Number(end === step.domain) : end;
    if (complete - this.#released(step.output) > output.rows) return false;
    const { steps, firstWrite, lastRead } = this.result;
    // A reducing step writes at its last firing; its sums lie in scratch.
    if (complete > 0 && firstWrite[step.output]! < 0) firstWrite[step.output] = steps.length;
    steps.push(index);
    for (const tensor of [step.output, ...step.inputs]) lastRead[tensor] = steps.length;
    step.done = end;
    output.complete = complete;
    return true;
  }
}

function readStep(records: Records, index: number): Step {
  const word = (field: number) => records.step(index, field);
  const opcode = word(layout.STEP_OPCODE);
  const reduces = opcode === layout.OPCODE_MEAN || opcode === layout.OPCODE_GLOBAL_AVERAGE_POOL;
  const second = word(layout.STEP_INPUT_2);
  const input = word(layout.STEP_INPUT);
  const output = word(layout.STEP_OUTPUT);
  return {
    rows: word(layout.STEP_ROWS),
    domain: records.tensor(reduces ? input : output, layout.TENSOR_HEIGHT),
    stride: word(layout.STEP_STRIDE_Y),
    padTop: word(layout.STEP_PAD_TOP),
    reach: (word(layout.STEP_KERNEL_HEIGHT) - 1) * word(layout.STEP_DILATION_Y) + 1,
    inputs: second === layout.NONE ? [input] : [input, second],
    output,
    reduces,
    done: 0,
  };
}
