/** Transposes: most only say in which order dimensions are named, and readers can take the tensor from before. */
import {
  type Axes,
  type Concatenation,
  elements,
  type FullyConnected,
  type Graph,
  type Join,
  type Mean,
  type Operator,
  type Pad,
  type Port,
  type Reduction,
  type Slice,
  type Stack,
  type Tensor,
  type Transpose,
} from "../graph/graph.js";
import { consumers, rebuild } from "../graph/rewrite.js";
import { isElementwise } from "./elementwise.js";

/** The last three dimensions. */
const AXES = ["height", "width", "channels"] as const;

/** A tensor that is another one with its dimensions in another order (and maybe reshaped after that). */
interface View {
  /** What is there. */
  base: Tensor;
  /** Dimension d of the transposed tensor is dimension permutation[d] of `base`. */
  permutation: number[];
  /** The operator that a tensor of its own would come from. */
  transpose: Transpose;
}

/** Whether a permutation leaves all elements where they are: the dimensions larger than 1 keep their order. */
function keepsOrder(shape: readonly number[], permutation: readonly number[]): boolean {
  const moved = permutation.filter((d) => shape[d] !== 1);
  return moved.every((d, place) => place === 0 || d > moved[place - 1]!);
}

/** Whether a permutation brings the channels from the last place to the first behind the batch. */
function toPlanes(permutation: readonly number[]): boolean {
  const last = permutation.length - 1;
  return last > 1 && permutation.every((d, place) => d === (place === 0 ? 0 : place === 1 ? last : place - 1));
}

/** Whether a permutation brings the channels from there to the last place. */
function fromPlanes(permutation: readonly number[]): boolean {
  const last = permutation.length - 1;
  return last > 1 && permutation.every((d, place) => d === (place === 0 ? 0 : place === last ? 1 : place + 1));
}

/** Whether a tensor is as a view shows it, not reshaped. */
function isShown({ base, permutation }: View, tensor: Tensor): boolean {
  return permutation.map((d) => base.shape[d]!).join() === tensor.shape.join();
}

/** Whether a softmax or the like works on channels that are the last dimension before and after. */
function keepsChannels(op: Operator, { base, permutation }: View): boolean {
  const last = base.shape.length - 1;
  const each = op.kind === "softmax" || op.kind === "l2_normalisation";
  return each && permutation[last] === last && op.output.shape.at(-1) === base.shape[last];
}

/** Weights [O, I] for the elements in the order of `base`, from those for the transposed order. */
function reordered(op: FullyConnected, { base, permutation }: View): Tensor {
  const { weights } = op;
  const source = weights.data as Int8Array;
  const [units, depth] = weights.shape as [number, number];
  const strides = base.shape.map((_, d) => elements(base.shape.slice(d + 1)));
  const data = new Int8Array(source.length);
  const place = base.shape.map(() => 0);
  for (let from = 0; from < depth; from++) {
    // `place` counts through the transposed dimensions, the last fastest.
    const to = permutation.reduce((sum, d, k) => sum + place[k]! * strides[d]!, 0);
    for (let unit = 0; unit < units; unit++) data[unit * depth + to] = source[unit * depth + from]!;
    for (let k = permutation.length - 1; k >= 0; k--) {
      place[k] = (place[k]! + 1) % base.shape[permutation[k]!]!;
      if (place[k] !== 0) break;
    }
  }
  return { ...weights, data };
}

/** One walk through the operators, views instead of transposes. */
class Walk {
  readonly made: Operator[] = [];
  private readonly views = new Map<Tensor, View>();
  private readonly same = new Map<Tensor, Tensor>();

  /** What holds a tensor: itself, or one that is the same element by element. A view becomes a tensor of its own here. */
  tensor(tensor: Tensor): Tensor {
    const view = this.views.get(tensor);
    if (view) {
      this.views.delete(tensor);
      const { base, permutation, transpose } = view;
      const shape = permutation.map((d) => base.shape[d]!);
      const turned =
        shape.join() === tensor.shape.join() ? tensor : { ...tensor, name: `${tensor.name} turned`, shape };
      this.made.push({ ...transpose, inputs: [base], output: turned, permutation });
      if (turned !== tensor) this.reshape(transpose, turned, tensor);
    }
    return this.same.get(tensor) ?? tensor;
  }

  /** The view that a tensor is, if it is one. */
  view(tensor: Tensor): View | undefined {
    return this.views.get(tensor);
  }

  take(op: Operator): void {
    const [input] = op.inputs as [Tensor];
    const view = this.views.get(input);
    if (op.kind === "transpose") this.transpose(op, view);
    else if (!view || !this.onBase(op, view)) {
      this.made.push({ ...op, inputs: op.inputs.map((tensor) => this.tensor(tensor)) });
    }
  }

  /** Makes of an operator one on what its first input shows; false where that is not lawful. */
  private onBase(op: Operator, view: View): boolean {
    if (op.kind === "reshape") {
      this.views.set(op.output, view);
      return true;
    }
    if (op.kind === "fully_connected") {
      if (op.weights.shape[1] !== elements(view.base.shape)) return false;
      this.made.push({ ...op, inputs: [view.base], weights: reordered(op, view) });
      return true;
    }
    if (op.kind === "pad") return this.pad(op, view);
    if (op.kind === "slice") return this.slice(op, view);
    if (op.kind === "mean" || op.kind === "sum" || op.kind === "reduce_max" || op.kind === "reduce_min")
      return this.reduce(op, view);
    if (op.kind === "concatenation" || op.kind === "join" || op.kind === "stack") return this.concatenate(op, view);
    const inputs = isElementwise(op) || keepsChannels(op, view) ? [view.base] : this.operands(op, view);
    if (!inputs) return false;
    this.turned({ ...op, inputs }, view, view.base.shape);
    return true;
  }

  /** An operator on a base; what it made is a view of what it makes now, or a mere reshape. */
  private turned(op: Operator, view: View, shape: readonly number[]): void {
    const output: Tensor = { ...op.output, name: `${op.output.name} before`, shape: [...shape] };
    this.made.push({ ...op, output });
    if (keepsOrder(shape, view.permutation)) this.reshape(view.transpose, output, op.output);
    else this.views.set(op.output, { ...view, base: output });
  }

  /** A reduction over dimensions that a view names in its own order; dimensions of one element may have gone from it. */
  private reduce(op: Mean | Reduction, view: View): boolean {
    const { base, permutation } = view;
    const { shape } = op.inputs[0]!;
    const place = (sizes: readonly number[]) => sizes.flatMap((n, d) => (n === 1 ? [] : [d]));
    const shown = permutation.map((d) => base.shape[d]!);
    const [from, to] = [place(shape), place(shown)];
    if (from.map((d) => shape[d]).join() !== to.map((d) => shown[d]).join()) return false;
    const gone = new Set(
      AXES.flatMap((axis, k) => {
        const at = from.indexOf(k - AXES.length + shape.length);
        return op.axes[axis] && at >= 0 ? [permutation[to[at]!]!] : [];
      }),
    );
    if (!gone.size) return false;
    const reduced = (k: number) => gone.has(k - AXES.length + base.shape.length);
    const axes: Axes = { height: reduced(0), width: reduced(1), channels: reduced(2) };
    this.turned(
      { ...op, inputs: [base], axes },
      view,
      base.shape.map((n, d) => (gone.has(d) ? 1 : n)),
    );
    return true;
  }

  /** Tensors that are turned alike, along a dimension that views name in their own order. */
  private concatenate(op: Concatenation | Join | Stack, view: View): boolean {
    const { permutation } = view;
    const views = op.inputs.map((tensor) => this.views.get(tensor));
    const alike = views.every((v, k) => v?.permutation.join() === permutation.join() && isShown(v, op.inputs[k]!));
    const shown = op.output.shape.findIndex((n, d) => n !== op.inputs[0]!.shape[d]);
    if (!alike || shown < 0) return false;
    const dimension = permutation[shown]!;
    const axis = AXES[dimension + AXES.length - permutation.length];
    if (!axis) return false;
    const { index, source, output } = op;
    const part = { index, source, inputs: views.map((v) => v!.base), output };
    const shape = permutation.map((_, d) => output.shape[permutation.indexOf(d)]!);
    this.turned(
      axis === "channels" ? { ...part, kind: "concatenation" } : { ...part, kind: "stack", axis },
      view,
      shape,
    );
    return true;
  }

  /** Ranges of dimensions that a view names in its own order. */
  private slice(op: Slice, view: View): boolean {
    const { base, permutation } = view;
    if (permutation.length !== 4 || !isShown(view, op.inputs[0]!) || op.output.shape.length !== 4) return false;
    const turned = ({ y, x, channel }: Slice["begin"]): Slice["begin"] => {
      const given = [0, y, x, channel];
      const at = (d: number) => given[permutation.indexOf(d)]!;
      return { y: at(1), x: at(2), channel: at(3) };
    };
    this.turned(
      { ...op, inputs: [base], begin: turned(op.begin), stride: turned(op.stride) },
      view,
      permutation.map((_, d) => op.output.shape[permutation.indexOf(d)]!),
    );
    return true;
  }

  /** Padding of dimensions that a view names in its own order. */
  private pad(op: Pad, view: View): boolean {
    const { base, permutation } = view;
    if (permutation.length !== 4 || !isShown(view, op.inputs[0]!)) return false;
    const { top, bottom, left, right } = op.padding;
    const { before, after } = op.channels ?? { before: 0, after: 0 };
    const given = [
      [0, 0],
      [top, bottom],
      [left, right],
      [before, after],
    ];
    const amounts = base.shape.map((_, d) => given[permutation.indexOf(d)]!);
    const [, y, x, c] = amounts as [number[], [number, number], [number, number], [number, number]];
    const { channels: _, ...rest } = op;
    const turned: Pad = {
      ...rest,
      inputs: [base],
      padding: { top: y[0], bottom: y[1], left: x[0], right: x[1] },
      ...((c[0] || c[1]) && { channels: { before: c[0], after: c[1] } }),
    };
    this.turned(
      turned,
      view,
      base.shape.map((n, d) => n + amounts[d]![0]! + amounts[d]![1]!),
    );
    return true;
  }

  private reshape({ index, source }: Transpose, from: Tensor, to: Tensor): void {
    this.made.push({ kind: "reshape", index, source, inputs: [from], output: to });
  }

  /** A transpose of a view is a view of what that shows, unless a reshape stands between. */
  private transpose(op: Transpose, view: View | undefined): void {
    const [input] = op.inputs as [Tensor];
    const shown = view && isShown(view, input);
    const base = shown ? view.base : this.tensor(input);
    const permutation = shown ? op.permutation.map((d) => view.permutation[d]!) : op.permutation;
    if (permutation.every((d, place) => d === place)) this.same.set(op.output, base);
    else if (keepsOrder(base.shape, permutation)) this.reshape(op, base, op.output);
    else this.views.set(op.output, { base, permutation, transpose: op });
  }

  /**
   * The operands of a sum or product in the order of the first's base: bases of views that are turned alike, or what
   * spreads over the first and needs no more than a reshape to be turned back.
   */
  private operands(op: Operator, view: View): Tensor[] | undefined {
    if ((op.kind !== "add" && op.kind !== "sub" && op.kind !== "mul") || op.constant) return undefined;
    const [first, second] = op.inputs as [Tensor, Tensor];
    const other = this.views.get(second);
    if (other) {
      const alike = other.permutation.join() === view.permutation.join() && first.shape.join() === second.shape.join();
      return alike ? [view.base, other.base] : undefined;
    }
    const { permutation } = view;
    const shape = [...Array(permutation.length - second.shape.length).fill(1), ...second.shape] as number[];
    const back = permutation.map((_, d) => permutation.indexOf(d));
    if (!isShown(view, first) || !keepsOrder(shape, back)) return undefined;
    const turned: Tensor = { ...second, name: `${second.name} turned back`, shape: back.map((d) => shape[d]!) };
    this.reshape(view.transpose, this.tensor(second), turned);
    return [view.base, turned];
  }
}

/** The input as its first operators turn it, where all that read it bring its channels to the last place. */
function turnInput(graph: Graph): Graph {
  const { input } = graph;
  const readers = consumers(graph).get(input) ?? [];
  const turns = (op: Operator): op is Transpose => op.kind === "transpose" && fromPlanes(op.permutation);
  if (!readers.length || !readers.every(turns) || graph.outputs.includes(input)) return graph;
  const [first] = readers as [Transpose];
  const turned = new Set(readers.map((op) => op.output));
  const swap = (tensor: Tensor) => (tensor === input || turned.has(tensor) ? first.output : tensor);
  const gone = new Set<Operator>(readers);
  const rest = graph.operators.filter((op) => !gone.has(op));
  const made = rebuild(graph, rest, swap);
  return { ...made, inputPort: { ...made.inputPort, planar: true } };
}

/**
 * Takes out transposes:
 *
 * - one that moves no element is a reshape; one of another is one;
 * - where the network's input only goes through one that brings channels to the last place (NCHW to NHWC), the input is
 *   what comes out, and its port says that the host's has its channels first; so do outputs' ports, the other way round;
 * - functions of one element, sums, products and concatenations of what is turned alike, reductions, pads, slices, and
 *   softmax over channels that stay last work on what is not turned yet; fully connected operators get their weights in
 *   that order.
 *
 * What else reads a turned tensor reads it from a transpose that stays. Run after elideRequantise, before joinOutputs.
 */
export function foldTransposes(source: Graph): Graph {
  if (!source.operators.some((op) => op.kind === "transpose")) return source;
  const graph = turnInput(source);
  const walk = new Walk();
  for (const op of graph.operators) walk.take(op);
  const outputPorts = graph.outputPorts.map((port): Port => {
    const view = walk.view(port.tensor);
    const planes = view && toPlanes(view.permutation) && port.shape[1] === view.base.shape.at(-1);
    if (!planes || port.type === "int32" || port.type === "int64") return { ...port, tensor: walk.tensor(port.tensor) };
    return { ...port, tensor: view.base, planar: true };
  });
  return { ...graph, operators: walk.made, outputPorts, outputs: outputPorts.map(({ tensor }) => tensor) };
}
