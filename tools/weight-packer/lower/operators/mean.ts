import { OPCODE_MEAN, STEP_MULTIPLIER_1, STEP_SHIFT_1 } from "../../../../assembly/layout.js";
import { extent, type Mean } from "../../graph/graph.js";
import { quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { Kernel } from "../program.js";

/**
 * Mean over height and width. TFLite's reference/reduce.h folds the division by the number of pixels n into the
 * multiplier: multiplier * 2^k / n, truncated, with 2^k <= n, and k more bits of right shift.
 */
export function lowerMean(operator: Mean): Kernel {
  const { height, width, channels } = extent(operator.inputs[0]!);
  const pixels = height * width;
  const factor = quantisation(operator.inputs[0]!).scale / quantisation(operator.output).scale;
  const { multiplier, shift } = quantiseMultiplier(factor);
  const k = Math.min(Math.floor(Math.log2(pixels)), 32, 31 - shift);
  return {
    opcode: OPCODE_MEAN,
    clamp: { min: -128, max: 127 },
    words: {
      [STEP_MULTIPLIER_1]: Math.floor((multiplier * 2 ** k) / pixels),
      [STEP_SHIFT_1]: shift + k,
    },
    reduce: true,
    scratchBytes: channels * 4,
    scratchPersistent: true,
  };
}
