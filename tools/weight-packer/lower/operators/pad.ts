import { extent, type Pad, type Tensor } from "../../graph/graph.js";
import { type Kernel, ONE_PIXEL } from "../program.js";
import { lowerDepthwise } from "./depthwise.js";

/** Rows and pixels by which the engine lets windows leave a map. */
export const MOST_PADDING = 1024;

/**
 * Padding that could not melt into a convolution: a depthwise convolution of one pixel whose weights are 1. Its factor
 * is exactly 1, so it copies (both roundings are of whole numbers), and outside of the map it reads the zero point.
 */
export function lowerPad(operator: Pad): Kernel {
  const { channels } = extent(operator.inputs[0]!);
  const weights: Tensor = {
    name: `${operator.output.name} ones`,
    shape: [1, 1, 1, channels],
    type: "int8",
    quantization: { scale: [1], zeroPoint: [0], dimension: 0 },
    data: new Int8Array(channels).fill(1),
  };
  return lowerDepthwise({
    ...operator,
    ...ONE_PIXEL,
    kind: "depthwise",
    weights,
    channelMultiplier: 1,
    activation: "none",
  });
}
