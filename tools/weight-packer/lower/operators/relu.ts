import type { Relu } from "../../graph/graph.js";
import { activationRange, multiplyWrapping, quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/** RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1. Reference: ReluX in reference_ops.h; the factor is one of floats. */
export function reluFunction(operator: Relu): ElementFunction {
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const by = quantiseMultiplier(Math.fround(input.scale / output.scale));
  const { min, max } = activationRange(operator.activation, operator.output);
  return (q) => Math.min(max, Math.max(min, multiplyWrapping(q - input.zeroPoint, by) + output.zeroPoint));
}
