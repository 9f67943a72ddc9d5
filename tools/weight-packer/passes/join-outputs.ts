/** Outputs that are made of parts: heads of a detector, one after the other. */
import { ImportError, type Problem } from "../graph/errors.js";
import { elements, extent, type Graph, type Operator, type Port, type Tensor } from "../graph/graph.js";
import { rebuild, show } from "../graph/rewrite.js";
import { isElementwise } from "./elementwise.js";
import { rescaled } from "./split-concatenation.js";
import { asStack } from "./split-stacks.js";

/** Parts of tensors, made on demand; the operators that make them. */
class Parts {
  readonly made: Operator[] = [];
  private readonly makers: Map<Tensor, Operator>;
  private readonly known = new Map<Tensor, Tensor[]>();

  constructor(graph: Graph) {
    this.makers = new Map(graph.operators.map((op) => [op.output, op]));
  }

  /** The tensors that hold a tensor's elements one after the other: itself, or what a join puts together. */
  of(tensor: Tensor): Tensor[] {
    const parts = this.known.get(tensor) ?? this.find(tensor);
    this.known.set(tensor, parts);
    return parts;
  }

  private find(tensor: Tensor): Tensor[] {
    const op = this.makers.get(tensor);
    if (op?.kind === "reshape") {
      const parts = this.of(op.inputs[0]!);
      return parts.length > 1 ? parts : [tensor];
    }
    // Vectors side by side are one after the other, too. Where their channels are pixels by right, only that will do.
    const vectors = op?.kind === "concatenation" && extent(tensor).height * extent(tensor).width === 1;
    if (op?.kind === "join" || (vectors && op.inputs.some((input) => this.restructured(input)))) {
      return op.inputs.flatMap((input, place) => {
        const { tensor: part, operator } = rescaled(op, input, place);
        const parts = this.of(input).map((p) => this.unshaped(p));
        return operator ? this.each(operator, parts, part) : parts;
      });
    }
    if (op && (isElementwise(op) || op.kind === "softmax")) {
      const parts = this.of(op.inputs[0]!);
      const group = op.kind === "softmax" ? (op.group ?? extent(op.output).channels) : 1;
      const whole = parts.every((part) => extent(part).channels % group === 0);
      if (parts.length > 1 && whole) return this.each(op.kind === "softmax" ? { ...op, group } : op, parts, tensor);
    }
    return [tensor];
  }

  /** The tensor from before all reshapes: the same bytes. */
  private unshaped(tensor: Tensor): Tensor {
    const op = this.makers.get(tensor);
    return op?.kind === "reshape" ? this.unshaped(op.inputs[0]!) : tensor;
  }

  /** Whether a tensor is a reshape of another structure of pixels. */
  private restructured(tensor: Tensor): boolean {
    const op = this.makers.get(tensor);
    if (op?.kind !== "reshape") return false;
    const { height, width } = extent(op.inputs[0]!);
    return height * width > 1;
  }

  /** A function of one element, or of groups of channels, on every part by itself. */
  private each(op: Operator, parts: readonly Tensor[], whole: Tensor): Tensor[] {
    return parts.map((part, place) => {
      const output: Tensor = { ...whole, name: `${whole.name} part ${place}`, shape: [...part.shape] };
      this.made.push({ ...op, inputs: [part], output });
      return output;
    });
  }
}

/** The ports of an output's parts; undefined where the parts do not end where rows of the output's shape do. */
function portsOf(port: Port, parts: readonly Tensor[]): Port[] | undefined {
  if (parts.length === 1) return [{ ...port, tensor: parts[0]! }];
  // The host turns what it gets, so rows are those of the shape before that.
  const [batch = 1, channels = 1, ...pixels] = port.shape;
  const shape = port.planar ? [batch, ...pixels, channels] : port.shape;
  const first = shape.findIndex((n) => n !== 1);
  const row = elements(shape.slice(first + 1));
  if (parts.some((part) => elements(part.shape) % row !== 0)) return undefined;
  const dimension = port.planar ? first + 1 : first;
  return parts.map((tensor, place) => ({
    ...port,
    tensor,
    shape: port.shape.map((n, d) => (d === dimension ? elements(tensor.shape) / row : n)),
    ...(place > 0 && { continues: dimension }),
  }));
}

/**
 * Outputs that a join makes, directly or through reshapes and functions of one element, become an output for each part.
 * A join of which anything else is made becomes a stack of rows or pixels. Run after toSigned, before splitConcatenation.
 *
 * Throws ImportError that names every join that is no stack.
 */
export function joinOutputs(graph: Graph): Graph {
  const parts = new Parts(graph);
  const problems: Problem[] = [];
  // Where rows of the output cut through parts, it is a stack, too.
  const ports = graph.outputPorts.flatMap((port) => portsOf(port, parts.of(port.tensor)) ?? [port]);
  const outputs = ports.map(({ tensor }) => tensor);
  const split = { ...graph, outputs, outputPorts: ports };
  const kept = needed(split, parts.made);
  const stacked = kept.map((op): Operator => {
    const stack = op.kind === "join" ? asStack(op) : op;
    if (stack) return stack;
    const { index, source, inputs, output } = op;
    const reason = "its parts are neither rows nor pixels of one map, and more follows than functions of one element";
    problems.push({ operator: index, name: source, tensors: [...inputs, output].map(show), reason });
    return op;
  });
  if (problems.length) throw new ImportError(graph.name, problems, graph.operators);
  const joins = graph.operators.some((op) => op.kind === "join");
  return joins || parts.made.length || ports.length > graph.outputs.length ? rebuild(split, stacked) : graph;
}

/** The operators that lead to outputs, in their order; those that were made of parts follow what they read. */
function needed({ operators, outputs }: Graph, made: readonly Operator[]): Operator[] {
  const followers = new Map<Tensor, Operator[]>();
  for (const op of made) followers.set(op.inputs[0]!, [...(followers.get(op.inputs[0]!) ?? []), op]);
  const follow = (tensor: Tensor): Operator[] =>
    (followers.get(tensor) ?? []).flatMap((op) => [op, ...follow(op.output)]);
  const written = new Set(operators.map((op) => op.output));
  const begin = [...followers.keys()].filter((t) => !written.has(t) && !made.some((op) => op.output === t));
  const order = [...begin.flatMap(follow), ...operators.flatMap((op) => [op, ...follow(op.output)])];
  const wanted = new Set(outputs);
  return order
    .reverse()
    .filter((op) => {
      if (!wanted.has(op.output)) return false;
      op.inputs.forEach((tensor) => wanted.add(tensor));
      return true;
    })
    .reverse();
}
