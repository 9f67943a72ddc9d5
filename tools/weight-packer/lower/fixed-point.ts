/**
 * How real factors become integers, and what the engine will make of an accumulator: TFLite's quantization_util.cc and
 * kernel_util.cc in JavaScript. Scales are float32 values held in numbers; `Math.fround` marks where TFLite computes in
 * float.
 */
import type { Activation, Tensor } from "../graph/graph.js";

/** A factor as multiplier * 2^(-31 - shift): multiplier in [2^30, 2^31) or 0, shift to the right (negative = left). */
export interface Multiplier {
  multiplier: number;
  shift: number;
}

/** Fraction in [1/2, 1) and exponent of a positive finite number, as C's frexp. */
function frexp(value: number): { fraction: number; exponent: number } {
  let exponent = Math.max(-1023, Math.floor(Math.log2(value)) + 1);
  let fraction = value * 2 ** -exponent;
  while (fraction >= 1) {
    fraction /= 2;
    exponent++;
  }
  while (fraction < 0.5) {
    fraction *= 2;
    exponent--;
  }
  return { fraction, exponent };
}

/** TFLite's QuantizeMultiplier: factor >= 0; factors below 2^-32 or so become 0. */
export function quantiseMultiplier(factor: number): Multiplier {
  if (factor === 0) return { multiplier: 0, shift: 0 };
  let { fraction, exponent } = frexp(factor);
  let multiplier = Math.round(fraction * 2 ** 31);
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    exponent++;
  }
  if (exponent < -31) return { multiplier: 0, shift: 0 };
  return { multiplier, shift: -exponent === 0 ? 0 : -exponent };
}

/** floor((a * b + 2^30) / 2^31) for int32 a and b: the engine's doublingHighMultiply. */
export function doublingHighMultiply(a: number, b: number): number {
  return Number((BigInt(a) * BigInt(b) + (1n << 30n)) >> 31n);
}

/**
 * x / 2^exponent to nearest, half away from zero: the engine's divideByPowerOfTwo. Exponents above 31, which only DIV has,
 * are outside of what the reference's RoundingDivideByPOT is made for: its mask is -1 then, so it adds one to what is not
 * below zero, and how far it shifts is the processor's doing: x86 takes the lowest five bits.
 */
export function divideByPowerOfTwo(x: number, exponent: number): number {
  if (exponent > 31) return (x >> (exponent & 31)) + (x >= 0 ? 1 : 0);
  const half = exponent ? 2 ** (exponent - 1) : 0;
  return Math.floor((x + half - (x < 0 && exponent ? 1 : 0)) / 2 ** exponent);
}

/** The engine's multiplyByMultiplier for an int32 accumulator; a left shift wraps as there and in TFLite. */
export function multiplyWrapping(x: number, { multiplier, shift }: Multiplier): number {
  if (shift < 0) return doublingHighMultiply(x << -shift, multiplier);
  return divideByPowerOfTwo(doublingHighMultiply(x, multiplier), shift);
}

/**
 * The same.
 *
 * @returns undefined where a left shift overflows int32 (the engine wraps then)
 */
export function multiplyByMultiplier(x: number, by: Multiplier): number | undefined {
  return by.shift < 0 && Math.abs(x * 2 ** -by.shift) >= 2 ** 31 ? undefined : multiplyWrapping(x, by);
}

/** Nearest int8. */
export function int8(x: number): number {
  return Math.min(127, Math.max(-128, x));
}

/** Scale and zero point of an activation (one of each, checked by the importer). */
export function quantisation(tensor: Tensor): { scale: number; zeroPoint: number } {
  return { scale: tensor.quantization?.scale[0] ?? 1, zeroPoint: tensor.quantization?.zeroPoint[0] ?? 0 };
}

/** The int8 range that a fused activation leaves: TFLite's CalculateActivationRangeQuantized. */
export function activationRange(activation: Activation, output: Tensor): { min: number; max: number } {
  const { scale, zeroPoint } = quantisation(output);
  const quantised = (value: number) => {
    const x = Math.fround(value / scale);
    return zeroPoint + Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
  };
  const [low, high] = { none: [], relu: [0], relu6: [0, 6], relu_n1_to_1: [-1, 1], relu_0_to_1: [0, 1] }[
    activation
  ] as number[];
  return {
    min: low === undefined ? -128 : int8(quantised(low)),
    max: high === undefined ? 127 : int8(quantised(high)),
  };
}
