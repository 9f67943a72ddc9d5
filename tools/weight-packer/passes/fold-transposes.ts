/** Transposes: most only say in which order dimensions are named, and readers can take the tensor from before. */
import {
  elements,
  type FullyConnected,
  type Graph,
  type Operator,
  type Port,
  type Softmax,
  type Tensor,
  type Transpose,
} from "../graph/graph.js";
import { consumers, rebuild } from "../graph/rewrite.js";
import { isElementwise } from "./elementwise.js";

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
    if (op.kind === "transpose") {
      this.transpose(op, view);
    } else if (view && op.kind === "reshape") {
      this.views.set(op.output, view);
    } else if (view && op.kind === "fully_connected" && op.weights.shape[1] === elements(view.base.shape)) {
      this.made.push({ ...op, inputs: [view.base], weights: reordered(op, view) });
    } else if (view && (isElementwise(op) || this.sameViews(op) || this.keepsChannels(op, view))) {
      const output: Tensor = { ...op.output, name: `${op.output.name} before`, shape: [...view.base.shape] };
      const inputs = op.inputs.map((tensor) => this.views.get(tensor)!.base);
      this.made.push({ ...op, inputs, output });
      this.views.set(op.output, { ...view, base: output });
    } else {
      this.made.push({ ...op, inputs: op.inputs.map((tensor) => this.tensor(tensor)) });
    }
  }

  private reshape({ index, source }: Transpose, from: Tensor, to: Tensor): void {
    this.made.push({ kind: "reshape", index, source, inputs: [from], output: to });
  }

  /** A transpose of a view is a view of what that shows, unless a reshape stands between. */
  private transpose(op: Transpose, view: View | undefined): void {
    const [input] = op.inputs as [Tensor];
    const shown = view && view.permutation.map((d) => view.base.shape[d]!).join() === input.shape.join();
    const base = shown ? view.base : this.tensor(input);
    const permutation = shown ? op.permutation.map((d) => view.permutation[d]!) : op.permutation;
    if (permutation.every((d, place) => d === place)) this.same.set(op.output, base);
    else if (keepsOrder(base.shape, permutation)) this.reshape(op, base, op.output);
    else this.views.set(op.output, { base, permutation, transpose: op });
  }

  /** Whether an operator combines two tensors element by element that are turned and shaped alike. */
  private sameViews(op: Operator): boolean {
    if ((op.kind !== "add" && op.kind !== "sub" && op.kind !== "mul") || op.constant) return false;
    const views = op.inputs.map((tensor) => this.views.get(tensor));
    const [a, b] = views;
    const alike = a && b && a.permutation.join() === b.permutation.join();
    return (
      alike === true &&
      a.base.shape.join() === b.base.shape.join() &&
      op.inputs[0]!.shape.join() === op.inputs[1]!.shape.join()
    );
  }

  /** Whether a softmax works on channels that are the last dimension before and after. */
  private keepsChannels(op: Operator, { base, permutation }: View): op is Softmax {
    const last = base.shape.length - 1;
    const { shape } = op.output;
    return op.kind === "softmax" && permutation[last] === last && shape[shape.length - 1] === base.shape[last];
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
 * - functions of one element, sums and products of two that are turned alike, and softmax over channels that stay last
 *   work on what is not turned yet; fully connected operators get their weights in that order.
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
