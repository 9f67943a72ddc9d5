/** CONCATENATION. */
import type { Operator, Tensor } from "../../../graph/graph.js";
import { axisOf } from "../axes.js";
import { CONCATENATION } from "../fields.js";
import type { OperatorView } from "../operator.js";

/**
 * Activations along one dimension: side by side in the channels; a join, where all dimensions before are 1; else side by
 * side in the width. Stops where that dimension is the batch.
 */
export function concatenated(op: OperatorView, inputs: Tensor[], output: Tensor, axis: number): Operator {
  const named = axisOf(output, axis);
  if (!named) op.stop(`its axis is ${axis}; only rows, pixels and channels run`);
  const base = op.base(inputs, output);
  if (named === "channels") return { ...base, kind: "concatenation" };
  if (output.shape.slice(0, axis).every((n) => n === 1)) return { ...base, kind: "join" };
  return { ...base, kind: "stack", axis: named };
}

/** Two or more activations along one dimension but the batch, which alone may differ. TFLite's kernels/concatenation.cc. */
export function readConcatenation(op: OperatorView): Operator {
  op.counts(1, op.source.inputs.length);
  const output = op.output();
  const inputs = op.source.inputs.map((_, input) => op.activation(input));
  const { shape } = output;
  const given = op.options?.int32(CONCATENATION.axis) ?? 0;
  const axis = given < 0 ? given + shape.length : given;
  op.require(op.fused(CONCATENATION.activation) === "none", "it has a fused activation, which TFLite refuses");
  const sum = inputs.reduce((total, input) => total + (input.shape[axis] ?? 0), 0);
  op.shape(
    output,
    inputs[0]!.shape.map((n, d) => (d === axis ? sum : n)),
    "output",
  );
  const others = (tensor: Tensor): Tensor => ({ ...tensor, shape: tensor.shape.filter((_, d) => d !== axis) });
  for (const input of inputs) {
    op.shape(others(input), others(output).shape, "inputs but for their axis");
    if (input.type === "int8") op.sameQuantization(input, output);
  }
  op.sameType(...inputs, output);
  return concatenated(op, inputs, output, axis);
}
