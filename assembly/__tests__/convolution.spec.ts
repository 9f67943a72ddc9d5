import { convolution, convolutionBytes, convolutionWide } from "../kernels/convolution";
import { patchStride, widePatchStride } from "../kernels/gather";
import { OPCODE_CONVOLUTION, STEP_DEPTH, STEP_FLAGS, STEP_SCRATCH_PIXELS, STEP_WEIGHT_ZERO_POINT } from "../layout";
import { rowAddress } from "../rings";
import { arena, begin, bias, blockWeight, factor, get, held, put, random, record, scatter, step, tensor, window } from "./lab";

/** An output of the other twin. */
const kept = memory.data(1024);

/** 4 x 4 pixels of one channel, 1 .. 16, zero point 0 and a pad pixel; kernel 3 x 3 of ones to one output channel. */
function layOut(strideY: u32, strideX: u32, dilation: u32, pad: u32, height: u32, width: u32): void {
  begin(OPCODE_CONVOLUTION);
  store<u32>(step, 9, STEP_DEPTH);
  window(3, 3, strideY, strideX, dilation, pad, pad);
  tensor(0, 4, 4, 1, 0, 2);
  tensor(1, height, width, 1, 0, 0);
  for (let y: u32 = 0; y < 4; ++y) for (let x: u32 = 0; x < 4; ++x) put(0, y, x, 0, 4 * y + x + 1);
  for (let k: u32 = 0; k < 9; ++k) blockWeight(0, k, 9, 1);
  bias(0, -held(0) * 9);
}

describe("patchStride", () => {
  it("leaves room for a word written past a patch", () => {
    for (let depth: u32 = 1; depth < 40; ++depth) {
      expect(patchStride(depth) >= depth + 7).toBe(true);
      expect(patchStride(depth) & 3).toBe(0);
      expect(widePatchStride(depth) >= 2 * (depth + 7)).toBe(true);
    }
  });
});

describe("convolution", () => {
  it("sums windows inside the map", () => {
    layOut(1, 1, 1, 0, 2, 2);
    convolution(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(54); // 1 2 3, 5 6 7, 9 10 11
    expect(get(1, 0, 1, 0)).toBe(63);
    expect(get(1, 1, 0, 0)).toBe(90);
    expect(get(1, 1, 1, 0)).toBe(99);
  });

  it("pads with the zero point on all sides", () => {
    layOut(1, 1, 1, 1, 4, 4);
    convolution(arena, step, 0, 4);
    expect(get(1, 0, 0, 0)).toBe(1 + 2 + 5 + 6);
    expect(get(1, 0, 3, 0)).toBe(3 + 4 + 7 + 8);
    expect(get(1, 3, 0, 0)).toBe(9 + 10 + 13 + 14);
    expect(get(1, 3, 3, 0)).toBe(11 + 12 + 15 + 16);
    expect(get(1, 1, 1, 0)).toBe(54);
  });

  it("strides", () => {
    layOut(2, 2, 1, 1, 2, 2);
    convolution(arena, step, 0, 2);
    expect(get(1, 0, 0, 0)).toBe(14);
    expect(get(1, 0, 1, 0)).toBe(2 + 3 + 4 + 6 + 7 + 8);
    expect(get(1, 1, 1, 0)).toBe(99);
  });

  it("dilates", () => {
    layOut(1, 1, 2, 2, 4, 4);
    convolution(arena, step, 0, 4);
    expect(get(1, 0, 0, 0)).toBe(1 + 3 + 9 + 11);
    expect(get(1, 1, 3, 0)).toBe(6 + 8 + 14 + 16);
  });

  it("gathers in chunks of any size, with a bias and the weights' zero point", () => {
    for (let chunk: u32 = 1; chunk <= 5; ++chunk) {
      layOut(1, 1, 1, 1, 4, 4);
      store<u32>(step, chunk, STEP_SCRATCH_PIXELS);
      store<i32>(step, 2, STEP_WEIGHT_ZERO_POINT); // weights become -1
      bias(0, 100 + held(0) * 9);
      convolution(arena, step, 0, 4);
      expect(get(1, 1, 1, 0)).toBe(100 - 54);
      expect(get(1, 0, 0, 0)).toBe(100 - 14);
      expect(get(1, 3, 3, 0)).toBe(100 - 54);
    }
  });

  it("orders the patch by row, pixel and channel", () => {
    begin(OPCODE_CONVOLUTION);
    store<u32>(step, 8, STEP_DEPTH);
    window(2, 2, 1, 1, 1, 0, 0);
    tensor(0, 2, 2, 2, 0, 0);
    tensor(1, 1, 1, 8, 0, 0);
    // Output c takes element c of the patch alone.
    for (let k: u32 = 0; k < 8; ++k) {
      put(0, k >> 2, (k >> 1) & 1, k & 1, 11 * k);
      blockWeight(k, k, 8, 1);
      bias(k, -held(0));
    }
    convolution(arena, step, 0, 1);
    for (let k: u32 = 0; k < 8; ++k) expect(get(1, 0, 0, k)).toBe(11 * k);
  });
});

describe("convolutionWide", () => {
  it("agrees with patches of bytes on any window, ragged widths, depths and channels", () => {
    for (let i: u32 = 0; i < 60; ++i) {
      const kernel: u32 = random(1, 4);
      const channels: u32 = random(1, 6);
      const dilation: u32 = random(1, 2);
      const stride: u32 = random(1, 3);
      const width: u32 = random(1, 9), height: u32 = random(1, 3);
      const outputs: u32 = random(1, 12);
      const depth = kernel * kernel * channels;
      const reach = (kernel - 1) * dilation + 1;
      begin(OPCODE_CONVOLUTION);
      store<u32>(step, depth, STEP_DEPTH);
      store<u32>(step, random(1, 9), STEP_SCRATCH_PIXELS);
      const pad: u32 = random(0, 1);
      window(kernel, kernel, stride, stride, dilation, pad, pad);
      tensor(0, (height - 1) * stride + reach, (width - 1) * stride + reach, channels, random(-128, 127), 2);
      tensor(1, height, width, outputs, random(-128, 127), 0);
      if (i % 3 == 0) store<i32>(step, random(-128, 127), STEP_WEIGHT_ZERO_POINT);
      if (i % 4 == 0) store<u32>(step, 0, STEP_FLAGS); // the general path
      scatter(0);
      for (let c: u32 = 0; c < outputs; ++c) {
        bias(c, random(-3000, 3000));
        factor(c, random(1 << 30, i32.MAX_VALUE), random(4, 9));
        for (let k: u32 = 0; k < depth; ++k) blockWeight(c, k, depth, random(-127, 127));
      }
      const bytes = height * width * outputs;
      const made = rowAddress(arena, record(1), 0);
      convolutionBytes(arena, step, 0, height);
      memory.copy(kept, made, bytes);
      memory.fill(made, 77, bytes);
      convolutionWide(arena, step, 0, height);
      expect(memory.compare(kept, made, bytes)).toBe(0);
    }
  });
});
