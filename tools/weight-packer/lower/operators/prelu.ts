import {
  FLAG_PRELU,
  OPCODE_MULTIPLY,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  STEP_WEIGHT_ZERO_POINT,
  STEP_WEIGHTS,
} from "../../../../assembly/layout.js";
import type { Prelu } from "../../graph/graph.js";
import { int8, type Multiplier, multiplyWrapping, quantisation, quantiseMultiplier } from "../fixed-point.js";
import { held, heldBytes } from "../held.js";
import type { ElementFunction } from "../lookup.js";
import type { Kernel } from "../program.js";

/** Factors of elements above the zero point and of products below it: TFLite's PreluPrepare, which forms them in float. */
function factors(operator: Prelu): [above: Multiplier, below: Multiplier] {
  const { fround } = Math;
  const input = quantisation(operator.inputs[0]!).scale;
  const output = quantisation(operator.output).scale;
  const alpha = quantisation(operator.constant).scale;
  return [quantiseMultiplier(fround(input / output)), quantiseMultiplier(fround(fround(input * alpha) / output))];
}

/** PRELU with an alpha of one element. Reference: reference/prelu.h. */
export function preluFunction(operator: Prelu): ElementFunction {
  const [above, below] = factors(operator);
  const { zeroPoint } = quantisation(operator.inputs[0]!);
  const alpha = (operator.constant.data as Int8Array)[0]! - quantisation(operator.constant).zeroPoint;
  const out = quantisation(operator.output).zeroPoint;
  return (q) => {
    const x = q - zeroPoint;
    return int8((x >= 0 ? multiplyWrapping(x, above) : multiplyWrapping(x * alpha, below)) + out);
  };
}

/** PRELU with an alpha for each channel: a product where elements are below their zero point. Reference: as above. */
export function lowerPrelu(operator: Prelu): Kernel {
  const [above, below] = factors(operator);
  return {
    opcode: OPCODE_MULTIPLY,
    flags: FLAG_PRELU,
    clamp: { min: -128, max: 127 },
    constants: [{ field: STEP_WEIGHTS, bytes: heldBytes(operator.constant.data as Int8Array) }],
    words: {
      [STEP_WEIGHT_ZERO_POINT]: held(quantisation(operator.constant).zeroPoint),
      [STEP_MULTIPLIER_1]: below.multiplier,
      [STEP_SHIFT_1]: below.shift,
      [STEP_MULTIPLIER_2]: above.multiplier,
      [STEP_SHIFT_2]: above.shift,
    },
  };
}
