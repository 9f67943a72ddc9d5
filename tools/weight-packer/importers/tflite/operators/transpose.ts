/** TRANSPOSE. */
import type { Transpose } from "../../../graph/graph.js";
import type { OperatorView } from "../operator.js";

/** One activation and a constant permutation of its dimensions. TFLite's kernels/transpose.cc. */
export function readTranspose(op: OperatorView): Transpose {
  op.counts(2);
  const input = op.activation(0);
  const output = op.output();
  const { shape } = input;
  const given = op.integers(1, "permutation");
  const permutation = given.map((d) => (d < 0 ? d + shape.length : d));
  const each = [...permutation].sort((a, b) => a - b).every((d, place) => d === place);
  if (permutation.length !== shape.length || !each) op.stop(`its permutation is ${given.join(", ")}`);
  op.shape(
    output,
    permutation.map((d) => shape[d]!),
    "output",
  );
  op.sameType(input, output);
  op.sameQuantization(input, output);
  return { ...op.base([input], output), kind: "transpose", permutation };
}
