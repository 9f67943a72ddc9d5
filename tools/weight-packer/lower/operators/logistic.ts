import type { Logistic } from "../../graph/graph.js";
import { int8, quantisation } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/**
 * 1 / (1 + exp(-x)) in float, as TFLite's own table (LUTPopulate in internal/common.h). exp is rounded from double: its
 * last bit is 2^-24 of the result, far below the half of 2^-8 that decides a rounding.
 */
export function logisticFunction(operator: Logistic): ElementFunction {
  const { fround } = Math;
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const inverse = fround(1 / output.scale);
  return (q) => {
    const x = fround(input.scale * (q - input.zeroPoint));
    const y = fround(1 / fround(1 + fround(Math.exp(-x))));
    // Never negative, so half up is half away from zero.
    return int8(Math.floor(fround(y * inverse) + 0.5) + output.zeroPoint);
  };
}
