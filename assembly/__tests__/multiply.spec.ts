import { multiply, multiplyScalar, multiplySimd } from "../kernels/multiply";
import {
  FLAG_PRELU,
  OPCODE_MULTIPLY,
  STEP_FLAGS,
  STEP_INPUT_2,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  STEP_WEIGHT_ZERO_POINT,
} from "../layout";
import { rowAddress } from "../rings";
import { arena, begin, file, get, held, put, random, record, scatter, step, tensor, weight } from "./lab";

/** 2 x `width` pixels by a second operand of some height and width; the factor is 1/2. */
function layOut(width: u32, channels: u32, height2: u32, width2: u32): void {
  begin(OPCODE_MULTIPLY);
  store<u32>(step, 2, STEP_INPUT_2);
  tensor(0, 2, width, channels, 10, 1);
  tensor(1, 2, width, channels, 3, 0);
  tensor(2, height2, width2, channels, -5, 2);
  store<i32>(step, 1 << 30, STEP_MULTIPLIER_1);
  store<i32>(step, 0, STEP_SHIFT_1);
}

describe("multiply", () => {
  it("multiplies what is above the zero points", () => {
    layOut(2, 1, 2, 2);
    put(0, 1, 0, 0, 14);
    put(2, 1, 0, 0, -2);
    put(0, 1, 1, 0, -128);
    put(2, 1, 1, 0, 127);
    multiply(arena, step, 0, 2);
    expect(get(1, 1, 0, 0)).toBe((4 * 3) / 2 + 3);
    expect(get(1, 1, 1, 0)).toBe(-128);
  });

  it("spreads one pixel over all", () => {
    layOut(3, 2, 1, 1);
    for (let y: u32 = 0; y < 2; ++y) for (let x: u32 = 0; x < 3; ++x) put(0, y, x, 1, 10 + <i32>x);
    put(2, 0, 0, 1, 3);
    multiply(arena, step, 0, 2);
    for (let y: u32 = 0; y < 2; ++y) for (let x: u32 = 0; x < 3; ++x) expect(get(1, y, x, 1)).toBe(<i32>x * 4 + 3);
  });

  it("takes a constant pixel of the file", () => {
    layOut(3, 2, 1, 1);
    store<i32>(step, -1, STEP_INPUT_2);
    store<i32>(step, held(4), STEP_WEIGHT_ZERO_POINT);
    weight(0, held(4));
    weight(1, held(0));
    put(0, 0, 2, 0, 99);
    put(0, 0, 2, 1, 11);
    multiply(arena, step, 0, 1);
    expect(get(1, 0, 2, 0)).toBe(3);
    expect(get(1, 0, 2, 1)).toBe(3 - 2);
  });

  it("multiplies only what is below the zero point, of a PRELU", () => {
    layOut(3, 2, 1, 1);
    store<i32>(step, -1, STEP_INPUT_2);
    store<u32>(step, FLAG_PRELU, STEP_FLAGS);
    store<i32>(step, 1 << 30, STEP_MULTIPLIER_2);
    store<i32>(step, -1, STEP_SHIFT_2);
    store<i32>(step, held(0), STEP_WEIGHT_ZERO_POINT);
    weight(0, held(4));
    weight(1, held(6));
    put(0, 0, 2, 0, 14);
    put(0, 0, 2, 1, 6);
    put(0, 0, 1, 1, 10);
    multiply(arena, step, 0, 1);
    expect(get(1, 0, 2, 0)).toBe(4 + 3);
    expect(get(1, 0, 2, 1)).toBe((-4 * 6) / 2 + 3);
    expect(get(1, 0, 1, 1)).toBe(3);
  });

  it("has twins that agree on every length, factor and left shift", () => {
    for (let count: u32 = 1; count <= 30; ++count) {
      layOut(6, count, 1, 1);
      store<i32>(step, random(1 << 30, i32.MAX_VALUE), STEP_MULTIPLIER_1);
      store<i32>(step, random(-14, 12), STEP_SHIFT_1);
      scatter(0);
      scatter(2);
      const a = rowAddress(arena, record(0), 0);
      const b = rowAddress(arena, record(2), 0);
      const scalar = rowAddress(arena, record(1), 0);
      const simd = rowAddress(arena, record(1), 1);
      store<i32>(step, random(1 << 30, i32.MAX_VALUE), STEP_MULTIPLIER_2);
      store<i32>(step, random(-14, 12), STEP_SHIFT_2);
      for (let above: u32 = 0; above <= 8; above += 8) {
        multiplyScalar(file, step, a, b, scalar, count, 6, count, 0, count, above);
        multiplySimd(file, step, a, b, simd, count, 6, count, 0, count, above);
      }
      expect(memory.compare(scalar, simd, 6 * count)).toBe(0);
    }
  });
});
