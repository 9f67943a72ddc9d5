/** Reshapes: the bytes stay where they are, so readers can take the tensor from before. */
import { elements, extent, type Graph, type Operator, type Reshape, type Tensor } from "../graph/graph.js";
import { consumers, rebuild } from "../graph/rewrite.js";
import { isElementwise } from "./elementwise.js";

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
      return extent(from).channels % (op.group ?? extent(to).channels) === 0;
    default:
      return isElementwise(op) || sameExtent(from, to);
  }
}

/**
 * A function of one element and a softmax keep their input's shape, so the reshape in front of them moves behind them; a
 * softmax then works on groups of channels. An unchanged pixel structure needs none of that.
 */
function moveBehind(op: Operator, from: Tensor, reshape: Reshape): Operator[] {
  const moved: Tensor = { ...op.output, shape: [...from.shape] };
  const group = op.kind === "softmax" && { group: op.group ?? extent(op.output).channels };
  return [
    { ...op, inputs: [from], output: moved, ...group },
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
  const after = readers.get(to) ?? [];
  // The network's input has no structure but what its readers see: it takes the new one, its port keeps the old.
  const only = from === graph.input && readers.get(from)?.length === 1 && !graph.outputs.includes(from);
  if (only && !after.every((op) => !isElementwise(op) && mayRead(op, from, to)))
    return rebuild(graph, rest, swap(from, to));
  if (!after.every((op) => mayRead(op, from, to))) return undefined;
  const operators = rest.flatMap((op): Operator[] =>
    (op.kind === "softmax" || isElementwise(op)) && op.inputs[0] === to ? moveBehind(op, from, reshape) : [op],
  );
  return rebuild(graph, operators, swap(to, from));
}

/**
 * Takes out reshapes. Where the pixel structure (extent) stays, any reader takes the reshape's input. Where it changes,
 * only these may follow: functions of one element, fully connected over all elements (its weights follow the flattened
 * order height, width, channels), softmax whose channels are whole groups of it, another reshape, or a graph output, whose port keeps its own shape. Else a
 * reshape of the network's input that nothing else reads gives the input its new shape. One for which none of that holds
 * stays: a step that copies.
 */
export function dropReshape(graph: Graph): Graph {
  const stays = new Set<Tensor>();
  let current = graph;
  for (;;) {
    const next = current.operators.find((op): op is Reshape => op.kind === "reshape" && !stays.has(op.output));
    if (!next) return current;
    const without = drop(current, next);
    if (without) current = without;
    else stays.add(next.output);
  }
}
