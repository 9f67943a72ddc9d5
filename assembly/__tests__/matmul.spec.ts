import { blockBytes, requantiseChannel } from "../kernels/block";
import { matmulScalar, matmulSimd, sumPixels, sumPixelsScalar, sumPixelsSimd } from "../kernels/matmul";
import { matmulWide } from "../kernels/matmul-wide";
import {
  FLAG_DOUBLE,
  OPCODE_POINTWISE,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_DEPTH,
  STEP_FLAGS,
  STEP_MULTIPLIERS,
  STEP_OUTPUT,
  STEP_WEIGHT_ZERO_POINT,
} from "../layout";
import { rowAddress } from "../rings";
import { arena, begin, bias, blockWeight, factor, file, get, held, put, random, record, scatter, scratch, step, tensor } from "./lab";

/** One row of pixels in tensor 0, `depth` channels; row 0 of tensor 1 is the scalar twin's, row 1 the SIMD one's. */
function layOut(pixels: u32, depth: u32, outputs: u32, zeroOut: i32): void {
  begin(OPCODE_POINTWISE);
  store<u32>(step, depth, STEP_DEPTH);
  tensor(0, 1, pixels, depth, 0, 0);
  tensor(1, 2, pixels, outputs, zeroOut, 0);
}

/** Both twins on all blocks of all pixels in rows of `width`. */
function both(pixels: u32, width: u32, depth: u32, outputs: u32): void {
  const input = rowAddress(arena, record(0), 0);
  const scalar = rowAddress(arena, record(1), 0);
  const simd = rowAddress(arena, record(1), 1);
  for (let channel: u32 = 0; channel < outputs; channel += 8) {
    const count = min(outputs - channel, 8);
    matmulScalar(arena, step, input, depth, 0, width, pixels, scratch, channel, count, scalar + channel, outputs, 0);
    matmulSimd(arena, step, input, depth, 0, width, pixels, scratch, channel, count, simd + channel, outputs, 0);
  }
}

function agree(pixels: u32, outputs: u32): void {
  const bytes = pixels * outputs;
  expect(memory.compare(rowAddress(arena, record(1), 0), rowAddress(arena, record(1), 1), bytes)).toBe(0);
}

function randomWeights(depth: u32, outputs: u32): void {
  for (let c: u32 = 0; c < outputs; ++c) {
    bias(c, random(-3000, 3000));
    factor(c, random(1 << 30, i32.MAX_VALUE), random(2, 9));
    for (let k: u32 = 0; k < depth; ++k) blockWeight(c, k, depth, random(-127, 127));
  }
}

describe("blockBytes", () => {
  it("rounds the depth up to four", () => {
    expect(blockBytes(1)).toBe(32);
    expect(blockBytes(4)).toBe(32);
    expect(blockBytes(5)).toBe(64);
  });
});

describe("matmul", () => {
  it("multiplies, adds the bias and the zero point", () => {
    layOut(2, 3, 2, 10);
    for (let k: u32 = 0; k < 3; ++k) {
      put(0, 0, 0, k, k + 1); // 1 2 3
      put(0, 0, 1, k, -10 * k); // 0 -10 -20
      blockWeight(0, k, 3, 2 * k - 1); // -1 1 3
      blockWeight(1, k, 3, 5); // 5 5 5
    }
    bias(0, 7 - held(0) * 3);
    bias(1, -1 - held(0) * 15);
    both(2, 2, 3, 2);
    for (let row: u32 = 0; row < 2; ++row) {
      expect(get(1, row, 0, 0)).toBe(-1 + 2 + 9 + 7 + 10);
      expect(get(1, row, 0, 1)).toBe(5 + 10 + 15 - 1 + 10);
      expect(get(1, row, 1, 0)).toBe(-10 - 60 + 7 + 10);
      expect(get(1, row, 1, 1)).toBe(-128); // -150 - 1 + 10
    }
  });

  it("subtracts the weights' zero point", () => {
    layOut(1, 2, 1, 0);
    store<i32>(step, 3, STEP_WEIGHT_ZERO_POINT);
    put(0, 0, 0, 0, 4);
    put(0, 0, 0, 1, -6);
    blockWeight(0, 0, 2, 8);
    blockWeight(0, 1, 2, 1);
    sumPixels(rowAddress(arena, record(0), 0), 2, 1, 2, scratch);
    expect(load<i32>(scratch)).toBe(held(4) + held(-6));
    bias(0, -held(0) * (8 - 3 + 1 - 3));
    both(1, 1, 2, 1);
    expect(get(1, 0, 0, 0)).toBe(4 * 5 - 6 * -2);
    expect(get(1, 1, 0, 0)).toBe(4 * 5 - 6 * -2);
  });

  it("has twins that agree on ragged pixels, depths and channels", () => {
    for (let i: u32 = 0; i < 60; ++i) {
      const pixels = 1 + (i % 7);
      const depth: u32 = random(1, 21);
      const outputs: u32 = random(1, 20);
      layOut(pixels, depth, outputs, random(-128, 127));
      if (i % 3 == 0) store<i32>(step, random(-128, 127), STEP_WEIGHT_ZERO_POINT);
      if (i % 4 == 0) store<u32>(step, 0, STEP_FLAGS); // the general path
      store<i32>(step, held(-100), STEP_CLAMP_MIN);
      store<i32>(step, held(90), STEP_CLAMP_MAX);
      scatter(0);
      randomWeights(depth, outputs);
      sumPixels(rowAddress(arena, record(0), 0), depth, pixels, depth, scratch);
      both(pixels, pixels, depth, outputs);
      agree(pixels, outputs);
    }
  });

  it("goes over the gap between rows", () => {
    layOut(6, 4, 8, 0);
    scatter(0);
    randomWeights(4, 8);
    const input = rowAddress(arena, record(0), 0);
    const scalar = rowAddress(arena, record(1), 0);
    const simd = rowAddress(arena, record(1), 1);
    // Two rows of two pixels, a pixel of input between them, none of output.
    matmulScalar(arena, step, input, 4, 4, 2, 4, scratch, 0, 8, scalar, 8, 0);
    matmulSimd(arena, step, input, 4, 4, 2, 4, scratch, 0, 8, simd, 8, 0);
    agree(4, 8);
    memory.copy(scratch, scalar, 32);
    both(6, 6, 4, 8);
    expect(memory.compare(scratch, scalar, 16)).toBe(0, "pixels 0 and 1");
    expect(memory.compare(scratch + 16, scalar + 24, 16)).toBe(0, "pixels 3 and 4");
  });
});

describe("matmulWide", () => {
  it("agrees with the scalar kernel on ragged pixels, depths and channels, in rows with gaps", () => {
    for (let i: u32 = 0; i < 60; ++i) {
      // Now and then more than are widened at a time: the input lies in the room of tensors 0 and 1.
      const isDeep = i % 10 == 9;
      const width: u32 = isDeep ? 10 : random(1, 9);
      const rows: u32 = isDeep ? 4 : random(1, 4);
      const pixels = rows * width - random(0, isDeep ? 3 : width - 1);
      const depth: u32 = isDeep ? random(230, 250) : random(1, 30);
      const outputs: u32 = random(1, isDeep ? 16 : 20);
      const gap: u32 = random(0, 1) * depth;
      begin(OPCODE_POINTWISE);
      store<u32>(step, depth, STEP_DEPTH);
      tensor(0, 1, rows * (width + 1), depth, 0, 0);
      tensor(2, 2, rows * (width + 1), outputs, random(-128, 127), 0);
      store<u32>(step, 2, STEP_OUTPUT);
      if (i % 3 == 0) store<i32>(step, random(-128, 127), STEP_WEIGHT_ZERO_POINT);
      if (i % 4 == 0) store<u32>(step, 0, STEP_FLAGS); // the general path
      scatter(0);
      randomWeights(depth, outputs);
      for (let p: u32 = 0; p < pixels; ++p) store<i32>(scratch + 4 * p, random(-5000, 5000));
      const input = rowAddress(arena, record(0), 0);
      const scalar = rowAddress(arena, record(2), 0);
      const wide = rowAddress(arena, record(2), 1);
      memory.fill(scalar, 7, 2 * rows * (width + 1) * outputs);
      for (let channel: u32 = 0; channel < outputs; channel += 8) {
        const count = min(outputs - channel, 8);
        matmulScalar(arena, step, input, depth, gap, width, pixels, scratch, channel, count, scalar + channel, outputs, outputs);
      }
      matmulWide(arena, step, input, depth, gap, width, pixels, scratch, wide, outputs, outputs);
      expect(memory.compare(scalar, wide, rows * (width + 1) * outputs)).toBe(0);
    }
  });
});

describe("requantiseChannel", () => {
  it("takes f64 factors with FLAG_DOUBLE", () => {
    begin(OPCODE_POINTWISE);
    store<u32>(step, FLAG_DOUBLE, STEP_FLAGS);
    store<f64>(file + load<u32>(step, STEP_MULTIPLIERS), 0.5, 8);
    expect(requantiseChannel(file, step, 1, 3, 5)).toBe(6);
    expect(requantiseChannel(file, step, 1, 3, -5)).toBe(0);
    expect(requantiseChannel(file, step, 1, 3, 1000)).toBe(255);
  });
});

describe("sumPixels", () => {
  it("sums each pixel's bytes, of any number", () => {
    for (let depth: u32 = 1; depth < 40; depth += 3) {
      layOut(3, depth, 1, 0);
      scatter(0);
      const row = rowAddress(arena, record(0), 0);
      sumPixelsScalar(row, depth, 3, depth, scratch);
      sumPixelsSimd(row, depth, 3, depth, scratch + 16);
      for (let p: u32 = 0; p < 3; ++p) {
        let sum = 0;
        for (let k: u32 = 0; k < depth; ++k) sum += held(get(0, 0, p, k));
        expect(load<i32>(scratch + 4 * p)).toBe(sum);
        expect(load<i32>(scratch + 16 + 4 * p)).toBe(sum);
      }
    }
  });
});
