import { lookup } from "../kernels/lookup";
import { OPCODE_LOOKUP } from "../layout";
import { arena, begin, get, random, scatter, step, tensor, weight } from "./lab";

/** 2 x 5 pixels; the table turns x into 3x + 7, cut off to eight bits. */
function layOut(channels: u32, padsIn: u32, padsOut: u32): void {
  begin(OPCODE_LOOKUP);
  tensor(0, 2, 5, channels, 10, padsIn);
  tensor(1, 2, 5, channels, -20, padsOut);
  for (let byte: u32 = 0; byte < 256; ++byte) weight(byte, <i32>(<i8>byte) * 3 + 7);
  scatter(0);
}

describe("lookup", () => {
  it("takes every element's entry, whatever the channels and pads", () => {
    for (let channels: u32 = 1; channels < 12; ++channels) {
      layOut(channels, random(0, 2), random(0, 2));
      lookup(arena, step, 0, 2);
      for (let y: u32 = 0; y < 2; ++y) {
        for (let x: u32 = 0; x < 5; ++x) {
          for (let c: u32 = 0; c < channels; ++c) {
            expect(get(1, y, x, c)).toBe(<i32>(<i8>(get(0, y, x, c) * 3 + 7)));
          }
        }
      }
    }
  });
});
