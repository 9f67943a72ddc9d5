/** FULLY_CONNECTED. */
import { elements, type FullyConnected } from "../../../graph/graph.js";
import { FULLY_CONNECTED, WEIGHTS_FORMAT_DEFAULT } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { readBias, readWeights } from "../weights.js";

/**
 * Input of I elements, or with keep_num_dims [..., I] and every pixel by itself; weights [O, I], bias [O]; output
 * [1, O], or the input's shape with O for I. Follows TFLite's kernels/fully_connected.cc.
 */
export function readFullyConnected(op: OperatorView): FullyConnected {
  op.counts(2, 3);
  const input = op.activation(0);
  const output = op.output();
  const weights = readWeights(op, input, 2, 0, false);
  const [units, depth] = weights.shape as [number, number];
  const keep = op.options?.bool(FULLY_CONNECTED.keepNumDims) ?? false;
  const format = op.options?.int8(FULLY_CONNECTED.weightsFormat) ?? WEIGHTS_FORMAT_DEFAULT;
  op.require(format === WEIGHTS_FORMAT_DEFAULT, "its weights are shuffled");
  const found = keep ? (input.shape.at(-1) ?? 1) : elements(input.shape);
  op.require(depth === found, `its weights are for ${depth} inputs instead of ${found}`);
  op.shape(output, keep ? [...input.shape.slice(0, -1), units] : [1, units], "output");
  op.sameType(input, output);
  const bias = readBias(op, units);
  const activation = op.fused(FULLY_CONNECTED.activation);
  return { ...op.base([input], output), kind: "fully_connected", weights, ...(bias && { bias }), activation };
}
