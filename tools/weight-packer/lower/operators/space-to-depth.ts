import { type Blocks, extent, type Tensor } from "../../graph/graph.js";
import { type Kernel, ONE_PIXEL } from "../program.js";
import { lowerConvolution } from "./convolution.js";

/** Blocks of pixels to channels: a convolution of the block's size and stride with weights of 0 and 1, which copies. */
export function lowerSpaceToDepth(operator: Blocks): Kernel {
  const { block, output } = operator;
  const { channels } = extent(output);
  const weights: Tensor = {
    name: `${output.name} selection`,
    shape: [channels, block, block, channels / block / block],
    type: "int8",
    quantization: { scale: [1], zeroPoint: [0], dimension: 0 },
    // Weights of one output are in the order of its inputs: block rows, block columns, channels, as the outputs are.
    data: Int8Array.from({ length: channels * channels }, (_, k) => Number(Math.floor(k / channels) === k % channels)),
  };
  return lowerConvolution({
    ...operator,
    ...ONE_PIXEL,
    kind: "convolution",
    weights,
    kernelHeight: block,
    kernelWidth: block,
    strideY: block,
    strideX: block,
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    activation: "none",
  });
}
