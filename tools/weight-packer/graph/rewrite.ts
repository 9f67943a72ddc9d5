/** What passes are made of. None of these changes its arguments: operators and tensors are shared or copied. */
import type { Graph, Operator, Port, Tensor } from "./graph.js";

/** A tensor as messages show it: 'name' type [shape]. */
export function show(tensor: Tensor): string {
  return `'${tensor.name}' ${tensor.type} [${tensor.shape.join(", ")}]`;
}

/** The operators that read each activation, in execution order; one entry for a tensor read twice by one operator. */
export function consumers(graph: Graph): Map<Tensor, Operator[]> {
  const map = new Map<Tensor, Operator[]>();
  for (const operator of graph.operators) {
    for (const input of new Set(operator.inputs)) map.set(input, [...(map.get(input) ?? []), operator]);
  }
  return map;
}

/** The operators with every activation replaced as `replace` says (it must return the same object for the same one). */
export function replaceIn(operators: readonly Operator[], replace: (tensor: Tensor) => Tensor): Operator[] {
  return operators.map((op) => ({ ...op, inputs: op.inputs.map(replace), output: replace(op.output) }));
}

/** The graph with other operators and every activation replaced as `replace` says, ports' tensors included. */
export function rebuild(
  graph: Graph,
  operators: readonly Operator[],
  replace: (tensor: Tensor) => Tensor = (tensor) => tensor,
): Graph {
  const port = (p: Port): Port => ({ ...p, tensor: replace(p.tensor) });
  return {
    ...graph,
    operators: replaceIn(operators, replace),
    input: replace(graph.input),
    outputs: graph.outputs.map(replace),
    inputPort: port(graph.inputPort),
    outputPorts: graph.outputPorts.map(port),
  };
}

/** Follows replacements to their end. */
export function follow(replaced: ReadonlyMap<Tensor, Tensor>): (tensor: Tensor) => Tensor {
  return (tensor) => {
    let end = tensor;
    for (let next = replaced.get(end); next; next = replaced.get(end)) end = next;
    return end;
  };
}
