import {
  OPCODE_ADD,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  STEP_SHIFT_OUT,
} from "../../../../assembly/layout.js";
import type { Add } from "../../graph/graph.js";
import { activationRange, quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { Kernel } from "../program.js";

/** Left shift of the inputs: 8 bits of value and 20 of fraction leave room in int32. */
const INPUT_SHIFT = 20;

/** Element-wise sum. Reference: TFLite's add.cc (factors) and integer_ops/add.h. */
export function lowerAdd(operator: Add): Kernel {
  const [a, b] = operator.inputs.map((tensor) => quantisation(tensor).scale) as [number, number];
  const twice = 2 * Math.max(a, b);
  const first = quantiseMultiplier(a / twice);
  const second = quantiseMultiplier(b / twice);
  const out = quantiseMultiplier(twice / (2 ** INPUT_SHIFT * quantisation(operator.output).scale));
  return {
    opcode: OPCODE_ADD,
    clamp: activationRange(operator.activation, operator.output),
    words: {
      [STEP_MULTIPLIER_1]: first.multiplier,
      [STEP_SHIFT_1]: first.shift,
      [STEP_MULTIPLIER_2]: second.multiplier,
      [STEP_SHIFT_2]: second.shift,
      [STEP_MULTIPLIER_OUT]: out.multiplier,
      [STEP_SHIFT_OUT]: out.shift,
    },
  };
}
