import { OPCODE_CONCATENATE, STEP_DEPTH } from "../../../../assembly/layout.js";
import { extent, type Pad, type PadChannels, type Tensor } from "../../graph/graph.js";
import { type Kernel, ONE_PIXEL } from "../program.js";
import { lowerDepthwise } from "./depthwise.js";

/** Rows and pixels by which the engine lets windows leave a map. */
export const MOST_PADDING = 1024;

/**
 * Padding that could not melt into a convolution: a depthwise convolution of one pixel whose weights are 1. Its factor
 * is exactly 1, so it copies (both roundings are of whole numbers), and outside of the map it reads the zero point.
 * Of which value that is says the input's ring; the sums are taken in the output's terms, as the input's bytes are.
 */
export function lowerPad(operator: Pad): Kernel {
  const [input] = operator.inputs as [Tensor];
  const { channels } = extent(input);
  const { quantization } = operator.output;
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
    inputs: [{ ...input, ...(quantization && { quantization }) }],
    kind: "depthwise",
    weights,
    channelMultiplier: 1,
    activation: "none",
  });
}

/** Channels of the input's zero point around its own. Reference: TFLite's reference/pad.h. */
export function lowerPadChannels(operator: PadChannels): Kernel {
  return { opcode: OPCODE_CONCATENATE, clamp: { min: -128, max: 127 }, words: { [STEP_DEPTH]: operator.before } };
}
