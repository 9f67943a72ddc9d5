/** MEAN. */
import type { Mean } from "../../../graph/graph.js";
import { REDUCER } from "../fields.js";
import type { OperatorView } from "../operator.js";

/** Input [1, H, W, C], constant axes 1 and 2 in any order or negative; output [1, 1, 1, C] or [1, C]. */
export function readMean(op: OperatorView): Mean {
  op.counts(2);
  const input = op.activation(0);
  const output = op.output();
  if (input.shape.length !== 4) op.stop(`'${input.name}' is not 4-dimensional`);
  const axes = op.integers(1, "axes");
  const set = [...new Set(axes.map((a) => (a < 0 ? a + 4 : a)))].sort();
  if (set.join() !== "1,2") op.stop(`its axes are ${axes.join(", ")}; only height and width (1, 2) together run`);
  const channels = input.shape[3]!;
  op.shape(output, op.options?.bool(REDUCER.keepDims) ? [1, 1, 1, channels] : [1, channels], "output");
  op.sameType(input, output);
  return { ...op.base([input], output), kind: "mean" };
}
