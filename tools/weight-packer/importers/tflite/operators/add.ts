/** ADD. */
import type { Add } from "../../../graph/graph.js";
import { ADD } from "../fields.js";
import type { OperatorView } from "../operator.js";

/** Two activations (maybe the same) of one shape and type; no constants and no broadcast. TFLite's kernels/add.cc. */
export function readAdd(op: OperatorView): Add {
  op.counts(2);
  const [a, b] = [op.activation(0), op.activation(1)];
  const output = op.output();
  if (a.shape.join() !== b.shape.join()) op.refuse("it broadcasts one operand over the other");
  else op.shape(output, a.shape, "output");
  op.sameType(a, b, output);
  return { ...op.base([a, b], output), kind: "add", activation: op.fused(ADD.activation) };
}
