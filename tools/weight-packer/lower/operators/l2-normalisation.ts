import { FLAG_UNSIGNED, OPCODE_L2_NORMALISE } from "../../../../assembly/layout.js";
import type { L2Normalisation } from "../../graph/graph.js";
import type { Kernel } from "../program.js";

/** The most channels whose squares' sum fits int32, here and in TFLite. */
export const MOST_SQUARES = 33025;

/** Each pixel's channels over their length. Reference: TFLite's l2normalization.h. */
export function lowerL2Normalisation(operator: L2Normalisation): Kernel {
  return {
    opcode: OPCODE_L2_NORMALISE,
    flags: operator.unsignedRounding ? FLAG_UNSIGNED : 0,
    clamp: { min: -128, max: 127 },
  };
}
