/** Weights and biases of convolutions and fully connected operators. */
import { elements, type Tensor } from "../../graph/graph.js";
import { FULL_INTEGER } from "./advice.js";
import { type OperatorView, quantisationFault } from "./operator.js";

/**
 * The weights at input 1: int8 with one scale or one for each index of `dimension` (zero points 0 then), or uint8 with
 * one scale and zero point, as the input's type is. `symmetric`: int8 weights must have zero point 0 even with one
 * scale, as TFLite demands of convolutions. Stops at other types and ranks.
 */
export function readWeights(
  op: OperatorView,
  input: Tensor,
  rank: number,
  dimension: number,
  symmetric: boolean,
): Tensor {
  const weights = op.constant(1, "weights");
  const { name, type, shape, quantization } = weights;
  if (type !== "int8" && type !== "uint8") op.stop(`its weights '${name}' are ${type}`, FULL_INTEGER);
  if (shape.length !== rank) op.stop(`its weights '${name}' have ${shape.length} dimensions instead of ${rank}`);
  if (type !== input.type) op.refuse(`its weights '${name}' are ${type} for an input of ${input.type}`, FULL_INTEGER);
  const fault = quantisationFault(weights);
  if (fault) op.stop(fault, FULL_INTEGER);
  const perChannel = quantization!.scale.length > 1;
  if (perChannel && type === "uint8") op.refuse(`its uint8 weights '${name}' have a scale per channel`);
  if (perChannel && quantization!.dimension !== dimension) {
    op.refuse(`its weights '${name}' have scales along dimension ${quantization!.dimension} instead of ${dimension}`);
  }
  if (type === "int8" && (perChannel || symmetric) && quantization!.zeroPoint.some((z) => z !== 0)) {
    op.refuse(`its weights '${name}' have zero points other than 0`);
  }
  return weights;
}

/** The bias at input 2 (or `input`), if any: int32, one for each output channel, zero point 0. */
export function readBias(op: OperatorView, channels: number, input = 2): Tensor | undefined {
  const bias = op.optionalConstant(input, "biases");
  if (!bias) return undefined;
  op.require(bias.type === "int32", `its biases '${bias.name}' are ${bias.type} instead of int32`, FULL_INTEGER);
  op.require(elements(bias.shape) === channels, `it has ${elements(bias.shape)} biases for ${channels} channels`);
  op.require(
    !bias.quantization?.zeroPoint.some((z) => z !== 0),
    `its biases '${bias.name}' have zero points other than 0`,
  );
  return bias;
}
