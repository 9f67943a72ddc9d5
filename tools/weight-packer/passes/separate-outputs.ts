/** Outputs that are the network's input. */
import type { Graph, Operator, Tensor } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/**
 * A network of which nothing is left between the input and an output (all it did was reshape, or change uint8 to int8)
 * gets a requantise operator that copies: the engine writes every output by a step. Its index is that of the last
 * operator of the source that stood there, as `source` knows it.
 *
 * @param graph the simplified graph
 * @param source the graph before any pass
 */
export function separateOutputs(graph: Graph, source: Graph): Graph {
  if (!graph.outputs.includes(graph.input)) return graph;
  const place = graph.outputs.indexOf(graph.input);
  const maker = source.operators.find((op) => op.output === source.outputs[place]);
  const output: Tensor = { ...graph.input, name: graph.outputPorts[place]!.name };
  const copy: Operator = {
    kind: "requantise",
    index: maker?.index ?? 0,
    source: maker?.source ?? "QUANTIZE",
    inputs: [graph.input],
    output,
  };
  const made = rebuild(graph, [...graph.operators, copy]);
  const swap = (tensor: Tensor) => (tensor === graph.input ? output : tensor);
  return {
    ...made,
    outputs: graph.outputs.map(swap),
    outputPorts: graph.outputPorts.map((port) => ({ ...port, tensor: swap(port.tensor) })),
  };
}
