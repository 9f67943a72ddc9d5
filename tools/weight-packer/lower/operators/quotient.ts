import type { Quotient } from "../../graph/graph.js";
import {
  activationRange,
  doublingHighMultiply,
  multiplyWrapping,
  quantisation,
  quantiseMultiplier,
} from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/** x * 2^exponent, saturated to int32. */
function saturated(x: number, exponent: number): number {
  return Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), x * 2 ** exponent));
}

/** 1 / (1 + a) for a in [0, 1), Q0.31: gemmlowp's one_over_one_plus_x_for_x_in_0_1, three Newton-Raphson steps. */
function reciprocalOfOnePlus(a: number): number {
  const half = Math.floor((a + 2 ** 31) / 2);
  let x = 1515870810 + doublingHighMultiply(half, -1010580540);
  for (let step = 0; step < 3; step++) {
    const error = 2 ** 29 - doublingHighMultiply(half, x);
    x += saturated(doublingHighMultiply(x, error), 2);
  }
  return saturated(x, 1);
}

/** x over y as the reference has it: x shifted left as far as it goes, times the reciprocal, scaled by what is left. */
function divide(x: number, y: number, factor: { multiplier: number; shift: number }): number {
  const [dividend, divisor] = y < 0 ? [-x, -y] : [x, y];
  const leading = Math.clz32(divisor);
  const reciprocal = reciprocalOfOnePlus(divisor * 2 ** leading - 2 ** 31);
  // Sign bits that repeat.
  const headroom = Math.clz32(dividend < 0 ? ~dividend : dividend) - 1;
  const quotient = doublingHighMultiply(dividend * 2 ** headroom, reciprocal);
  const { multiplier, shift } = factor;
  return multiplyWrapping(quotient, { multiplier, shift: shift + 31 - leading + headroom });
}

/**
 * Division by, or of, a constant. Reference: TFLite's reference/div.h, of which the float factor is div.cc's. Where an
 * element stands for zero under a constant, TFLite is undefined; here the quotient saturates.
 */
export function quotientFunction(operator: Quotient): ElementFunction {
  const { fround } = Math;
  const input = quantisation(operator.inputs[0]!);
  const constant = quantisation(operator.constant);
  const output = quantisation(operator.output);
  const { min, max } = activationRange(operator.activation, operator.output);
  const [first, second] = operator.swapped ? [constant, input] : [input, constant];
  const factor = quantiseMultiplier(fround(first.scale / fround(second.scale * output.scale)));
  const value = (operator.constant.data as Int8Array)[0]! - constant.zeroPoint;
  return (q) => {
    const element = q - input.zeroPoint;
    const [x, y] = operator.swapped ? [value, element] : [element, value];
    if (y === 0) return x < 0 ? min : max;
    return Math.min(max, Math.max(min, divide(x, y, factor) + output.zeroPoint));
  };
}
