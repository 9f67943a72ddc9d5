/** RESHAPE, SQUEEZE and EXPAND_DIMS: the same bytes under another shape. */
import { elements, type Reshape, type Tensor } from "../../../graph/graph.js";
import { RESHAPE } from "../fields.js";
import type { OperatorView } from "../operator.js";

function reshape(op: OperatorView): { operator: Reshape; input: Tensor; output: Tensor } {
  const input = op.activation(0);
  const output = op.output();
  const [from, to] = [elements(input.shape), elements(output.shape)];
  op.require(from === to, `it makes ${to} elements of ${from}`);
  op.sameType(input, output);
  op.sameQuantization(input, output);
  return { operator: { ...op.base([input], output), kind: "reshape" }, input, output };
}

/**
 * RESHAPE. The output tensor's own shape counts; a constant shape (input 1, else the option), which may hold one -1,
 * must agree with it. A computed shape (SHAPE, STRIDED_SLICE, PACK: the batch's) is not looked at.
 */
export function readReshape(op: OperatorView): Reshape {
  op.counts(1, 2);
  const { operator, output } = reshape(op);
  const wanted =
    op.source.inputs.length > 1
      ? op.isConstant(1)
        ? op.integers(1, "shape")
        : []
      : (op.options?.ints(RESHAPE.newShape) ?? []);
  const agrees = wanted.length === output.shape.length && wanted.every((n, i) => n === -1 || n === output.shape[i]);
  if (wanted.length && !agrees) op.refuse(`its shape [${wanted.join(", ")}] is not its output's`);
  return operator;
}

/** SQUEEZE and EXPAND_DIMS: the output tensor's own shape counts. */
export function readSameElements(op: OperatorView): Reshape {
  op.counts(1, 2);
  return reshape(op).operator;
}
