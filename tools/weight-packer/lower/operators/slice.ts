import { OPCODE_CONCATENATE, STEP_DEPTH } from "../../../../assembly/layout.js";
import { extent, type Slice, type Tensor } from "../../graph/graph.js";
import type { Kernel } from "../program.js";
import { lowerConvolution } from "./convolution.js";
import { lowerDepthwise } from "./depthwise.js";

/** Weights of 0 and 1, of which each output takes one input: the factor is exactly 1, so bytes are copied. */
function selection(name: string, shape: number[], places: readonly number[]): Tensor {
  const data = new Int8Array(shape.reduce((product, n) => product * n, 1));
  for (const place of places) data[place] = 1;
  return { name, shape, type: "int8", quantization: { scale: [1], zeroPoint: [0], dimension: 0 }, data };
}

/**
 * A range of rows, pixels and channels. Consecutive channels are copied; rows and pixels are a depthwise convolution
 * with a single tap, as far below and right of its window's beginning as the range begins; the rest is a convolution with
 * that tap. Rows are taken as they come.
 */
export function lowerSlice(operator: Slice): Kernel {
  const { begin, stride, output } = operator;
  const input = extent(operator.inputs[0]!);
  const { height, width, channels } = extent(output);
  const wholeMap = height === input.height && width === input.width;
  if (wholeMap && stride.channel === 1) {
    return { opcode: OPCODE_CONCATENATE, clamp: { min: -128, max: 127 }, words: { [STEP_DEPTH]: begin.channel } };
  }
  const kernelHeight = begin.y ? 2 : 1;
  const kernelWidth = begin.x ? 2 : 1;
  const window = {
    kernelHeight,
    kernelWidth,
    strideY: stride.y,
    strideX: stride.x,
    dilationY: begin.y || 1,
    dilationX: begin.x || 1,
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    activation: "none" as const,
  };
  const name = `${output.name} selection`;
  const taps = kernelHeight * kernelWidth;
  const each = Array.from({ length: channels }, (_, c) => c);
  if (channels === input.channels) {
    const places = each.map((c) => (taps - 1) * channels + c);
    const weights = selection(name, [1, kernelHeight, kernelWidth, channels], places);
    return lowerDepthwise({ ...operator, ...window, kind: "depthwise", weights, channelMultiplier: 1 });
  }
  const places = each.map((c) => (c * taps + taps - 1) * input.channels + begin.channel + c * stride.channel);
  const weights = selection(name, [channels, kernelHeight, kernelWidth, input.channels], places);
  return lowerConvolution({ ...operator, ...window, kind: "convolution", weights });
}
