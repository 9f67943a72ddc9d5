import { accumulateScalar, accumulateSimd, divideRounded, mean } from "../kernels/mean";
import {
  FLAG_UNSIGNED,
  OPCODE_GLOBAL_AVERAGE_POOL,
  OPCODE_MEAN,
  STEP_CLAMP_MAX,
  STEP_FLAGS,
  STEP_MULTIPLIER_1,
  STEP_SHIFT_1,
} from "../layout";
import { rowAddress } from "../rings";
import { arena, begin, get, held, put, record, scatter, scratch, step, tensor } from "./lab";

/** divideRounded of a sum of int8, to an int8. */
function divide(sum: i32, count: i32, unsigned: bool): i32 {
  return divideRounded(sum + held(0) * count, count, unsigned) - held(0);
}

describe("divideRounded", () => {
  it("rounds int8 half away from zero", () => {
    expect(divide(5, 2, false)).toBe(3);
    expect(divide(-5, 2, false)).toBe(-3);
    expect(divide(4, 3, false)).toBe(1);
    expect(divide(-4, 3, false)).toBe(-1);
    expect(divide(-512, 4, false)).toBe(-128);
  });

  it("rounds uint8 half up", () => {
    expect(divide(5, 2, true)).toBe(3);
    expect(divide(-5, 2, true)).toBe(-2); // 125.5 to 126
    expect(divide(-512, 4, true)).toBe(-128);
    expect(divide(508, 4, true)).toBe(127);
  });
});

describe("accumulate", () => {
  it("has twins that agree on any number of channels", () => {
    for (let channels: u32 = 1; channels < 30; ++channels) {
      begin(OPCODE_MEAN);
      tensor(0, 1, 7, channels, 0, 0);
      scatter(0);
      const row = rowAddress(arena, record(0), 0);
      accumulateScalar(row, channels, 7, channels, scratch);
      accumulateSimd(row, channels, 7, channels, scratch + 1024);
      expect(memory.compare(scratch, scratch + 1024, 4 * channels)).toBe(0);
      expect(load<i32>(scratch + 1024 + 4 * channels)).toBe(0, "nothing behind the end is written");
      let sum = 0;
      for (let x: u32 = 0; x < 7; ++x) sum += held(get(0, 0, x, channels - 1));
      expect(load<i32>(scratch + 4 * (channels - 1))).toBe(sum);
    }
  });
});

/** 3 x 2 pixels of two channels: 0, 10 .. 50 and their negatives. */
function layOut(opcode: u32): void {
  begin(opcode);
  tensor(0, 3, 2, 2, 4, 0);
  tensor(1, 1, 1, 2, 7, 0);
  for (let y: u32 = 0; y < 3; ++y) {
    for (let x: u32 = 0; x < 2; ++x) {
      put(0, y, x, 0, 20 * y + 10 * x);
      put(0, y, x, 1, -20 * y - 10 * x);
    }
  }
}

describe("mean", () => {
  it("averages row by row and writes with the last", () => {
    layOut(OPCODE_GLOBAL_AVERAGE_POOL);
    put(1, 0, 0, 0, 99);
    mean(arena, step, 0, 1);
    mean(arena, step, 1, 1);
    expect(get(1, 0, 0, 0)).toBe(99);
    mean(arena, step, 2, 1);
    expect(get(1, 0, 0, 0)).toBe(25);
    expect(get(1, 0, 0, 1)).toBe(-25);
    mean(arena, step, 0, 3);
    expect(get(1, 0, 0, 0)).toBe(25);
  });

  it("rounds as the source's type does", () => {
    layOut(OPCODE_GLOBAL_AVERAGE_POOL);
    put(0, 0, 0, 0, 3); // 153 / 6 = 25.5
    put(0, 0, 0, 1, -3);
    mean(arena, step, 0, 3);
    expect(get(1, 0, 0, 0)).toBe(26);
    expect(get(1, 0, 0, 1)).toBe(-26);
    store<u32>(step, FLAG_UNSIGNED, STEP_FLAGS);
    mean(arena, step, 0, 3);
    expect(get(1, 0, 0, 0)).toBe(26);
    expect(get(1, 0, 0, 1)).toBe(-25);
    store<i32>(step, held(20), STEP_CLAMP_MAX);
    mean(arena, step, 0, 3);
    expect(get(1, 0, 0, 0)).toBe(20);
  });

  it("requantises TFLite's MEAN by one multiplier", () => {
    layOut(OPCODE_MEAN);
    // 1 / 6 = 4/6 * 2^-2: multiplier 2/3 * 2^31, shift 2
    store<i32>(step, 1431655765, STEP_MULTIPLIER_1);
    store<i32>(step, 2, STEP_SHIFT_1);
    mean(arena, step, 0, 3);
    expect(get(1, 0, 0, 0)).toBe(25 - 4 + 7);
    expect(get(1, 0, 0, 1)).toBe(-25 - 4 + 7);
  });
});
