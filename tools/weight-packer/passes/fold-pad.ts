/** Explicit padding into the convolutions that follow it. */
import type { Convolution, Depthwise, Graph, Operator, Pad, Padding } from "../graph/graph.js";
import { consumers, rebuild } from "../graph/rewrite.js";

function sum(a: Padding, b: Padding): Padding {
  return { top: a.top + b.top, bottom: a.bottom + b.bottom, left: a.left + b.left, right: a.right + b.right };
}

function foldable(op: Operator): op is Convolution | Depthwise | Pad {
  return op.kind === "convolution" || op.kind === "depthwise" || (op.kind === "pad" && op.value === undefined);
}

function isEmpty({ padding }: Pad): boolean {
  return !padding.top && !padding.bottom && !padding.left && !padding.right;
}

/** One pad into its consumers; the graph itself where that is not lawful. */
function fold(graph: Graph, pad: Pad): Graph {
  const input = pad.inputs[0]!;
  const rest = graph.operators.filter((op) => op !== pad);
  if (isEmpty(pad)) return rebuild(graph, rest, (tensor) => (tensor === pad.output ? input : tensor));
  const readers = consumers(graph).get(pad.output) ?? [];
  if (pad.value !== undefined || graph.outputs.includes(pad.output) || !readers.every(foldable)) return graph;
  return rebuild(
    graph,
    rest.map((op) =>
      foldable(op) && op.inputs[0] === pad.output
        ? { ...op, inputs: [input], padding: sum(op.padding, pad.padding) }
        : op,
    ),
  );
}

/**
 * Pads whose readers are all convolutions, depthwise convolutions or pads melt into their padding: both fill with the
 * zero point, which adds nothing to a sum. (A pool does not count its padding, so a pad before one stays.) Pads of
 * nothing go. Others stay operators. Padding may exceed the kernel afterwards.
 */
export function foldPad(graph: Graph): Graph {
  // From the last on, so that a pad of a pad reaches the convolution. Folding copies operators: find them by index.
  return graph.operators
    .filter((op) => op.kind === "pad")
    .reverse()
    .reduce((folded, { index }) => {
      const pad = folded.operators.find((op): op is Pad => op.kind === "pad" && op.index === index);
      return pad ? fold(folded, pad) : folded;
    }, graph);
}
