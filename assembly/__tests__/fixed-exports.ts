/** fixed.ts for tests/engine/fixed.test.ts, which compiles this. */
import {
  divideByPowerOfTwo,
  doublingHighMultiply,
  multiplyByDouble,
  multiplyByMultiplier,
  multiplyVector,
  vectorFirstHigh,
  vectorFirstLow,
  vectorNegative,
  vectorRound,
  vectorScale,
  vectorShift,
} from "../fixed";

export { divideByPowerOfTwo, doublingHighMultiply, multiplyByDouble, multiplyByMultiplier };

/** i32 x 4 inputs, i32 x 4 multipliers, i32 x 4 results, i8 x 4 shifts. */
const lanes = memory.data(64, 16);

/** Address of the lanes. */
export function lanesAddress(): usize {
  return lanes;
}

/** multiplyVector on the lanes. */
export function multiplyLanes(): void {
  const shifts = lanes + 48;
  const common = vectorShift(shifts);
  const scale = vectorScale(shifts, common);
  const result = multiplyVector(
    v128.load(lanes),
    scale,
    v128.load(lanes, 16),
    vectorFirstLow(scale, common),
    vectorFirstHigh(scale, common),
    vectorRound(scale, common),
    vectorNegative(scale, common),
    common,
  );
  v128.store(lanes, result, 32);
}
