/** Operators that nothing needs. */
import type { Graph } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** Keeps the operators that lead to an output, in their order. */
export function deadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const kept = [...graph.operators].reverse().filter((op) => {
    if (!needed.has(op.output)) return false;
    op.inputs.forEach((tensor) => needed.add(tensor));
    return true;
  });
  return rebuild(graph, kept.reverse());
}
