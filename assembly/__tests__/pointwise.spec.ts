import { pointwise } from "../kernels/pointwise";
import { OPCODE_POINTWISE, STEP_DEPTH, STEP_WEIGHT_ZERO_POINT } from "../layout";
import { arena, begin, bias, blockWeight, get, held, put, step, tensor, window } from "./lab";

/** 5 x 4 pixels of two channels in a ring of `rows` rows with pads; output 0 is their sum, output 1 the difference. */
function layOut(strideY: u32, strideX: u32, rows: u32): void {
  begin(OPCODE_POINTWISE);
  store<u32>(step, 2, STEP_DEPTH);
  window(1, 1, strideY, strideX, 1, 0, 0);
  tensor(0, 5, 4, 2, 9, 1, rows);
  tensor(1, (5 + strideY - 1) / strideY, (4 + strideX - 1) / strideX, 2, 0, 2);
  blockWeight(0, 0, 2, 1);
  blockWeight(0, 1, 2, 1);
  blockWeight(1, 0, 2, 1);
  blockWeight(1, 1, 2, -1);
  bias(0, -held(0) * 2);
  bias(1, 1);
}

function fill(from: u32, to: u32): void {
  for (let y = from; y < to; ++y) {
    for (let x: u32 = 0; x < 4; ++x) {
      put(0, y, x, 0, 10 * y + x);
      put(0, y, x, 1, 3 * x);
    }
  }
}

describe("pointwise", () => {
  it("mixes channels of each pixel, past pads", () => {
    layOut(1, 1, 5);
    fill(0, 5);
    pointwise(arena, step, 0, 5);
    for (let y: u32 = 0; y < 5; ++y) {
      for (let x: u32 = 0; x < 4; ++x) {
        expect(get(1, y, x, 0)).toBe(10 * y + 4 * x);
        expect(get(1, y, x, 1)).toBe(10 * y - 2 * x + 1);
      }
    }
  });

  it("skips rows and pixels with strides", () => {
    layOut(2, 3, 5);
    fill(0, 5);
    pointwise(arena, step, 0, 3);
    for (let y: u32 = 0; y < 3; ++y) {
      for (let x: u32 = 0; x < 2; ++x) expect(get(1, y, x, 0)).toBe(20 * y + 12 * x);
    }
  });

  it("wraps round the ring", () => {
    layOut(1, 1, 3);
    fill(0, 3);
    pointwise(arena, step, 0, 2);
    fill(3, 5); // over rows 0 and 1
    pointwise(arena, step, 2, 3);
    for (let y: u32 = 0; y < 5; ++y) expect(get(1, y, 3, 0)).toBe(10 * y + 12);
  });

  it("takes the weights' zero point from each pixel of each row", () => {
    layOut(1, 1, 5);
    store<i32>(step, 2, STEP_WEIGHT_ZERO_POINT); // weights become -1
    bias(0, held(0) * 2);
    fill(0, 5);
    pointwise(arena, step, 0, 5);
    for (let y: u32 = 0; y < 5; ++y) {
      for (let x: u32 = 0; x < 4; ++x) expect(get(1, y, x, 0)).toBe(-10 * y - 4 * x);
    }
  });
});
