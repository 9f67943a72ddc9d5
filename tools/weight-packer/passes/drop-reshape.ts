/** Reshapes: the bytes stay where they are, so readers can take the tensor from before. */
import { ImportError, type Problem } from "../graph/errors.js";
import {
  elements,
  extent,
  type Graph,
  type Operator,
  type Reshape,
  type Softmax,
  type Tensor,
} from "../graph/graph.js";
import { consumers, rebuild, show } from "../graph/rewrite.js";

/** Whether two tensors are the same rows of the same pixels. */
function sameExtent(a: Tensor, b: Tensor): boolean {
  const [p, q] = [extent(a), extent(b)];
  return p.height === q.height && p.width === q.width && p.channels === q.channels;
}

/** Whether an operator may read `from` where it read `to`, the same bytes under another structure of pixels. */
function mayRead(op: Operator, from: Tensor, to: Tensor): boolean {
  switch (op.kind) {
    case "reshape":
      return true;
    case "fully_connected":
      return op.weights.shape[1] === elements(from.shape) || sameExtent(from, to);
    case "softmax":
      return extent(from).channels === extent(to).channels;
    default:
      return sameExtent(from, to);
  }
}

/**
 * A softmax keeps its input's shape, so the reshape in front of it moves behind it. An unchanged pixel structure needs
 * none of that.
 */
function moveBehind(op: Softmax, from: Tensor, reshape: Reshape): Operator[] {
  const moved: Tensor = { ...op.output, shape: [...from.shape] };
  return [
    { ...op, inputs: [from], output: moved },
    { ...reshape, inputs: [moved], output: op.output },
  ];
}

/** One reshape away; undefined where a reader needs the new structure. */
function drop(graph: Graph, reshape: Reshape): Graph | undefined {
  const [from, to] = [reshape.inputs[0]!, reshape.output];
  const readers = consumers(graph);
  const rest = graph.operators.filter((op) => op !== reshape);
  const swap = (a: Tensor, b: Tensor) => (tensor: Tensor) => (tensor === a ? b : tensor);
  if (sameExtent(from, to)) return rebuild(graph, rest, swap(to, from));
  if (!(readers.get(to) ?? []).every((op) => mayRead(op, from, to))) {
    // The network's input has no structure but what its readers see: it takes the new one, its port keeps the old.
    const only = readers.get(from)?.length === 1 && !graph.outputs.includes(from);
    return from === graph.input && only ? rebuild(graph, rest, swap(from, to)) : undefined;
  }
  const operators = rest.flatMap((op): Operator[] =>
    op.kind === "softmax" && op.inputs[0] === to ? moveBehind(op, from, reshape) : [op],
  );
  return rebuild(graph, operators, swap(to, from));
}

function refuse(reshape: Reshape, graph: Graph): Problem {
  const [from, to] = [reshape.inputs[0]!, reshape.output];
  const readers = (consumers(graph).get(to) ?? []).filter((op) => !mayRead(op, from, to));
  const list = readers.map((op) => `operator ${op.index} ${op.source}`).join(", ");
  return {
    operator: reshape.index,
    name: reshape.source,
    tensors: [show(from), show(to)],
    reason: `it changes rows in front of ${list}; only fully connected, softmax (same channels) or an output may follow`,
  };
}

/**
 * Takes out reshapes. Where the pixel structure (extent) stays, any reader takes the reshape's input. Where it
 * changes, only these may follow: fully connected over all elements (its weights follow the flattened order height,
 * width, channels), softmax with the same channels, another reshape, or a graph output, whose port keeps its own
 * shape. Else a reshape of the network's input that nothing else reads gives the input its new shape. Else one that keeps
 * the rows stays: it copies them.
 *
 * Throws ImportError that names every reshape for which none of that holds.
 */
export function dropReshape(graph: Graph): Graph {
  const problems: Problem[] = [];
  const kept = new Set<Tensor>();
  let current = graph;
  for (;;) {
    const next = current.operators.find((op): op is Reshape => op.kind === "reshape" && !kept.has(op.output));
    if (!next) break;
    const without = drop(current, next);
    if (!without) {
      kept.add(next.output);
      if (extent(next.inputs[0]!).height !== extent(next.output).height) problems.push(refuse(next, current));
    } else current = without;
  }
  if (problems.length) throw new ImportError(graph.name, problems);
  return current;
}
