/** RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR. */
import type { Resize } from "../../../graph/graph.js";
import { RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR } from "../fields.js";
import type { OperatorView } from "../operator.js";

/**
 * Input [1, H, W, C] and a constant size [2]; output [1, h, w, C] in the input's terms. Follows TFLite's
 * kernels/resize_bilinear.cc and resize_nearest_neighbor.cc.
 */
function readResize(op: OperatorView, method: Resize["method"]): Resize {
  op.counts(2);
  const input = op.activation(0);
  const output = op.output();
  const size = op.integers(1, "size");
  const fields = method === "bilinear" ? RESIZE_BILINEAR : RESIZE_NEAREST_NEIGHBOR;
  const alignCorners = op.options?.bool(fields.alignCorners) ?? false;
  const halfPixelCenters = op.options?.bool(fields.halfPixelCenters) ?? false;
  if (input.shape.length !== 4) op.stop(`'${input.name}' is not 4-dimensional`);
  op.shape(output, [1, ...size, input.shape[3]!], "output");
  op.sameType(input, output);
  op.sameQuantization(input, output);
  op.require(
    !(alignCorners && halfPixelCenters),
    "it has both align_corners and half_pixel_centers, which TFLite refuses",
  );
  return { ...op.base([input], output), kind: "resize", method, alignCorners, halfPixelCenters };
}

/** RESIZE_BILINEAR; see readResize. */
export const readResizeBilinear = (op: OperatorView): Resize => readResize(op, "bilinear");
/** RESIZE_NEAREST_NEIGHBOR; see readResize. */
export const readResizeNearest = (op: OperatorView): Resize => readResize(op, "nearest");
