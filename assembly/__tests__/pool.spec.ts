import { pool } from "../kernels/pool";
import { FLAG_UNSIGNED, OPCODE_AVERAGE_POOL, OPCODE_MAX_POOL, STEP_CLAMP_MAX, STEP_CLAMP_MIN, STEP_FLAGS } from "../layout";
import { arena, begin, get, held, put, record, scatter, step, tensor, window } from "./lab";

/** 3 x 3 pixels of one channel: -4 .. 4, doubled, plus one. */
function layOut(opcode: u32, kernel: u32, stride: u32, pad: u32, size: u32): void {
  begin(opcode);
  window(kernel, kernel, stride, stride, 1, pad, pad);
  tensor(0, 3, 3, 1, 77, 0);
  tensor(1, size, size, 1, 77, 0);
  for (let y: u32 = 0; y < 3; ++y) for (let x: u32 = 0; x < 3; ++x) put(0, y, x, 0, 2 * (<i32>(3 * y + x) - 4) + 1);
}

describe("average pool", () => {
  it("averages whole windows", () => {
    layOut(OPCODE_AVERAGE_POOL, 2, 1, 0, 2);
    pool(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(-3); // -7 -5 -1 1
    expect(get(1, 1, 1, 0)).toBe(5); // 1 3 7 9
  });

  it("does not count pads", () => {
    layOut(OPCODE_AVERAGE_POOL, 3, 2, 1, 2);
    pool(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(-3); // -7 -5 -1 1
    expect(get(1, 0, 1, 0)).toBe(-1); // -5 -3 1 3
    expect(get(1, 1, 1, 0)).toBe(5);
  });

  it("rounds as the source's type does, then clamps", () => {
    layOut(OPCODE_AVERAGE_POOL, 2, 1, 0, 2);
    put(0, 0, 0, 0, -5); // -10 / 4 = -2.5
    pool(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(-3);
    store<u32>(step, FLAG_UNSIGNED, STEP_FLAGS);
    pool(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(-2);
    store<i32>(step, held(0), STEP_CLAMP_MIN);
    pool(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(0);
  });
});

describe("max pool", () => {
  it("takes the greatest, pads not counted, and clamps", () => {
    layOut(OPCODE_MAX_POOL, 3, 2, 1, 2);
    pool(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(1);
    expect(get(1, 0, 1, 0)).toBe(3);
    expect(get(1, 1, 0, 0)).toBe(7);
    expect(get(1, 1, 1, 0)).toBe(9);
    store<i32>(step, held(6), STEP_CLAMP_MAX);
    pool(arena, step, 0, 2);
    expect(get(1, 1, 1, 0)).toBe(6);
  });

  it("takes it for each of any number of channels", () => {
    for (let channels: u32 = 1; channels < 20; ++channels) {
      begin(OPCODE_MAX_POOL);
      window(2, 2, 1, 1, 1, 0, 0);
      tensor(0, 2, 3, channels, 0, 0);
      tensor(1, 1, 2, channels, 0, 0);
      scatter(0);
      pool(arena, step, 0, 1);
      for (let x: u32 = 0; x < 2; ++x) {
        for (let c: u32 = 0; c < channels; ++c) {
          const top = max(get(0, 0, x, c), get(0, 0, x + 1, c));
          const bottom = max(get(0, 1, x, c), get(0, 1, x + 1, c));
          expect(get(1, 0, x, c)).toBe(max(top, bottom));
        }
      }
      expect(load<u8>(arena + load<u32>(record(1)) + 2 * channels)).toBe(0, "nothing behind the end is written");
    }
  });
});
