import type { Unary } from "../../graph/graph.js";
import {
  doublingHighMultiply,
  int8,
  type Multiplier,
  multiplyWrapping,
  quantisation,
  quantiseMultiplier,
} from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";

const { fround } = Math;

/** Half away from zero. */
function round(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

/** 1 - erf(x) to more digits than float32 has: a series, and for large x, where that cancels, a continued fraction. */
function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < 2.5) {
    let term = 2 * x;
    let sum = term;
    for (let n = 1; n < 80; n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return 1 - scale * sum;
  }
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction);
  return scale / (x + fraction);
}

/** Functions of a float32, each operation rounded as the reference's. The C library's last bit may differ. */
const FUNCTIONS: Partial<Record<Unary["function"], (x: number, least: number) => number>> = {
  exp: (x) => fround(Math.exp(x)),
  gelu: (x) => fround(fround(0.5 * x) * fround(erfc(fround(x * fround(-Math.SQRT1_2))))),
  gelu_approximate: (x) => {
    const cube = fround(fround(fround(fround(0.044715) * x) * x) * x);
    const inner = fround(fround(Math.sqrt(2 / Math.PI)) * fround(x + cube));
    return fround(fround(0.5 * x) * fround(1 + fround(Math.tanh(inner))));
  },
  log: (x, least) => (x <= 0 ? least : fround(Math.log(x))),
  tanh: (x) => fround(Math.tanh(x)),
};

/** 1 / sqrt(sum) as a multiplier of 31 bits and a right shift: GetInvSqrtQuantizedMultiplierExp. sum >= 1. */
function inverseRoot(sum: number): Multiplier {
  if (sum <= 1) return { multiplier: 2 ** 31 - 1, shift: 0 };
  const pairs = (Math.clz32(sum) - 1) >> 1;
  const half = ((Math.floor((sum * 4 ** pairs) / 4) >> 1) + 1) >> 1;
  let x = 2 ** 28;
  for (let step = 0; step < 5; step++) {
    const cube = doublingHighMultiply(doublingHighMultiply(x, x), x) * 2 ** 6;
    x = (doublingHighMultiply(3 * 2 ** 27, x) - doublingHighMultiply(half, cube)) * 2 ** 3;
  }
  const multiplier = doublingHighMultiply(x, 1518500250);
  const shift = 12 - pairs;
  return shift < 0 ? { multiplier: multiplier * 2 ** -shift, shift: 0 } : { multiplier, shift };
}

/** Bits of fraction between the two multiplications of RSQRT. */
const ROOT_BITS = 20;

/** ABS, RSQRT and SQRT: TFLite's kernels/elementwise.cc. NEG: neg.cc, which negates bytes and wraps. */
function elementwise(operator: Unary): ElementFunction | undefined {
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  switch (operator.function) {
    case "neg":
      return (q) => (-q << 24) >> 24;
    case "abs": {
      const same = input.scale === output.scale;
      const by = quantiseMultiplier(fround(input.scale / output.scale));
      return (q) => {
        const x = Math.abs(q - input.zeroPoint);
        return int8((same ? x : multiplyWrapping(x, by)) + output.zeroPoint);
      };
    }
    case "rsqrt": {
      const by = quantiseMultiplier(1 / fround(fround(Math.sqrt(input.scale)) * output.scale));
      return (q) => {
        // TFLite stops below zero.
        if (q <= input.zeroPoint) return 127;
        const { multiplier, shift } = inverseRoot(q - input.zeroPoint);
        const root = multiplyWrapping(1, { multiplier, shift: shift - ROOT_BITS });
        const scaled = multiplyWrapping(root, { multiplier: by.multiplier, shift: by.shift + ROOT_BITS });
        return int8(scaled + output.zeroPoint);
      };
    }
    case "sqrt":
      return (q) => {
        // TFLite stops below zero.
        const x = Math.max(0, fround(input.scale * (q - input.zeroPoint)));
        return int8(Math.trunc(fround(fround(Math.sqrt(x)) / output.scale)) + output.zeroPoint);
      };
    default:
      return undefined;
  }
}

/** A named function. Reference: TFLite's own tables (LUTPopulate in internal/common.h), or the arithmetic above. */
export function unaryFunction(operator: Unary): ElementFunction {
  const f = FUNCTIONS[operator.function];
  if (!f) return elementwise(operator)!;
  const input = quantisation(operator.inputs[0]!);
  const output = quantisation(operator.output);
  const inverse = fround(1 / output.scale);
  const least = fround(fround(-128 - output.zeroPoint) * output.scale);
  return (q) => {
    const x = fround(input.scale * (q - input.zeroPoint));
    return int8(fround(round(fround(f(x, least) * inverse)) + output.zeroPoint));
  };
}
