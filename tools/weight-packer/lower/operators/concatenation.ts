import { OPCODE_CONCATENATE } from "../../../../assembly/layout.js";
import type { Kernel } from "../program.js";

/** Two tensors side by side in the channels. Reference: TFLite's reference/concatenation.h. */
export function lowerConcatenation(): Kernel {
  return { opcode: OPCODE_CONCATENATE, clamp: { min: -128, max: 127 } };
}
