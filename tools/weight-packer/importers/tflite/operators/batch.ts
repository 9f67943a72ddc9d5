/** SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND. */
import type { BatchToSpace, Padding, SpaceToBatch } from "../../../graph/graph.js";
import type { OperatorView } from "../operator.js";

/** The constants of both: block [2], and what is padded or cut [2, 2]. Stops at what is no block or below 0. */
function readBlock(op: OperatorView): { block: { y: number; x: number }; padding: Padding } {
  const block = op.integers(1, "block");
  const amounts = op.integers(2, "paddings");
  const [y, x] = block;
  const [top, bottom, left, right] = amounts;
  if (block.length !== 2 || !y || !x || y < 1 || x < 1) op.stop(`its block is ${block.join(" x ")}`);
  if (amounts.length !== 4 || amounts.some((n) => n < 0)) op.stop(`its paddings are ${amounts.join(", ")}`);
  return { block: { y, x }, padding: { top: top!, bottom: bottom!, left: left!, right: right! } };
}

/** Input [1, H, W, C], output [y * x, h, w, C] of the same quantisation. TFLite's reference/space_to_batch_nd.h. */
export function readSpaceToBatch(op: OperatorView): SpaceToBatch {
  op.counts(3);
  const input = op.activation(0);
  const output = op.output();
  const { block, padding } = readBlock(op);
  if (input.shape.length !== 4 || input.shape[0] !== 1) op.stop(`'${input.name}' is not 4-dimensional with one batch`);
  const [, height, width, channels] = input.shape as [number, number, number, number];
  const rows = (height + padding.top + padding.bottom) / block.y;
  const pixels = (width + padding.left + padding.right) / block.x;
  op.shape(output, [block.y * block.x, rows, pixels, channels], "output");
  op.sameType(input, output);
  op.sameQuantization(input, output);
  return { ...op.base([input], output), kind: "space_to_batch", block, padding };
}

/** Input [y * x, H, W, C], output [1, h, w, C] of the same quantisation. TFLite's reference/batch_to_space_nd.h. */
export function readBatchToSpace(op: OperatorView): BatchToSpace {
  op.counts(3);
  const input = op.activation(0);
  const output = op.output();
  const { block, padding } = readBlock(op);
  if (input.shape.length !== 4) op.stop(`'${input.name}' is not 4-dimensional`);
  const [batches, height, width, channels] = input.shape as [number, number, number, number];
  op.require(batches === block.y * block.x, `it has ${batches} batches for a block of ${block.y} x ${block.x}`);
  const rows = height * block.y - padding.top - padding.bottom;
  const pixels = width * block.x - padding.left - padding.right;
  op.shape(output, [1, rows, pixels, channels], "output");
  op.sameType(input, output);
  op.sameQuantization(input, output);
  return { ...op.base([input], output), kind: "batch_to_space", block, padding };
}
