import type { Requantise } from "../../graph/graph.js";
import { int8, multiplyWrapping, quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/** Change of scale and zero point. Reference: TFLite's quantize.cc and reference/requantize.h. */
export function requantiseFunction(operator: Requantise): ElementFunction {
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const by = quantiseMultiplier(input.scale / output.scale);
  return (q) => int8(multiplyWrapping(q - input.zeroPoint, by) + output.zeroPoint);
}
