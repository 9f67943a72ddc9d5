/**
 * Sums, differences and products of elements. `parameters` says what the reference makes of the scales; two steps use it:
 * the row kernels here, and the table of a constant scalar (operators/scalar.ts).
 */
import {
  FLAG_MINUS_1,
  FLAG_MINUS_2,
  OPCODE_ADD,
  OPCODE_MULTIPLY,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_PLANE,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  STEP_SHIFT_OUT,
  STEP_WEIGHT_ZERO_POINT,
  STEP_WEIGHTS,
} from "../../../../assembly/layout.js";
import type { Binary } from "../../graph/graph.js";
import { bytesOf } from "../channels.js";
import { activationRange, type Multiplier, quantisation, quantiseMultiplier } from "../fixed-point.js";
import { held, heldBytes } from "../held.js";
import { findPlane } from "../plane.js";
import type { Kernel } from "../program.js";

/** Left shift of the operands of a sum: 8 bits of value and 20 of fraction leave room in int32. */
export const INPUT_SHIFT = 20;

/** Scale and zero point of both operands, the activation first. */
export function operands({
  inputs,
  constant,
}: Binary): [a: ReturnType<typeof quantisation>, b: ReturnType<typeof quantisation>] {
  return [quantisation(inputs[0]!), quantisation(constant ?? inputs[1]!)];
}

/** Multipliers of a sum: of both operands to twice the larger scale, and of their sum to the output. TFLite's add.cc. */
export function sumMultipliers(operator: Binary): [first: Multiplier, second: Multiplier, out: Multiplier] {
  const [a, b] = operands(operator);
  const twice = 2 * Math.max(a.scale, b.scale);
  return [
    quantiseMultiplier(a.scale / twice),
    quantiseMultiplier(b.scale / twice),
    quantiseMultiplier(twice / (2 ** INPUT_SHIFT * quantisation(operator.output).scale)),
  ];
}

/** Multiplier of a product to the output. TFLite's mul.cc computes it in float. */
export function productMultiplier(operator: Binary): Multiplier {
  const [a, b] = operands(operator);
  return quantiseMultiplier(Math.fround(Math.fround(a.scale * b.scale) / quantisation(operator.output).scale));
}

/** Where a constant lies, if there is one: a byte for each channel. */
function constantWords(operator: Binary): Pick<Required<Kernel>, "constants" | "words"> {
  const { constant } = operator;
  if (!constant) return { constants: [], words: {} };
  return {
    constants: [{ field: STEP_WEIGHTS, bytes: heldBytes(constant.data as Int8Array) }],
    words: { [STEP_WEIGHT_ZERO_POINT]: held(quantisation(constant).zeroPoint) },
  };
}

/** The plane of a sum of two tensors, if there is one. */
function planeOf(operator: Binary, clamp: { min: number; max: number }): Kernel["constants"] {
  if (operator.constant) return [];
  const [first, second, out] = sumMultipliers(operator);
  const [a, b] = operands(operator);
  const plane = findPlane({
    first,
    second,
    out,
    inputShift: INPUT_SHIFT,
    zeros: [a.zeroPoint, b.zeroPoint, quantisation(operator.output).zeroPoint],
    signs: operator.kind !== "sub" ? [1, 1] : operator.swapped ? [-1, 1] : [1, -1],
    clamp,
  });
  if (!plane) return [];
  return [{ field: STEP_PLANE, bytes: bytesOf(Int32Array.of(plane.first, plane.second, plane.round, plane.shift)) }];
}

/** Element-wise sum or difference. Reference: TFLite's integer_ops/add.h and sub.h. */
export function lowerSum(operator: Binary): Kernel {
  const [first, second, out] = sumMultipliers(operator);
  const { constants, words } = constantWords(operator);
  const clamp = activationRange(operator.activation, operator.output);
  return {
    opcode: OPCODE_ADD,
    flags: operator.kind === "sub" ? (operator.swapped ? FLAG_MINUS_1 : FLAG_MINUS_2) : 0,
    clamp,
    constants: [...constants, ...(planeOf(operator, clamp) ?? [])],
    words: {
      ...words,
      [STEP_MULTIPLIER_1]: first.multiplier,
      [STEP_SHIFT_1]: first.shift,
      [STEP_MULTIPLIER_2]: second.multiplier,
      [STEP_SHIFT_2]: second.shift,
      [STEP_MULTIPLIER_OUT]: out.multiplier,
      [STEP_SHIFT_OUT]: out.shift,
    },
  };
}

/** Element-wise product. Reference: TFLite's integer_ops/mul.h. */
export function lowerProduct(operator: Binary): Kernel {
  const { multiplier, shift } = productMultiplier(operator);
  const { constants, words } = constantWords(operator);
  return {
    opcode: OPCODE_MULTIPLY,
    clamp: activationRange(operator.activation, operator.output),
    constants,
    words: { ...words, [STEP_MULTIPLIER_1]: multiplier, [STEP_SHIFT_1]: shift },
  };
}
