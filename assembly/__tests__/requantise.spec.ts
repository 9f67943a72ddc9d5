import { requantise } from "../kernels/requantise";
import { OPCODE_REQUANTISE, STEP_MULTIPLIER_1, STEP_SHIFT_1 } from "../layout";
import { arena, begin, get, put, step, tensor } from "./lab";

/** 1 x 3 pixels of one channel, zero points 10 and -20. */
function layOut(multiplier: i32, shift: i32): void {
  begin(OPCODE_REQUANTISE);
  tensor(0, 1, 3, 1, 10, 1);
  tensor(1, 1, 3, 1, -20, 2);
  put(0, 0, 0, 0, 13);
  put(0, 0, 1, 0, 7);
  put(0, 0, 2, 0, 127);
  store<i32>(step, multiplier, STEP_MULTIPLIER_1);
  store<i32>(step, shift, STEP_SHIFT_1);
}

describe("requantise", () => {
  it("moves the zero point", () => {
    layOut(1 << 30, -1);
    requantise(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(-17);
    expect(get(1, 0, 1, 0)).toBe(-23);
    expect(get(1, 0, 2, 0)).toBe(97);
  });

  it("scales and clamps", () => {
    layOut(1 << 30, -2); // twice
    requantise(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(-14);
    expect(get(1, 0, 1, 0)).toBe(-26);
    expect(get(1, 0, 2, 0)).toBe(127);
    layOut(1 << 30, 0); // half
    requantise(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(-18); // 1.5 to 2
    expect(get(1, 0, 1, 0)).toBe(-21); // -1.5 to -1: the first rounding is half up
  });
});
