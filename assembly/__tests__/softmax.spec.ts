import { softmax } from "../kernels/softmax";
import { OPCODE_SOFTMAX, STEP_DEPTH, STEP_MULTIPLIER_1, STEP_MULTIPLIER_2, STEP_SHIFT_1 } from "../layout";
import { arena, begin, get, put, random, step, tensor } from "./lab";

/** One pixel; the input's scale is 2^-exponent: differences come to Q5.26 by 2^(26 - exponent). */
function layOut(channels: u32, exponent: i32): void {
  begin(OPCODE_SOFTMAX);
  tensor(0, 1, 2, channels, 0, 0);
  tensor(1, 1, 2, channels, -128, 0);
  store<u32>(step, channels, STEP_DEPTH);
  const shift = -(27 - exponent);
  store<i32>(step, 1 << 30, STEP_MULTIPLIER_1);
  store<i32>(step, shift, STEP_SHIFT_1);
  store<i32>(step, -min((31 << 26) >>> -shift, 1024), STEP_MULTIPLIER_2);
}

describe("softmax", () => {
  it("shares one evenly among equals", () => {
    layOut(4, 4);
    for (let c: u32 = 0; c < 4; ++c) put(0, 0, 0, c, -100);
    softmax(arena, step, 0, 1);
    for (let c: u32 = 0; c < 4; ++c) expect(get(1, 0, 0, c)).toBe(-128 + 64);
  });

  it("gives all to one that stands out", () => {
    layOut(3, 2);
    put(0, 0, 0, 1, 127);
    put(0, 0, 0, 0, -128);
    softmax(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(-128);
    expect(get(1, 0, 0, 1)).toBe(127);
    expect(get(1, 0, 0, 2)).toBe(-128);
  });

  it("works on each group of channels by itself", () => {
    const given = new StaticArray<i32>(12);
    const grouped = new StaticArray<i32>(12);
    layOut(6, 4);
    store<u32>(step, 3, STEP_DEPTH);
    for (let i = 0; i < 12; ++i) put(0, 0, i / 6, i % 6, (given[i] = random(-60, 60)));
    softmax(arena, step, 0, 1);
    for (let i = 0; i < 12; ++i) grouped[i] = get(1, 0, i / 6, i % 6);
    for (let group = 0; group < 4; ++group) {
      layOut(3, 4);
      for (let c = 0; c < 3; ++c) put(0, 0, 0, c, given[group * 3 + c]);
      softmax(arena, step, 0, 1);
      for (let c = 0; c < 3; ++c) expect(get(1, 0, 0, c)).toBe(grouped[group * 3 + c]);
    }
  });

  it("is within one of the real softmax", () => {
    for (let i = 0; i < 40; ++i) {
      const channels: u32 = random(1, 40);
      layOut(channels, 4);
      for (let x: u32 = 0; x < 2; ++x) for (let c: u32 = 0; c < channels; ++c) put(0, 0, x, c, random(-60, 60));
      softmax(arena, step, 0, 1);
      for (let x: u32 = 0; x < 2; ++x) {
        let sum = 0.0;
        for (let c: u32 = 0; c < channels; ++c) sum += Math.exp(<f64>get(0, 0, x, c) / 16.0);
        for (let c: u32 = 0; c < channels; ++c) {
          const wanted = min(127.0, (256.0 * Math.exp(<f64>get(0, 0, x, c) / 16.0)) / sum - 128.0);
          expect(abs(<f64>get(1, 0, x, c) - wanted) <= 1.0).toBe(true);
        }
      }
    }
  });
});
