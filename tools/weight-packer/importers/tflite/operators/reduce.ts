/** MEAN, SUM, REDUCE_MAX and REDUCE_MIN. */
import { type Axes, extent, type Mean, type Operator, type Reduction, type Tensor } from "../../../graph/graph.js";
import { readAxis } from "../axes.js";
import { REDUCER } from "../fields.js";
import type { OperatorView } from "../operator.js";

/** Whether two tensors have the same rows of the same pixels. */
function sameExtent(a: Tensor, b: Tensor): boolean {
  const [p, q] = [extent(a), extent(b)];
  return p.height === q.height && p.width === q.width && p.channels === q.channels;
}

/**
 * Input of up to four dimensions and constant axes, any but the batch, in any order or negative; output with ones or
 * nothing in their place. TFLite's kernels/reduce.cc. REDUCE_MAX and REDUCE_MIN copy bytes.
 */
export function reductionReader(kind: (Mean | Reduction)["kind"]): (op: OperatorView) => Operator[] {
  return (op) => {
    op.counts(2);
    const input = op.activation(0);
    const output = op.output();
    const dimensions = op.integers(1, "axes").map((d) => (d < 0 ? d + input.shape.length : d));
    if (!dimensions.length) op.stop("it has no axes");
    const named = new Set(dimensions.map((d) => readAxis(op, input, d)));
    const axes: Axes = { height: named.has("height"), width: named.has("width"), channels: named.has("channels") };
    const shape = input.shape.map((n, d) => (dimensions.includes(d) ? 1 : n));
    const keeps = op.options?.bool(REDUCER.keepDims) ?? false;
    op.shape(output, keeps ? shape : input.shape.filter((_, d) => !dimensions.includes(d)), "output");
    op.sameType(input, output);
    if (kind === "reduce_max" || kind === "reduce_min") op.sameQuantization(input, output);
    const reduce = (to: Tensor): Operator => ({ ...op.base([input], to), kind, axes });
    // What the source drops stays as ones; a reshape makes the source's own of it where that is another structure.
    const reduced: Tensor = { ...output, name: `${output.name} kept`, shape };
    if (sameExtent(reduced, output)) return [reduce(output)];
    return [reduce(reduced), { ...op.base([reduced], output), kind: "reshape" }];
  };
}
