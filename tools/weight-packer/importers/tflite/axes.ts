/** Dimensions of a source's tensors as height, width and channels. */
import type { Tensor } from "../../graph/graph.js";
import type { OperatorView } from "./operator.js";

export type Axis = "height" | "width" | "channels";
const AXES: readonly Axis[] = ["height", "width", "channels"];

/**
 * Which of height, width and channels a dimension is: counted from the last, the first (the batch) left out where there
 * is more than one. Undefined for the batch and for what is no dimension.
 */
export function axisOf({ shape }: Tensor, dimension: number): Axis | undefined {
  const rank = shape.length;
  const d = dimension < 0 ? dimension + rank : dimension;
  if (d < (rank > 1 ? 1 : 0) || d >= rank) return undefined;
  return AXES[d - rank + AXES.length];
}

/** The same; stops at the batch and at what is no dimension. */
export function readAxis(op: OperatorView, tensor: Tensor, dimension: number): Axis {
  return axisOf(tensor, dimension) ?? op.stop(`its axis is ${dimension}, which is no row, pixel or channel`);
}
