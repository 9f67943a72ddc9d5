import { depthwise, depthwiseScalar, depthwiseSimd } from "../kernels/depthwise";
import { depthwise3x3Simd } from "../kernels/depthwise-3x3";
import { depthwise3x3Wide } from "../kernels/depthwise-3x3-wide";
import {
  OPCODE_DEPTHWISE,
  STEP_DEPTH,
  STEP_FLAGS,
  STEP_WEIGHT_ZERO_POINT,
  TENSOR_PIXEL_STRIDE,
} from "../layout";
import { padPixel, rowAddress } from "../rings";
import { arena, begin, bias, factor, get, held, put, random, record, scatter, scratch, step, tensor, weight, window } from "./lab";

/** 4 x 4 pixels of two channels, 1 .. 16 and minus that; kernel 3 x 3 of ones and of twos. */
function layOut(strideY: u32, strideX: u32, dilation: u32, pad: u32, height: u32, width: u32): void {
  begin(OPCODE_DEPTHWISE);
  window(3, 3, strideY, strideX, dilation, pad, pad);
  tensor(0, 4, 4, 2, 0, 2);
  tensor(1, height, width, 2, 0, 0);
  for (let y: u32 = 0; y < 4; ++y) {
    for (let x: u32 = 0; x < 4; ++x) {
      put(0, y, x, 0, 4 * y + x + 1);
      put(0, y, x, 1, -<i32>(4 * y + x + 1));
    }
  }
  for (let tap: u32 = 0; tap < 9; ++tap) {
    weight(8 * tap, 1);
    weight(8 * tap + 1, 2);
  }
  bias(0, -held(0) * 9);
  bias(1, -held(0) * 18);
}

describe("depthwise", () => {
  it("sums windows inside the map, channel by channel", () => {
    layOut(1, 1, 1, 0, 2, 2);
    bias(1, 100 - held(0) * 18);
    depthwise(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(54);
    expect(get(1, 1, 1, 0)).toBe(99);
    expect(get(1, 0, 0, 1)).toBe(100 - 108);
    expect(get(1, 1, 0, 1)).toBe(100 - 180);
  });

  it("pads with the zero point on all sides", () => {
    layOut(1, 1, 1, 1, 4, 4);
    depthwise(arena, step, 0, 4);
    expect(get(1, 0, 0, 0)).toBe(14);
    expect(get(1, 0, 3, 0)).toBe(3 + 4 + 7 + 8);
    expect(get(1, 3, 0, 1)).toBe(-2 * (9 + 10 + 13 + 14));
    expect(get(1, 3, 3, 1)).toBe(-2 * (11 + 12 + 15 + 16));
  });

  it("strides and dilates", () => {
    layOut(2, 2, 1, 1, 2, 2);
    depthwise(arena, step, 0, 2);
    expect(get(1, 0, 1, 0)).toBe(30);
    expect(get(1, 1, 1, 0)).toBe(99);
    layOut(1, 1, 2, 2, 4, 4);
    depthwise(arena, step, 0, 4);
    expect(get(1, 0, 0, 0)).toBe(1 + 3 + 9 + 11);
    expect(get(1, 1, 3, 0)).toBe(6 + 8 + 14 + 16);
  });

  it("subtracts the weights' zero point", () => {
    layOut(1, 1, 1, 0, 2, 2);
    store<i32>(step, 2, STEP_WEIGHT_ZERO_POINT); // weights become -1 and 0
    bias(0, held(0) * 9);
    bias(1, 0);
    depthwise(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(-54);
    expect(get(1, 0, 0, 1)).toBe(0);
  });

  it("makes several channels of one", () => {
    begin(OPCODE_DEPTHWISE);
    store<u32>(step, 3, STEP_DEPTH);
    tensor(0, 1, 1, 2, 0, 0);
    tensor(1, 1, 1, 6, 0, 0);
    put(0, 0, 0, 0, 5);
    put(0, 0, 0, 1, 7);
    for (let c: u32 = 0; c < 6; ++c) {
      weight(c, c + 1);
      bias(c, -held(0) * (c + 1));
    }
    depthwise(arena, step, 0, 1);
    for (let c: u32 = 0; c < 6; ++c) expect(get(1, 0, 0, c)).toBe((c < 3 ? 5 : 7) * (c + 1));
  });
});

/**
 * The table of taps for output row 0 over input rows -1, 0 .. by hand: address of the tap's pixel for output column 0
 * and mask. Row -1 is outside.
 */
function tabulate(kernelHeight: u32, kernelWidth: u32, dilation: u32): void {
  let at = scratch;
  const stride = load<u32>(record(0), TENSOR_PIXEL_STRIDE);
  for (let ky: u32 = 0; ky < kernelHeight; ++ky) {
    for (let kx: u32 = 0; kx < kernelWidth; ++kx) {
      const address = ky ? rowAddress(arena, record(0), (ky - 1) * dilation) + kx * dilation * stride : padPixel(arena, record(0), -1);
      store<u32>(at, address);
      store<u32>(at, ky ? 0xffffffff : 0, 4);
      at += 8;
    }
  }
}

describe("depthwise twins", () => {
  it("agree on ragged widths and channels, any kernel, stride and weights' zero point", () => {
    for (let i: u32 = 0; i < 120; ++i) {
      const is3x3 = i % 2 == 0;
      const isWide = is3x3 || i % 4 == 1; // of any stride and dilation
      const kernelHeight: u32 = isWide ? 3 : random(1, 5);
      const kernelWidth: u32 = isWide ? 3 : random(1, 5);
      const dilation: u32 = is3x3 ? 1 : random(1, 2);
      // Now and then more columns than are widened at a time.
      const isLong = i % 40 == 21;
      const strideX: u32 = isLong ? 1 : random(1, is3x3 ? 2 : 3);
      const width: u32 = isLong ? random(505, 560) : random(1, 9);
      const channels: u32 = isLong ? 1 : random(1, 20);
      begin(OPCODE_DEPTHWISE);
      window(kernelHeight, kernelWidth, 1, strideX, dilation, 1, 0);
      tensor(0, 8, (width - 1) * strideX + (kernelWidth - 1) * dilation + 1, channels, random(-128, 127), 1);
      tensor(1, 4, width, channels, random(-128, 127), 0);
      scatter(0);
      if (i % 3 == 0) store<i32>(step, random(-128, 127), STEP_WEIGHT_ZERO_POINT);
      if (!is3x3 && i % 5 == 0) store<u32>(step, 0, STEP_FLAGS); // the general path
      const taps = kernelHeight * kernelWidth;
      for (let k: u32 = 0; k < taps * ((channels + 7) & ~7); ++k) weight(k, random(-128, 127));
      for (let c: u32 = 0; c < channels; ++c) {
        bias(c, random(-2000, 2000));
        factor(c, random(1 << 30, i32.MAX_VALUE), random(4, 9));
      }
      // One table for all output rows: each twin makes its own row of it.
      tabulate(kernelHeight, kernelWidth, dilation);
      const scalar = rowAddress(arena, record(1), 0);
      const simd = rowAddress(arena, record(1), 1);
      const special = rowAddress(arena, record(1), 2);
      const wide = rowAddress(arena, record(1), 3);
      for (let channel: u32 = 0; channel < channels; channel += 8) {
        const count = min(channels - channel, 8);
        depthwiseScalar(arena, step, scratch, taps, channel, count, 0, 1);
        depthwiseSimd(arena, step, scratch, taps, channel, count, 1, 1);
        if (is3x3) depthwise3x3Simd(arena, step, scratch, channel, count, 2, 1);
        if (isWide) depthwise3x3Wide(arena, step, scratch, channel, count, 3, 1);
      }
      expect(memory.compare(scalar, simd, width * channels)).toBe(0);
      if (is3x3) expect(memory.compare(scalar, special, width * channels)).toBe(0);
      if (isWide) expect(memory.compare(scalar, wide, width * channels)).toBe(0);
    }
  });
});
