import type { HardSwish } from "../../graph/graph.js";
import { divideByPowerOfTwo, int8, type Multiplier, quantisation, quantiseMultiplier } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

/** Nearest int16. */
function int16(x: number): number {
  return Math.min(32767, Math.max(-32768, x));
}

/** A multiplier of 15 bits: TFLite's DownScaleInt32ToInt16Multiplier. */
function narrow({ multiplier, shift }: Multiplier): Multiplier {
  return { multiplier: int16(Math.floor((multiplier + 2 ** 15) / 2 ** 16)), shift };
}

/**
 * divideByPowerOfTwo of an int16. From 16 bits on the reference's mask is -1, as its type is int16, too: what is left of x
 * is its sign, and what is not below zero has one added.
 */
function divide16(x: number, exponent: number): number {
  return exponent < 16 ? divideByPowerOfTwo(x, exponent) : x < 0 ? -1 : 1;
}

/** High half of the doubled product of int16, rounded half up. */
function roundedProduct(a: number, b: number): number {
  return Math.floor((a * b + 2 ** 14) / 2 ** 15);
}

/**
 * x * relu6(x + 3) / 6 in 16-bit fixed point. Reference: reference/hard_swish.h and HardSwishPrepare (activations.cc),
 * which forms the factors in float: x on the output's scale times a gate in 0..1, which is x times 1/3, saturated at
 * both ends, halved and moved up by a half. The last product truncates, to cancel the bias of the others.
 */
export function hardSwishFunction(operator: HardSwish): ElementFunction {
  const { fround } = Math;
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const fine = fround(input.scale / 128);
  const scaling = narrow(quantiseMultiplier(fround(fine / output.scale)));
  const gating = narrow(quantiseMultiplier(fround(fine / fround(3 / 32768))));
  const left = -gating.shift;
  return (q) => {
    const x = (q - input.zeroPoint) * 128;
    // Shifts left in two parts, so that only the last bit's saturation counts.
    let gate = left > 0 ? int16(x * 2 ** (left - 1)) : x;
    gate = roundedProduct(gate, gating.multiplier);
    if (left > 0) gate = int16(2 * gate);
    if (left < 0) gate = divide16(gate, -left);
    gate = (gate + 2 ** 15) >> 1;
    const product = Math.trunc((gate * roundedProduct(x, scaling.multiplier)) / 2 ** 15);
    return int8(divide16(product, scaling.shift) + output.zeroPoint);
  };
}
