import type { LeakyRelu } from "../../graph/graph.js";
import { int8, multiplyWrapping, quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/** Reference: QuantizeLeakyRelu in reference/leaky_relu.h; LeakyReluPrepare (activations.cc) forms the factors in float. */
export function leakyReluFunction(operator: LeakyRelu): ElementFunction {
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const identity = quantiseMultiplier(Math.fround(input.scale / output.scale));
  const alpha = quantiseMultiplier(Math.fround(Math.fround(input.scale * operator.alpha) / output.scale));
  return (q) => {
    const x = q - input.zeroPoint;
    return int8(multiplyWrapping(x, x >= 0 ? identity : alpha) + output.zeroPoint);
  };
}
