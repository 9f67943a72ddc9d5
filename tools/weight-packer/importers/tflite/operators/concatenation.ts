/** CONCATENATION. */
import { type Concatenation, extent } from "../../../graph/graph.js";
import { CONCATENATION } from "../fields.js";
import type { OperatorView } from "../operator.js";

/** Two or more activations of one height and width, side by side in the channels. TFLite's kernels/concatenation.cc. */
export function readConcatenation(op: OperatorView): Concatenation {
  op.counts(1, op.source.inputs.length);
  const output = op.output();
  const inputs = op.source.inputs.map((_, input) => op.activation(input));
  const rank = output.shape.length;
  const given = op.options?.int32(CONCATENATION.axis) ?? 0;
  const axis = given < 0 ? given + rank : given;
  op.require(op.fused(CONCATENATION.activation) === "none", "it has a fused activation, which TFLite refuses");
  op.require(axis === rank - 1, `its axis is ${given}; only the last (channels) runs`);
  const channels = inputs.reduce((sum, input) => sum + extent(input).channels, 0);
  op.shape(output, [...inputs[0]!.shape.slice(0, -1), channels], "output");
  for (const input of inputs) {
    op.shape({ ...input, shape: input.shape.slice(0, -1) }, output.shape.slice(0, -1), "inputs without their channels");
    if (input.type === "int8") op.sameQuantization(input, output);
  }
  op.sameType(...inputs, output);
  return { ...op.base(inputs, output), kind: "concatenation" };
}
