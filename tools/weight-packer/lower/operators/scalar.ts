import { type Binary, elements } from "../../graph/graph.js";
import { activationRange, multiplyWrapping, quantisation } from "../fixed-point.js";
import type { ElementFunction } from "../lookup.js";
import { INPUT_SHIFT, operands, productMultiplier, sumMultipliers } from "./binary.js";

/** Whether one operand is a constant of one element. */
export function hasScalar({ constant }: Binary): boolean {
  return constant !== undefined && elements(constant.shape) === 1;
}

/** A sum, difference or product with a constant scalar. Reference: as lowerSum's and lowerProduct's. */
export function scalarFunction(operator: Binary): ElementFunction {
  const [a, b] = operands(operator);
  const zeroPoint = quantisation(operator.output).zeroPoint;
  const { min, max } = activationRange(operator.activation, operator.output);
  const clamp = (scaled: number) => Math.min(max, Math.max(min, scaled + zeroPoint));
  const y = (operator.constant!.data as Int8Array)[0]! - b.zeroPoint;
  if (operator.kind === "mul") {
    const by = productMultiplier(operator);
    return (q) => clamp(multiplyWrapping((q - a.zeroPoint) * y, by));
  }
  const [first, second, out] = sumMultipliers(operator);
  const minus = operator.kind === "sub";
  const sign = { x: minus && operator.swapped ? -1 : 1, y: minus && !operator.swapped ? -1 : 1 };
  const fixed = sign.y * multiplyWrapping(y << INPUT_SHIFT, second);
  return (q) => {
    const x = multiplyWrapping((q - a.zeroPoint) << INPUT_SHIFT, first);
    return clamp(multiplyWrapping(sign.x * x + fixed, out));
  };
}
