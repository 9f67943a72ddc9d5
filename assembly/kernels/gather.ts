/** Patches of a convolution: what a kernel covers for an output pixel, as one run of kernelHeight * kernelWidth * channels. */
import {
  STEP_DILATION_X,
  STEP_DILATION_Y,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_PAD_LEFT,
  STEP_PAD_TOP,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
} from "../layout";
import { outside, padPixel, rowAddress } from "../rings";
import { WIDENS } from "./wide";

/** Copies bytes in words of 8 or 16; may write up to 15 bytes past the end, for which patchStride leaves room. */
// @ts-ignore: decorator
@inline
function copyOver(to: usize, from: usize, bytes: u32): void {
  if (ASC_FEATURE_SIMD) for (let i: u32 = 0; i < bytes; i += 16) v128.store(to + i, v128.load(from + i));
  else for (let i: u32 = 0; i < bytes; i += 8) store<u64>(to + i, load<u64>(from + i));
}

/** Widens bytes to int16; may write up to 7 of them past the end, for which widePatchStride leaves room. */
// @ts-ignore: decorator
@inline
function widenOver(to: usize, from: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i += 8) v128.store(to + (i << 1), v128.load8x8_u(from + i));
}

/** Bytes from a patch to the next: the depth and room for what is written past it, rounded up to 4. */
// @ts-ignore: decorator
@inline
export function patchStride(depth: u32): u32 {
  return (depth + 15 + 3) & ~3;
}

/** The same of patches that are widened to int16. */
// @ts-ignore: decorator
@inline
export function widePatchStride(depth: u32): u32 {
  return (depth + 8) << 1;
}

/**
 * Lays out the patches of output pixels x .. x + pixels - 1 of output row y, `stride` bytes apart, as bytes or (`isWide`)
 * int16. Rows outside of the input are copies of the pad pixel; columns outside are pad columns of the ring.
 * A copy writes past its run. Kernel rows are gathered in ascending order, so inside a patch the next kernel row
 * overwrites that; past the patch's end it falls into the gap which the stride leaves.
 */
export function gather(
  arena: usize,
  step: usize,
  input: usize,
  y: u32,
  x: u32,
  pixels: u32,
  to: usize,
  stride: u32,
  isWide: bool,
): void {
  const kernelHeight = load<u32>(step, STEP_KERNEL_HEIGHT);
  const kernelWidth = load<u32>(step, STEP_KERNEL_WIDTH);
  const channels = load<u32>(input, TENSOR_CHANNELS);
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  let inputY = <i32>(y * load<u32>(step, STEP_STRIDE_Y)) - load<i32>(step, STEP_PAD_TOP);
  for (let ky: u32 = 0; ky < kernelHeight; ++ky) {
    let row = to + ((ky * (kernelWidth * channels)) << <u32>isWide);
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
    // A network's first layer: nothing but a load and a store or two for each row of a patch.
    if (ASC_FEATURE_SIMD && !WIDENS && oneRun && run <= 16) {
      do {
        v128.store(row, v128.load(from));
        row += stride;
        from += advance;
      } while (--left);
    } else if (WIDENS && isWide && oneRun && run <= 16 && run > 8) {
      do {
        v128.store(row, v128.load8x8_u(from));
        v128.store(row, v128.load8x8_u(from, 8), 16);
        row += stride;
        from += advance;
      } while (--left);
    } else {
      do {
        for (let r: u32 = 0; r < runs; ++r) {
          if (WIDENS && isWide) widenOver(row + ((r * channels) << 1), from + r * tapStride, run);
          else copyOver(row + r * channels, from + r * tapStride, run);
        }
        row += stride;
        from += advance;
      } while (--left);
    }
    inputY += load<i32>(step, STEP_DILATION_Y);
  }
}
