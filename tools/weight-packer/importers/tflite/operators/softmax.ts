/** SOFTMAX. */
import type { Softmax } from "../../../graph/graph.js";
import { SOFTMAX } from "../fields.js";
import type { OperatorView } from "../operator.js";

/** TFLite's check on the output's scale. */
const SCALE_TOLERANCE = 0.001 / 256;

/**
 * Softmax over the last dimension, output of the input's shape with scale 1/256 and the type's lowest value as zero
 * point: TFLite's reference (kernels/activations.cc) computes in those terms.
 */
export function readSoftmax(op: OperatorView): Softmax {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  const beta = op.options?.float32(SOFTMAX.beta) ?? 0;
  op.require(beta > 0 && Number.isFinite(beta), `its beta is ${beta}`);
  op.require(input.shape.length > 0, `'${input.name}' is a scalar`);
  op.shape(output, input.shape, "output");
  op.sameType(input, output);
  const q = output.quantization;
  const lowest = output.type === "int8" ? -128 : 0;
  const usual = q && Math.abs(q.scale[0]! - 1 / 256) <= SCALE_TOLERANCE && q.zeroPoint[0] === lowest;
  if (q && !usual)
    op.refuse(`its output's scale is ${q.scale[0]} and zero point ${q.zeroPoint[0]} instead of 1/256 and ${lowest}`);
  return { ...op.base([input], output), kind: "softmax", beta };
}
