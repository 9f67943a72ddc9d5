import type { Rescale } from "../../graph/graph.js";
import { int8, quantisation } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/** From int8 terms to the source's uint8. */
const UNSIGNED = 128;

/** Reference: ConcatenationWithScaling in reference/concatenation.h: float, on uint8 values, half away from zero. */
export function rescaleFunction(operator: Rescale): ElementFunction {
  const { fround } = Math;
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const scale = fround(input.scale * fround(1 / output.scale));
  const bias = fround(-(input.zeroPoint + UNSIGNED) * scale);
  return (q) => {
    const value = fround(fround((q + UNSIGNED) * scale) + bias);
    return int8(Math.sign(value) * Math.floor(Math.abs(value) + 0.5) + output.zeroPoint);
  };
}
