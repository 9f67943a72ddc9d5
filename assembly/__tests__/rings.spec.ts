import { completeOf, fillPads, flip, outside, padPixel, progressOf, rowAddress } from "../rings";
import { OPCODE_POINTWISE, STATE_PROGRESS, TENSOR_PAD_LEFT } from "../layout";
import { arena, begin, file, record, scratch, tensor } from "./lab";

describe("rings", () => {
  it("put row y into slot y modulo the ring's rows, behind the left pads", () => {
    begin(OPCODE_POINTWISE);
    tensor(1, 9, 5, 3, -7, 2, 4);
    const base = arena + 2048 + 6144;
    const stride = (5 + 2 + 2) * 3;
    expect(rowAddress(arena, record(1), 0)).toBe(base + 6);
    expect(rowAddress(arena, record(1), 3)).toBe(base + 3 * stride + 6);
    expect(rowAddress(arena, record(1), 4)).toBe(base + 6);
    expect(rowAddress(arena, record(1), 7)).toBe(base + 3 * stride + 6);
    expect(outside(record(1), -1)).toBe(true);
    expect(outside(record(1), 0)).toBe(false);
    expect(outside(record(1), 8)).toBe(false);
    expect(outside(record(1), 9)).toBe(true);
  });

  it("have pads that hold the zero point, and nothing else is filled", () => {
    begin(OPCODE_POINTWISE);
    tensor(1, 9, 5, 3, -7, 2, 4);
    const base = arena + 2048 + 6144;
    memory.fill(base, 1, 4 * 27 + 16);
    fillPads(arena, record(1), 3, 2); // slots 3 and 0
    for (let slot: u32 = 0; slot < 4; ++slot) {
      for (let i: u32 = 0; i < 27; ++i) {
        const isPad = (i < 6 || i >= 21) && (slot == 0 || slot == 3);
        expect(load<i8>(base + slot * 27 + i)).toBe(isPad ? 121 : 1);
      }
    }
    expect(load<i8>(base + 4 * 27)).toBe(1);
  });

  it("have a pad pixel, left or right, of the row nearest to one outside", () => {
    begin(OPCODE_POINTWISE);
    tensor(1, 9, 5, 3, -7, 2, 4);
    fillPads(arena, record(1), 0, 1);
    expect(load<i8>(padPixel(arena, record(1), -1), 2)).toBe(121);
    expect(padPixel(arena, record(1), -2)).toBe(rowAddress(arena, record(1), 0) - 6);
    expect(padPixel(arena, record(1), 9)).toBe(rowAddress(arena, record(1), 8) - 6);
    expect(padPixel(arena, record(1), 11)).toBe(rowAddress(arena, record(1), 8) - 6);
    store<u32>(record(1), 0, TENSOR_PAD_LEFT);
    fillPads(arena, record(1), 0, 1);
    expect(padPixel(arena, record(1), -1)).toBe(arena + 2048 + 6144 + 15);
    expect(load<i8>(padPixel(arena, record(1), -1))).toBe(121);
  });

  it("count rows done of steps, then rows complete of tensors", () => {
    begin(OPCODE_POINTWISE);
    expect(progressOf(arena, 0)).toBe(arena + STATE_PROGRESS);
    expect(completeOf(arena, file, 2)).toBe(arena + STATE_PROGRESS + 4 * (1 + 2));
  });
});

describe("flip", () => {
  it("turns the top bit of any number of bytes", () => {
    for (let bytes: u32 = 0; bytes < 20; ++bytes) {
      memory.fill(scratch, 5, 24);
      flip(scratch, bytes);
      for (let i: u32 = 0; i < 24; ++i) expect(load<u8>(scratch + i)).toBe(i < bytes ? 0x85 : 5);
    }
  });
});
