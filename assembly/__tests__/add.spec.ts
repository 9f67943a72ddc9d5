import { add, addScalar, addSimd } from "../kernels/add";
import {
  OPCODE_ADD,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_INPUT_2,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
  STEP_SHIFT_OUT,
} from "../layout";
import { rowAddress } from "../rings";
import { arena, begin, file, get, held, put, random, record, scatter, step, tensor } from "./lab";

/** Factors: each input times first and second, out of 2^20; all as the packer has them for equal scales: 1/2, 1/2, 2^-19. */
function layOut(width: u32, zeroA: i32, zeroB: i32, zeroOut: i32): void {
  begin(OPCODE_ADD);
  store<u32>(step, 2, STEP_INPUT_2);
  tensor(0, 2, width, 3, zeroA, 0);
  tensor(1, 2, width, 3, zeroOut, 1);
  tensor(2, 2, width, 3, zeroB, 2);
  scales(1 << 30, 0, 1 << 30, 0, 1 << 30, 18);
}

function scales(m1: i32, s1: i32, m2: i32, s2: i32, mOut: i32, sOut: i32): void {
  store<i32>(step, m1, STEP_MULTIPLIER_1);
  store<i32>(step, s1, STEP_SHIFT_1);
  store<i32>(step, m2, STEP_MULTIPLIER_2);
  store<i32>(step, s2, STEP_SHIFT_2);
  store<i32>(step, mOut, STEP_MULTIPLIER_OUT);
  store<i32>(step, sOut, STEP_SHIFT_OUT);
}

describe("add", () => {
  it("adds what is above the zero points", () => {
    layOut(2, 10, -5, 3);
    put(0, 0, 0, 0, 30);
    put(2, 0, 0, 0, 15);
    put(0, 1, 1, 2, -128);
    put(2, 1, 1, 2, -128);
    put(0, 0, 1, 1, 127);
    put(2, 0, 1, 1, 127);
    put(0, 0, 0, 1, 0);
    put(2, 0, 0, 1, 0);
    add(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(20 + 20 + 3);
    expect(get(1, 1, 1, 2)).toBe(-128);
    expect(get(1, 0, 1, 1)).toBe(127);
    expect(get(1, 0, 0, 1)).toBe(-10 + 5 + 3);
  });

  it("clamps", () => {
    layOut(2, 0, 0, 0);
    store<i32>(step, held(-3), STEP_CLAMP_MIN);
    store<i32>(step, held(20), STEP_CLAMP_MAX);
    put(0, 0, 0, 0, 15);
    put(2, 0, 0, 0, 15);
    put(0, 0, 0, 1, -9);
    put(2, 0, 0, 1, 0);
    put(0, 0, 0, 2, 0);
    put(2, 0, 0, 2, 0);
    add(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(20);
    expect(get(1, 0, 0, 1)).toBe(-3);
    expect(get(1, 0, 0, 2)).toBe(0);
  });

  it("has twins that agree on every length and factor", () => {
    for (let count: u32 = 1; count <= 30; ++count) {
      layOut(10, random(-128, 127), random(-128, 127), random(-128, 127));
      scales(random(1 << 30, i32.MAX_VALUE), random(0, 8), 1 << 30, random(0, 8), random(1 << 30, i32.MAX_VALUE), random(14, 24));
      scatter(0);
      scatter(2);
      const a = rowAddress(arena, record(0), 0);
      const b = rowAddress(arena, record(2), 0);
      const scalar = rowAddress(arena, record(1), 0);
      const simd = rowAddress(arena, record(1), 1);
      const behind = load<u8>(simd + count);
      addScalar(file, step, a, b, scalar, count);
      addSimd(file, step, a, b, simd, count);
      expect(memory.compare(scalar, simd, count)).toBe(0);
      expect(load<u8>(simd + count)).toBe(behind, "nothing behind the end is written");
    }
  });
});
