import { lookup } from "../kernels/lookup";
import { OPCODE_LOOKUP, TENSOR_PIXEL_STRIDE } from "../layout";
import { arena, begin, get, put, record, step, tensor, weight } from "./lab";

/** height x width pixels of `channels`; a table that maps byte b to -1 - b (as int8: value v to -1 - v). */
function layOut(height: u32, width: u32, channels: u32): void {
  begin(OPCODE_LOOKUP);
  tensor(0, height, width, channels, 0, 1);
  tensor(1, height, width, channels, 0, 2);
  for (let b: u32 = 0; b < 256; ++b) weight(b, ~b);
}

describe("lookup", () => {
  it("takes every value through the table, runs of four and the rest", () => {
    layOut(2, 3, 5);
    for (let y: u32 = 0; y < 2; ++y) {
      for (let x: u32 = 0; x < 3; ++x) {
        for (let c: u32 = 0; c < 5; ++c) put(0, y, x, c, <i32>(y * 15 + x * 5 + c) * 8 - 128);
      }
    }
    lookup(arena, step, 0, 2);
    for (let y: u32 = 0; y < 2; ++y) {
      for (let x: u32 = 0; x < 3; ++x) {
        for (let c: u32 = 0; c < 5; ++c) expect(get(1, y, x, c)).toBe(127 - <i32>(y * 15 + x * 5 + c) * 8);
      }
    }
  });

  it("leaves what lies between pixels alone", () => {
    layOut(1, 2, 2);
    store<u32>(record(1), 4, TENSOR_PIXEL_STRIDE);
    put(0, 0, 0, 0, -128);
    put(0, 0, 0, 1, 0);
    put(0, 0, 1, 0, 7);
    put(0, 0, 1, 1, 127);
    lookup(arena, step, 0, 1);
    expect(get(1, 0, 0, 0)).toBe(127);
    expect(get(1, 0, 0, 1)).toBe(-1);
    expect(get(1, 0, 0, 2)).toBe(0);
    expect(get(1, 0, 0, 3)).toBe(0);
    expect(get(1, 0, 1, 0)).toBe(-8);
    expect(get(1, 0, 1, 1)).toBe(-128);
  });

  it("gives rows another structure of pixels", () => {
    layOut(2, 3, 4);
    tensor(1, 2, 6, 2, 0, 2);
    for (let y: u32 = 0; y < 2; ++y) {
      for (let x: u32 = 0; x < 3; ++x) {
        for (let c: u32 = 0; c < 4; ++c) put(0, y, x, c, <i32>(y * 12 + x * 4 + c));
      }
    }
    lookup(arena, step, 0, 2);
    for (let y: u32 = 0; y < 2; ++y) {
      for (let x: u32 = 0; x < 6; ++x) {
        for (let c: u32 = 0; c < 2; ++c) expect(get(1, y, x, c)).toBe(-1 - <i32>(y * 12 + x * 2 + c));
      }
    }
  });
});
