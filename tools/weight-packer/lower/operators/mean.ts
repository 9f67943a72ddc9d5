import { OPCODE_MEAN, STEP_MULTIPLIER_1, STEP_SHIFT_1 } from "../../../../assembly/layout.js";
import { extent, type Factor, type Mean, type Tensor } from "../../graph/graph.js";
import { quantisation, quantiseMultiplier } from "../fixed-point.js";
import { type Kernel, ONE_PIXEL } from "../program.js";
import { lowerConvolution } from "./convolution.js";
import { lowerDepthwise } from "./depthwise.js";

/**
 * From a sum of `count` elements, each less its zero point, to the output. TFLite's reference/reduce.h folds the division
 * of a mean into the multiplier: multiplier * 2^k / count, truncated, with 2^k <= count, and k more bits of right shift.
 */
function factorOf(operator: Mean, count: number): Factor {
  const { multiplier, shift } = quantiseMultiplier(
    quantisation(operator.inputs[0]!).scale / quantisation(operator.output).scale,
  );
  if (operator.kind === "sum") return { multiplier, shift };
  const k = Math.min(Math.floor(Math.log2(count)), 32, 31 - shift);
  // Up to 2^63: beyond what a double holds.
  return { multiplier: Number((BigInt(multiplier) << BigInt(k)) / BigInt(count)), shift: shift + k };
}

/** Weights of 1. */
function ones(name: string, shape: number[]): Tensor {
  const data = new Int8Array(shape.reduce((product, n) => product * n, 1)).fill(1);
  return { name, shape, type: "int8", quantization: { scale: [1], zeroPoint: [0], dimension: 0 }, data };
}

/**
 * Mean or sum. Over height and width rows are taken as they come; over others it is a convolution with weights of 1, a
 * depthwise one where the channels stay.
 */
export function lowerMean(operator: Mean): Kernel {
  const { axes, output } = operator;
  const { height, width, channels } = extent(operator.inputs[0]!);
  const kernelHeight = axes.height ? height : 1;
  const kernelWidth = axes.width ? width : 1;
  const factor = factorOf(operator, kernelHeight * kernelWidth * (axes.channels ? channels : 1));
  if (axes.height && axes.width && !axes.channels) {
    return {
      opcode: OPCODE_MEAN,
      clamp: { min: -128, max: 127 },
      words: { [STEP_MULTIPLIER_1]: factor.multiplier, [STEP_SHIFT_1]: factor.shift },
      reduce: true,
      scratchBytes: channels * 4,
      scratchPersistent: true,
    };
  }
  const window = { ...ONE_PIXEL, kernelHeight, kernelWidth, padding: { top: 0, bottom: 0, left: 0, right: 0 } };
  const parts = { ...operator, ...window, factor, activation: "none" as const };
  const name = `${output.name} ones`;
  if (axes.channels) {
    return lowerConvolution({
      ...parts,
      kind: "convolution",
      weights: ones(name, [1, kernelHeight, kernelWidth, channels]),
    });
  }
  const weights = ones(name, [1, kernelHeight, kernelWidth, channels]);
  return lowerDepthwise({ ...parts, kind: "depthwise", weights, channelMultiplier: 1 });
}
