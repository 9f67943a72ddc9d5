/** PACK. */
import type { Operator } from "../../../graph/graph.js";
import { PACK } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { concatenated } from "./concatenation.js";

/** Activations of one shape along a new dimension; all of one quantisation. TFLite's kernels/pack.cc copies bytes. */
export function readPack(op: OperatorView): Operator[] {
  op.counts(1, op.source.inputs.length);
  const output = op.output();
  const inputs = op.source.inputs.map((_, input) => op.activation(input));
  const given = op.options?.int32(PACK.axis) ?? 0;
  const axis = given < 0 ? given + output.shape.length : given;
  const shape = output.shape.map((n, d) => (d === axis ? 1 : n));
  op.require(
    output.shape[axis] === inputs.length,
    `it packs ${inputs.length} along axis ${given} of [${output.shape.join(", ")}]`,
  );
  const expanded = inputs.map((input, k) => {
    op.shape(
      input,
      shape.filter((_, d) => d !== axis),
      "inputs",
    );
    op.sameQuantization(input, output);
    return { ...input, name: `${output.name} part ${k}`, shape };
  });
  op.sameType(...inputs, output);
  return [
    ...expanded.map((to, k): Operator => ({ ...op.base([inputs[k]!], to), kind: "reshape" })),
    concatenated(op, expanded, output, axis),
  ];
}
