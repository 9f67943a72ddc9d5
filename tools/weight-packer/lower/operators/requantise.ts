import { OPCODE_REQUANTISE, STEP_MULTIPLIER_1, STEP_SHIFT_1 } from "../../../../assembly/layout.js";
import type { Requantise } from "../../graph/graph.js";
import { quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { Kernel } from "../program.js";

/** Change of scale and zero point. Reference: TFLite's quantize.cc and reference/requantize.h. */
export function lowerRequantise(operator: Requantise): Kernel {
  const factor = quantisation(operator.inputs[0]!).scale / quantisation(operator.output).scale;
  const { multiplier, shift } = quantiseMultiplier(factor);
  return {
    opcode: OPCODE_REQUANTISE,
    clamp: { min: -128, max: 127 },
    words: { [STEP_MULTIPLIER_1]: multiplier, [STEP_SHIFT_1]: shift },
  };
}
