import { OPCODE_ARG_MAX } from "../../../../assembly/layout.js";
import type { Kernel } from "../program.js";

/** The most channels whose index is a byte; as MOST_CLASSES in the engine. */
export const MOST_CLASSES = 256;

/** Index of the greatest channel. */
export function lowerArgMax(): Kernel {
  return { opcode: OPCODE_ARG_MAX, clamp: { min: -128, max: 127 } };
}
