import {
  OPCODE_SOFTMAX,
  STEP_DEPTH,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_SHIFT_1,
} from "../../../../assembly/layout.js";
import { extent, type Softmax } from "../../graph/graph.js";
import { quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { Kernel } from "../program.js";

/** Integer bits of the scaled difference (Q5.26). */
const INTEGER_BITS = 5;

/**
 * Softmax over the channels. Reference: TFLite's PreprocessSoftmaxScaling and CalculateInputRadius (quantization_util.cc).
 * Differences from the maximum below -radius would leave Q5.26 and count as 0.
 */
export function lowerSoftmax(operator: Softmax): Kernel {
  // beta is a float32; the product is one of doubles.
  const real = Math.min(
    operator.beta * quantisation(operator.inputs[0]!).scale * 2 ** (31 - INTEGER_BITS),
    2 ** 31 - 1,
  );
  const { multiplier, shift } = quantiseMultiplier(real);
  const radius = Math.floor(((2 ** INTEGER_BITS - 1) * 2 ** (31 - INTEGER_BITS)) / 2 ** -shift);
  return {
    opcode: OPCODE_SOFTMAX,
    clamp: { min: -128, max: 127 },
    words: {
      [STEP_DEPTH]: operator.group ?? extent(operator.output).channels,
      [STEP_MULTIPLIER_1]: multiplier,
      [STEP_SHIFT_1]: shift,
      [STEP_MULTIPLIER_2]: -Math.min(radius, 1024),
    },
    // As SOFTMAX_SCRATCH_BYTES in the engine.
    scratchBytes: 256 * 4,
  };
}
