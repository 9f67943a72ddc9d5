/** ARG_MAX. */
import type { ArgMax } from "../../../graph/graph.js";
import type { OperatorView } from "../operator.js";

/**
 * Input [..., C] and a constant axis, the last; output [...] of int32 or int64. What the option output_type says is the
 * output tensor's type. Follows TFLite's kernels/arg_min_max.cc.
 */
export function readArgMax(op: OperatorView): ArgMax {
  op.counts(2);
  const input = op.activation(0);
  const output = op.indices();
  const rank = input.shape.length;
  const axes = op.integers(1, "axis");
  const axis = axes[0]! < 0 ? axes[0]! + rank : axes[0];
  op.require(
    axes.length === 1 && rank > 0 && axis === rank - 1,
    `its axis is ${axes.join(", ")}; only the last (channels) runs`,
  );
  op.shape(output, input.shape.slice(0, -1), "output");
  return { ...op.base([input], output), kind: "arg_max" };
}
