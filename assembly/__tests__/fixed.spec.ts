import {
  clamp,
  divideByPowerOfTwo,
  doublingHighMultiply,
  expOfNegative,
  multiplyByDouble,
  multiplyByMultiplier,
  reciprocalOfOnePlus,
  vectorNegative,
  vectorRound,
  vectorScale,
  vectorShift,
} from "../fixed";

const HALF: i32 = 1 << 30;

describe("doublingHighMultiply", () => {
  it("is the high half of the doubled product, rounded half up", () => {
    expect(doublingHighMultiply(7, HALF)).toBe(4);
    expect(doublingHighMultiply(-7, HALF)).toBe(-3);
    expect(doublingHighMultiply(6, HALF)).toBe(3);
    expect(doublingHighMultiply(i32.MAX_VALUE, i32.MAX_VALUE)).toBe(i32.MAX_VALUE - 1);
    expect(doublingHighMultiply(i32.MIN_VALUE, i32.MAX_VALUE)).toBe(-i32.MAX_VALUE);
  });
});

describe("divideByPowerOfTwo", () => {
  it("rounds half away from zero", () => {
    expect(divideByPowerOfTwo(5, 1)).toBe(3);
    expect(divideByPowerOfTwo(-5, 1)).toBe(-3);
    expect(divideByPowerOfTwo(6, 2)).toBe(2);
    expect(divideByPowerOfTwo(-6, 2)).toBe(-2);
    expect(divideByPowerOfTwo(5, 2)).toBe(1);
    expect(divideByPowerOfTwo(-5, 2)).toBe(-1);
    expect(divideByPowerOfTwo(-7, 2)).toBe(-2);
    expect(divideByPowerOfTwo(123, 0)).toBe(123);
    expect(divideByPowerOfTwo(i32.MIN_VALUE, 31)).toBe(-1);
    expect(divideByPowerOfTwo(i32.MAX_VALUE, 31)).toBe(1);
    expect(divideByPowerOfTwo(HALF - 1, 31)).toBe(0);
  });
});

describe("multiplyByMultiplier", () => {
  it("rounds twice", () => {
    expect(multiplyByMultiplier(1000, HALF, 0)).toBe(500);
    expect(multiplyByMultiplier(1000, HALF, 3)).toBe(63); // 500 / 8 = 62.5
    expect(multiplyByMultiplier(-1000, HALF, 3)).toBe(-63);
    expect(multiplyByMultiplier(1, HALF, 1)).toBe(1); // 1/4: up to 1, then 1/2 up to 1
    expect(multiplyByMultiplier(-1, HALF, 1)).toBe(0);
    expect(multiplyByMultiplier(77, HALF, -1)).toBe(77);
    expect(multiplyByMultiplier(77, HALF, -3)).toBe(308);
  });
});

describe("multiplyByDouble", () => {
  it("rounds half away from zero, and never traps", () => {
    expect(multiplyByDouble(5, 0.5)).toBe(3);
    expect(multiplyByDouble(-5, 0.5)).toBe(-3);
    expect(multiplyByDouble(1, 0.49999999999999994)).toBe(0);
    expect(multiplyByDouble(i32.MAX_VALUE, 4.0)).toBe(i32.MAX_VALUE);
    expect(multiplyByDouble(i32.MIN_VALUE, 4.0)).toBe(i32.MIN_VALUE);
    expect(multiplyByDouble(1, Infinity)).toBe(i32.MAX_VALUE);
    expect(multiplyByDouble(1, NaN)).toBe(i32.MIN_VALUE);
    expect(multiplyByDouble(0, Infinity)).toBe(i32.MIN_VALUE); // NaN again
  });
});

describe("clamp", () => {
  it("keeps within the bounds", () => {
    expect(clamp(-5, -3, 4)).toBe(-3);
    expect(clamp(5, -3, 4)).toBe(4);
    expect(clamp(1, -3, 4)).toBe(1);
  });
});

describe("expOfNegative", () => {
  it("is exp to 22 bits over the whole range of Q5.26", () => {
    expect(expOfNegative(0)).toBe(i32.MAX_VALUE);
    let worst = 0.0;
    for (let i = 1; i < 20000; ++i) {
      const a = -i * 107000; // down to -31.9
      const got = <f64>expOfNegative(a) / 2147483648.0;
      worst = max(worst, abs(got - Math.exp(<f64>a / 67108864.0)));
    }
    expect(worst).toBeLessThan(1.0 / 4194304.0); // the polynomial's own error
  });

  it("knows exp(-1), exp(-1/4) and exp(-8)", () => {
    expect(abs(<f64>expOfNegative(-(1 << 26)) / 2147483648.0 - 0.36787944117144233)).toBeLessThan(2.4e-7);
    expect(abs(<f64>expOfNegative(-(1 << 24)) / 2147483648.0 - 0.7788007830714049)).toBeLessThan(2.4e-7);
    expect(abs(<f64>expOfNegative(-(1 << 29)) / 2147483648.0 - 0.00033546262790251185)).toBeLessThan(2.4e-7);
  });
});

describe("reciprocalOfOnePlus", () => {
  it("is 1 / (1 + a) to 28 bits", () => {
    let worst = 0.0;
    for (let i = 0; i < 20000; ++i) {
      const a = i * 107374; // up to 1
      const got = <f64>reciprocalOfOnePlus(a) / 2147483648.0;
      worst = max(worst, abs(got - 1.0 / (1.0 + <f64>a / 2147483648.0)));
    }
    expect(worst).toBeLessThan(1.0 / 268435456.0);
  });
});

describe("vector constants", () => {
  const shifts = memory.data(16, 16);

  it("bring four shifts to the largest", () => {
    store<i8>(shifts, 3);
    store<i8>(shifts, 7, 1);
    store<i8>(shifts, 0, 2);
    store<i8>(shifts, -2, 3);
    expect(vectorShift(shifts)).toBe(7);
    const scale = vectorScale(shifts, 7);
    expect(i32x4.extract_lane(scale, 0)).toBe(1 << 5);
    expect(i32x4.extract_lane(scale, 1)).toBe(2);
    expect(i32x4.extract_lane(scale, 2)).toBe(1 << 8);
    expect(i32x4.extract_lane(scale, 3)).toBe(1 << 10);
    const round = vectorRound(scale, 7);
    expect(i32x4.extract_lane(round, 0)).toBe(64);
    expect(i32x4.extract_lane(round, 1)).toBe(64);
    expect(i32x4.extract_lane(round, 2)).toBe(0);
    expect(i32x4.extract_lane(round, 3)).toBe(0);
    const negative = vectorNegative(scale, 7);
    expect(i32x4.extract_lane(negative, 0)).toBe(-16);
    expect(i32x4.extract_lane(negative, 1)).toBe(-1);
    expect(i32x4.extract_lane(negative, 2)).toBe(0);
    expect(i32x4.extract_lane(negative, 3)).toBe(0);
  });

  it("have no negative common shift", () => {
    store<i32>(shifts, 0xfbfcfdfe);
    expect(vectorShift(shifts)).toBe(0);
  });
});
