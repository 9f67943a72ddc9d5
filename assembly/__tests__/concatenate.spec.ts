import { concatenate } from "../kernels/concatenate";
import { OPCODE_CONCATENATE, STEP_DEPTH, STEP_INPUT_2 } from "../layout";
import { arena, begin, get, scatter, step, tensor } from "./lab";

describe("concatenate", () => {
  it("puts pixels side by side and writes nothing else", () => {
    for (let first: u32 = 1; first < 12; ++first) {
      const second = 14 - first;
      begin(OPCODE_CONCATENATE);
      store<u32>(step, 2, STEP_INPUT_2);
      store<u32>(step, 0, STEP_DEPTH);
      tensor(0, 2, 3, first, 1, 1);
      tensor(1, 2, 3, 14, 77, 1);
      tensor(2, 2, 3, second, 2, 0);
      scatter(0);
      scatter(2);
      concatenate(arena, step, 0, 2);
      for (let y: u32 = 0; y < 2; ++y) {
        for (let x: u32 = 0; x < 3; ++x) {
          for (let c: u32 = 0; c < 14; ++c) {
            expect(get(1, y, x, c)).toBe(c < first ? get(0, y, x, c) : get(2, y, x, c - first));
          }
        }
        expect(get(1, y, 3, 0)).toBe(77, "the pad behind a row");
      }
    }
  });

  it("puts channels of the zero point around those of a single tensor", () => {
    for (let front: u32 = 0; front < 7; ++front) {
      begin(OPCODE_CONCATENATE);
      store<u32>(step, front, STEP_DEPTH);
      tensor(0, 2, 3, 5, -9, 1);
      tensor(1, 2, 3, 11, 77, 1);
      scatter(0);
      concatenate(arena, step, 0, 2);
      for (let y: u32 = 0; y < 2; ++y) {
        for (let x: u32 = 0; x < 3; ++x) {
          for (let c: u32 = 0; c < 11; ++c) {
            expect(get(1, y, x, c)).toBe(c - front < 5 ? get(0, y, x, c - front) : -9);
          }
        }
        expect(get(1, y, 3, 0)).toBe(77, "the pad behind a row");
      }
    }
  });

  it("takes a range of one tensor's channels", () => {
    for (let first: u32 = 0; first < 9; ++first) {
      begin(OPCODE_CONCATENATE);
      store<u32>(step, first, STEP_DEPTH);
      tensor(0, 2, 3, 14, 1, 1);
      tensor(1, 2, 3, 5, 77, 1);
      scatter(0);
      concatenate(arena, step, 0, 2);
      for (let y: u32 = 0; y < 2; ++y) {
        for (let x: u32 = 0; x < 3; ++x) {
          for (let c: u32 = 0; c < 5; ++c) expect(get(1, y, x, c)).toBe(get(0, y, x, first + c));
        }
        expect(get(1, y, 3, 0)).toBe(77, "the pad behind a row");
      }
    }
  });
});
