import { rearrange } from "../kernels/rearrange";
import {
  OPCODE_REARRANGE,
  STEP_MULTIPLIER_1,
  STEP_MULTIPLIER_2,
  STEP_MULTIPLIER_OUT,
  STEP_SHIFT_1,
  STEP_SHIFT_2,
} from "../layout";
import { arena, begin, get, scatter, step, tensor } from "./lab";

/** The two inner indices' counts and all strides. */
function order(outer: u32, middle: u32, inner: u32, middles: u32, inners: u32): void {
  store<u32>(step, outer, STEP_MULTIPLIER_1);
  store<u32>(step, middle, STEP_SHIFT_1);
  store<u32>(step, inner, STEP_MULTIPLIER_2);
  store<u32>(step, middles, STEP_SHIFT_2);
  store<u32>(step, inners, STEP_MULTIPLIER_OUT);
}

describe("rearrange", () => {
  it("transposes rows, pixels and channels", () => {
    begin(OPCODE_REARRANGE);
    tensor(0, 4, 5, 3, 1, 1);
    tensor(1, 3, 4, 5, 77, 2);
    scatter(0);
    order(1, 15, 3, 4, 5);
    for (let y: u32 = 0; y < 3; ++y) rearrange(arena, step, y, 1);
    for (let y: u32 = 0; y < 4; ++y) {
      for (let x: u32 = 0; x < 5; ++x) {
        for (let c: u32 = 0; c < 3; ++c) expect(get(1, c, y, x)).toBe(get(0, y, x, c));
      }
      expect(get(1, y % 3, 4, 0)).toBe(77, "the pad behind a row");
    }
  });

  it("keeps the order in another structure of pixels", () => {
    begin(OPCODE_REARRANGE);
    tensor(0, 4, 3, 2, 1, 1);
    tensor(1, 2, 3, 4, 77, 0);
    scatter(0);
    order(0, 0, 1, 1, 24);
    rearrange(arena, step, 0, 2);
    for (let i: u32 = 0; i < 24; ++i) {
      expect(get(1, i / 12, (i % 12) / 4, i % 4)).toBe(get(0, i / 6, (i % 6) / 2, i % 2));
    }
  });

  it("reads nothing behind the input, whatever the strides", () => {
    begin(OPCODE_REARRANGE);
    tensor(0, 2, 2, 2, 1, 0);
    tensor(1, 2, 2, 2, 77, 0);
    scatter(0);
    order(0xffffffff, 1000, 7, 2, 2);
    rearrange(arena, step, 0, 2);
    expect(get(1, 0, 1, 0)).toBe(get(0, 1, 1, 1));
  });
});
