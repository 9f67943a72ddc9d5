/** AVERAGE_POOL_2D and MAX_POOL_2D. */
import type { Pool } from "../../../graph/graph.js";
import { POOL_2D } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { readWindow } from "../window.js";

/** TFLite's pools ignore scales; its debug builds allow this difference between input and output. */
const SCALE_TOLERANCE = 1e-6;

/**
 * Input [1, H, W, C], output [1, h, w, C] of the same scale and zero point. Padding pixels count neither for the
 * average nor for the maximum. Follows TFLite's kernels/pooling.cc.
 */
function readPool(op: OperatorView, kind: Pool["kind"]): Pool {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  const height = op.options?.int32(POOL_2D.kernelHeight) ?? 0;
  const width = op.options?.int32(POOL_2D.kernelWidth) ?? 0;
  const window = readWindow(op, POOL_2D, { height, width }, input, output, input.shape[3] ?? 0);
  op.sameType(input, output);
  op.sameQuantization(input, output, SCALE_TOLERANCE);
  return { ...op.base([input], output), kind, ...window, activation: op.fused(POOL_2D.activation) };
}

/** AVERAGE_POOL_2D; see readPool. */
export const readAveragePool = (op: OperatorView): Pool => readPool(op, "average_pool");
/** MAX_POOL_2D; see readPool. */
export const readMaxPool = (op: OperatorView): Pool => readPool(op, "max_pool");
