import { resize, resizeFixed, resizeFixedSimd } from "../kernels/resize";
import { FLAG_UNSIGNED, OPCODE_RESIZE, STEP_FLAGS } from "../layout";
import { arena, begin, file, get, put, random, step, tensor } from "./lab";

/** Entry `at` of the table in the file. */
function place(at: u32, lower: u32, upper: u32, fraction: u32): void {
  const entry = file + 1024 + 8 * at;
  store<u16>(entry, lower);
  store<u16>(entry, upper, 2);
  store<u32>(entry, fraction, 4);
}

/** 2 x 2 pixels 0, 40 / 80, 120 to one row of the two columns x = 0 and x = 1/4. */
function layOut(): void {
  begin(OPCODE_RESIZE);
  tensor(0, 2, 2, 1, 0, 1);
  tensor(1, 1, 2, 1, 0, 0);
  for (let y: u32 = 0; y < 2; ++y) for (let x: u32 = 0; x < 2; ++x) put(0, y, x, 0, 80 * y + 40 * x);
}

describe("resize", () => {
  it("lies between four pixels", () => {
    layOut();
    place(0, 0, 1, 512);
    place(1, 0, 1, 0);
    place(2, 0, 1, 256);
    resize(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(40);
    expect(get(1, 0, 1, 0)).toBe(50);
  });

  it("does so in float for uint8 sources", () => {
    layOut();
    store<u32>(step, FLAG_UNSIGNED, STEP_FLAGS);
    place(0, 0, 1, reinterpret<u32>(<f32>0.5));
    place(1, 0, 1, 0);
    place(2, 0, 1, reinterpret<u32>(<f32>0.2625));
    resize(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(40);
    expect(get(1, 0, 1, 0)).toBe(51); // 50.5 half up
  });

  it("stays on the map whatever the table says", () => {
    layOut();
    place(0, 9, 65535, 0);
    place(1, 7, 7, 0);
    place(2, 0, 65535, 1024);
    resize(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(120);
    expect(get(1, 0, 1, 0)).toBe(120);
  });

  it("has twins that agree on every length and fraction", () => {
    const from = arena + 4096;
    for (let count: u32 = 1; count < 30; ++count) {
      for (let i: usize = 0; i < 128; ++i) store<i8>(from + i, random(-128, 127));
      const dy = random(0, 1024);
      const dx = random(0, 1024);
      resizeFixed(from, from + 32, from + 64, from + 96, dy, dx, from + 1024, count);
      resizeFixedSimd(from, from + 32, from + 64, from + 96, dy, dx, from + 2048, count);
      expect(memory.compare(from + 1024, from + 2048, count)).toBe(0);
    }
  });
});
