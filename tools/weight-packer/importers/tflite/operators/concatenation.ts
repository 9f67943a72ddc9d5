/** CONCATENATION. */
import type { Concatenation, Join, Tensor } from "../../../graph/graph.js";
import { CONCATENATION } from "../fields.js";
import type { OperatorView } from "../operator.js";

/**
 * Two or more activations of one height and width, side by side in the channels; or one after the other along a
 * dimension before which all are 1. TFLite's kernels/concatenation.cc.
 */
export function readConcatenation(op: OperatorView): Concatenation | Join {
  op.counts(1, op.source.inputs.length);
  const output = op.output();
  const inputs = op.source.inputs.map((_, input) => op.activation(input));
  const { shape } = output;
  const given = op.options?.int32(CONCATENATION.axis) ?? 0;
  const axis = given < 0 ? given + shape.length : given;
  const last = axis === shape.length - 1;
  op.require(op.fused(CONCATENATION.activation) === "none", "it has a fused activation, which TFLite refuses");
  const joins = !last && axis > 0 && shape.slice(0, axis).every((n) => n === 1);
  op.require(last || joins, `its axis is ${given}; only the last (channels) and the first that is not 1 run`);
  const sum = inputs.reduce((total, input) => total + (input.shape[axis] ?? 0), 0);
  op.shape(
    output,
    inputs[0]!.shape.map((n, d) => (d === axis ? sum : n)),
    "output",
  );
  const others = (tensor: Tensor): Tensor => ({ ...tensor, shape: tensor.shape.filter((_, d) => d !== axis) });
  for (const input of inputs) {
    op.shape(others(input), others(output).shape, last ? "inputs without their channels" : "inputs but for their axis");
    if (input.type === "int8") op.sameQuantization(input, output);
  }
  op.sameType(...inputs, output);
  return { ...op.base(inputs, output), kind: last ? "concatenation" : "join" };
}
