/** Maxima and minima over extents as pools, and of two activations. */
import {
  extent,
  type Graph,
  type Operator,
  type Pool,
  type Reduction,
  type Tensor,
  type Window,
} from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** Turns the order of int8 round: -128..127 become 127..-128. */
const REVERSED = Int8Array.from({ length: 256 }, (_, byte) => ~((byte << 24) >> 24));

/** A chain of operators that stands for one of the source; each reads what the one before gives. */
class Chain {
  readonly made: Operator[] = [];
  private at: Tensor;

  constructor(
    private readonly op: Operator,
    input: Tensor,
  ) {
    this.at = input;
  }

  private add(shape: number[], make: (inputs: Tensor[], output: Tensor) => Operator): this {
    const output: Tensor = { ...this.op.output, name: `${this.op.output.name} part ${this.made.length}`, shape };
    this.made.push(make([this.at], output));
    this.at = output;
    return this;
  }

  /** Another structure of pixels in the same rows. */
  regroup(width: number, channels: number): this {
    const { index, source } = this.op;
    const shape = [1, extent(this.at).height, width, channels];
    return this.add(shape, (inputs, output) => ({ kind: "reshape", index, source, inputs, output }));
  }

  /** All values reversed, where smallest ones are wanted. */
  reverse(needed: boolean): this {
    const { index, source } = this.op;
    if (!needed) return this;
    return this.add([...this.at.shape], (inputs, output) => ({
      kind: "lookup",
      index,
      source,
      inputs,
      output,
      table: REVERSED,
    }));
  }

  /** The greatest of each window of so many rows and pixels. */
  pool(height: number, width: number): this {
    const { index, source } = this.op;
    const from = extent(this.at);
    const window: Window = {
      kernelHeight: height,
      kernelWidth: width,
      strideY: height,
      strideX: width,
      dilationY: 1,
      dilationX: 1,
      padding: { top: 0, bottom: 0, left: 0, right: 0 },
    };
    const shape = [1, from.height / height, from.width / width, from.channels];
    const pool = { kind: "max_pool", index, source, activation: "none" } as const;
    return this.add(shape, (inputs, output): Pool => ({ ...pool, ...window, inputs, output }));
  }

  /** The operators; the last gives the source's own output. */
  end(): Operator[] {
    const { index, source, output } = this.op;
    return [...this.made, { kind: "reshape", index, source, inputs: [this.at], output }];
  }
}

/** Channels become pixels, of which each run of as many as there were channels gives one; then rows and pixels. */
function reduced(op: Reduction): Operator[] {
  const [input] = op.inputs as [Tensor];
  const { height, width, channels } = extent(input);
  const chain = new Chain(op, input).reverse(op.kind === "reduce_min");
  if (op.axes.channels) chain.regroup(width * channels, 1).pool(1, channels);
  if (op.axes.height || op.axes.width) chain.pool(op.axes.height ? height : 1, op.axes.width ? width : 1);
  return chain.reverse(op.kind === "reduce_min").end();
}

/** Both activations side by side, their channels as two pixels, of which a pool takes the greater. */
function extremum(op: Operator): Operator[] {
  const [a, b] = op.inputs as [Tensor, Tensor];
  const { index, source, output } = op;
  const { height, width, channels } = extent(output);
  const both: Tensor = { ...output, name: `${output.name} both`, shape: [1, height, width, 2 * channels] };
  const chain = new Chain(op, both)
    .reverse(op.kind === "minimum")
    .regroup(2 * width, channels)
    .pool(1, 2)
    .reverse(op.kind === "minimum");
  return [{ kind: "concatenation", index, source, inputs: [a, b], output: both }, ...chain.end()];
}

/**
 * REDUCE_MAX and REDUCE_MIN become max pools, and so do MAXIMUM and MINIMUM of two activations. Run after toSigned and
 * splitConcatenation, before dropReshape.
 */
export function splitReductions(graph: Graph): Graph {
  return rebuild(
    graph,
    graph.operators.flatMap((op) => {
      if (op.kind === "reduce_max" || op.kind === "reduce_min") return reduced(op);
      if ((op.kind === "maximum" || op.kind === "minimum") && !op.constant) return extremum(op);
      return [op];
    }),
  );
}
