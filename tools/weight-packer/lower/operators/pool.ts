import {
  FLAG_UNSIGNED,
  OPCODE_AVERAGE_POOL,
  OPCODE_GLOBAL_AVERAGE_POOL,
  OPCODE_MAX_POOL,
} from "../../../../assembly/layout.js";
import { extent, type Pool } from "../../graph/graph.js";
import { activationRange } from "../fixed-point.js";
import type { Kernel } from "../program.js";
import { stepWindow } from "../window.js";

/**
 * Average and max pool; an average pool over the whole map becomes a reduction that takes rows as they come.
 * Reference: TFLite's integer_ops/pooling.h and pooling.h.
 */
export function lowerPool(operator: Pool): Kernel {
  const clamp = activationRange(operator.activation, operator.output);
  const { height, width, channels } = extent(operator.inputs[0]!);
  const out = extent(operator.output);
  const { padding, kernelHeight, kernelWidth } = operator;
  const flags = operator.unsignedRounding ? FLAG_UNSIGNED : 0;
  if (operator.kind === "max_pool") return { opcode: OPCODE_MAX_POOL, window: stepWindow(operator), clamp };
  const whole =
    out.height * out.width === 1 &&
    padding.top === 0 &&
    padding.left === 0 &&
    kernelHeight >= height &&
    kernelWidth >= width;
  if (!whole) return { opcode: OPCODE_AVERAGE_POOL, flags, window: stepWindow(operator), clamp };
  return {
    opcode: OPCODE_GLOBAL_AVERAGE_POOL,
    flags,
    clamp,
    reduce: true,
    scratchBytes: channels * 4,
    scratchPersistent: true,
  };
}
