/**
 * 2-D convolution of any kernel, stride and dilation: gathers the patches of some pixels into scratch, each as one run
 * of kernelHeight * kernelWidth * channels bytes, then multiplies as a pointwise does.
 */
import {
  BLOCK_CHANNELS,
  STEP_DEPTH,
  STEP_DILATION_X,
  STEP_DILATION_Y,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_SCRATCH_PIXELS,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { fileOf, inputOf, outputOf, outside, padPixel, rowAddress, scratchOf } from "../rings";
import { endChannel, firstChannel } from "../streaming";
import { hasZeroPoint } from "./block";
import { matmul, sumPixels, widens } from "./matmul";
import { matmulWide, WIDENS } from "./matmul-wide";

/** Copies bytes in words of 8 or 16; may write up to 15 bytes past the end, for which patchStride leaves room. */
// @ts-ignore: decorator
@inline
function copyOver(to: usize, from: usize, bytes: u32): void {
  if (ASC_FEATURE_SIMD) for (let i: u32 = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
  else for (let i: u32 = 0; i < bytes; i += 8) store<u64>(to + i, load<u64>(from + i));
}

/**
 * Lays out the patches of output pixels x .. x + pixels - 1 of output row y, `stride` bytes apart.
 * Rows outside of the input are copies of the pad pixel; columns outside are pad columns of the ring.
 */
function gather(arena: usize, step: usize, input: usize, y: u32, x: u32, pixels: u32, to: usize, stride: u32): void {
  const kernelHeight = load<u32>(step, STEP_KERNEL_HEIGHT);
  const kernelWidth = load<u32>(step, STEP_KERNEL_WIDTH);
  const channels = load<u32>(input, TENSOR_CHANNELS);
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  let inputY = <i32>(y * load<u32>(step, STEP_STRIDE_Y)) - load<i32>(step, STEP_PAD_TOP);
  for (let ky: u32 = 0; ky < kernelHeight; ++ky) {
    let row = to + ky * (kernelWidth * channels);
    let from: usize;
    let advance = load<u32>(step, STEP_STRIDE_X) * pixelStride;
    let tapStride = load<u32>(step, STEP_DILATION_X) * pixelStride;
    if (outside(input, inputY)) {
      from = padPixel(arena, input, inputY);
      advance = tapStride = 0;
    } else from = rowAddress(arena, input, inputY) - load<u32>(step, STEP_PAD_LEFT) * pixelStride + x * advance;
    // Taps that lie side by side are copied as one, but by the scalar twin, of which copies are the least work.
    const oneRun = ASC_FEATURE_SIMD && tapStride == channels;
    const run = oneRun ? kernelWidth * channels : channels;
    const runs: u32 = oneRun ? 1 : kernelWidth;
    let left = pixels;
    if (ASC_FEATURE_SIMD && oneRun && run <= 16) {
      // A network's first layer: nothing but a load and a store for each row of a patch.
      do {
        v128.store(row, v128.load(from));
        row += stride;
        from += advance;
      } while (--left);
    } else {
      do {
        for (let r: u32 = 0; r < runs; ++r) copyOver(row + r * channels, from + r * tapStride, run);
        row += stride;
        from += advance;
      } while (--left);
    }
    inputY += load<i32>(step, STEP_DILATION_Y);
  }
}

/**
 * Output rows y .. y + rows - 1. Scratch: patches of STEP_SCRATCH_PIXELS pixels, depth rounded up to 4 apart, 16 bytes
 * of slack; then, if the weights have a zero point, i32 [pixels].
 * A copy may write 15 bytes past its run. Kernel rows are gathered in ascending order, so inside a patch the next kernel
 * row overwrites them; past the patch's end they fall into the gap which patchStride leaves.
 */
export function convolution(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const depth = load<u32>(step, STEP_DEPTH);
  const stride = patchStride(depth);
  const chunk = load<u32>(step, STEP_SCRATCH_PIXELS);
  const patches = scratchOf(arena, step);
  const sums = patches + chunk * stride + 16;
  const outputStride = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const width = load<u32>(output, TENSOR_WIDTH);
  const channels = endChannel(step, load<u32>(output, TENSOR_CHANNELS));
  for (let r: u32 = 0; r < rows; ++r) {
    let to = rowAddress(arena, output, y + r);
    for (let x: u32 = 0; x < width; x += chunk) {
      const pixels = min(width - x, chunk);
      gather(arena, step, input, y + r, x, pixels, patches, stride);
      if (hasZeroPoint(step)) sumPixels(patches, stride, pixels, depth, sums);
      if (WIDENS && widens(step, pixels)) matmulWide(arena, step, patches, stride, 0, pixels, pixels, sums, to, outputStride, 0);
      else
        for (let channel = firstChannel(step); channel < channels; channel += BLOCK_CHANNELS) {
          const count = min(channels - channel, BLOCK_CHANNELS);
          matmul(arena, step, patches, stride, 0, pixels, pixels, sums, channel, count, to + channel, outputStride, 0);
        }
      to += pixels * outputStride;
    }
  }
}

/** Bytes from a patch to the next: the depth and room for what is written past it, rounded up to 4. */
// @ts-ignore: decorator
@inline
export function patchStride(depth: u32): u32 {
  return (depth + 15 + 3) & ~3;
}
