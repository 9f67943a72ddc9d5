/** Requantise operators that change nothing. */
import type { Graph, Operator, Requantise, Tensor } from "../graph/graph.js";
import { follow, rebuild } from "../graph/rewrite.js";

/**
 * Whether TFLite's QuantizeMultiplier makes 2^30 with shift 1 of a ratio: then MultiplyByQuantizedMultiplier is the
 * identity. (The fraction, in [0.5, 1), times 2^31 is rounded; 2^31 itself becomes 2^30 with one more shift.)
 */
function isUnit(ratio: number): boolean {
  return ratio >= 1 ? Math.round(ratio * 2 ** 30) === 2 ** 30 : Math.round(ratio * 2 ** 31) === 2 ** 31;
}

function isIdentity(op: Operator): op is Requantise {
  if (op.kind !== "requantise") return false;
  const input = op.inputs[0]!;
  const [a, b] = [input.quantization, op.output.quantization];
  return (
    input.type === op.output.type &&
    !!a &&
    !!b &&
    a.zeroPoint[0] === b.zeroPoint[0] &&
    isUnit(a.scale[0]! / b.scale[0]!)
  );
}

/**
 * Takes out every requantise operator with the same int8 values on both sides (run after toSigned: uint8 -> int8 with
 * zero points 128 apart is such a one). Its readers, and outputs that it made, take its input instead; ports keep
 * their own terms.
 */
export function elideRequantise(graph: Graph): Graph {
  const replaced = new Map<Tensor, Tensor>();
  for (const op of graph.operators) if (isIdentity(op)) replaced.set(op.output, op.inputs[0]!);
  return rebuild(
    graph,
    graph.operators.filter((op) => !replaced.has(op.output)),
    follow(replaced),
  );
}
