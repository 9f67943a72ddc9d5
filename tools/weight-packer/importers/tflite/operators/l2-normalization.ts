/** L2_NORMALIZATION. */
import type { L2Normalisation } from "../../../graph/graph.js";
import { L2_NORMALIZATION } from "../fields.js";
import type { OperatorView } from "../operator.js";

/**
 * Over the last dimension; output of the input's shape with scale 1/128 and the type's middle as zero point. TFLite's
 * kernels/l2norm.cc.
 */
export function readL2Normalization(op: OperatorView): L2Normalisation {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  op.require(input.shape.length > 0, `'${input.name}' is a scalar`);
  op.shape(output, input.shape, "output");
  op.sameType(input, output);
  op.require(op.fused(L2_NORMALIZATION.activation) === "none", "it has a fused activation, which TFLite refuses");
  const middle = output.type === "int8" ? 0 : 128;
  const q = output.quantization;
  if (q && (q.scale[0] !== 1 / 128 || q.zeroPoint[0] !== middle))
    op.refuse(`its output's scale is ${q.scale[0]} and zero point ${q.zeroPoint[0]} instead of 1/128 and ${middle}`);
  return { ...op.base([input], output), kind: "l2_normalisation" };
}
