/** SPACE_TO_DEPTH and DEPTH_TO_SPACE. */
import type { Blocks } from "../../../graph/graph.js";
import { BLOCK } from "../fields.js";
import type { OperatorView } from "../operator.js";

/**
 * Input [1, H, W, C] and a block b; output [1, H / b, W / b, C * b * b], or [1, H * b, W * b, C / b / b]. TFLite's
 * reference/space_to_depth.h and depth_to_space.h.
 */
export function blocksReader(kind: Blocks["kind"]): (op: OperatorView) => Blocks {
  return (op) => {
    op.counts(1);
    const input = op.activation(0);
    const output = op.output();
    const block = op.options?.int32(BLOCK.size) ?? 0;
    if (input.shape.length !== 4) op.stop(`'${input.name}' is not 4-dimensional`);
    if (block < 1) op.stop(`its block is ${block}`);
    const [, height, width, channels] = input.shape as [number, number, number, number];
    const shape =
      kind === "space_to_depth"
        ? [1, height / block, width / block, channels * block * block]
        : [1, height * block, width * block, channels / block / block];
    op.shape(output, shape, "output");
    op.sameType(input, output);
    op.sameQuantization(input, output);
    return { ...op.base([input], output), kind, block };
  };
}
