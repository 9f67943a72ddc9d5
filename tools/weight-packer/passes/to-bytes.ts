/** Indices become bytes. */
import type { Graph, Tensor } from "../graph/graph.js";
import { follow, rebuild } from "../graph/rewrite.js";

/**
 * The int32 or int64 [1, H, W] that ARG_MAX gives becomes one byte for each index, [1, H, W, 1]: held as int8, read as
 * 0..255. Nothing but outputs reads it; their ports keep the source's type and shape.
 */
export function toBytes(graph: Graph): Graph {
  const replaced = new Map<Tensor, Tensor>();
  for (const { kind, inputs, output } of graph.operators) {
    if (kind !== "arg_max") continue;
    const shape = [...inputs[0]!.shape.slice(0, -1), 1];
    const quantization = { scale: [1], zeroPoint: [0], dimension: 0 };
    replaced.set(output, { name: output.name, type: "int8", shape, quantization });
  }
  return rebuild(graph, graph.operators, follow(replaced));
}
