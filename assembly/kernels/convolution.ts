/**
 * 2-D convolution of any kernel, stride and dilation: gathers the patches of some pixels, each as one run of
 * kernelHeight * kernelWidth * channels, then multiplies as a pointwise does.
 */
import {
  BLOCK_CHANNELS,
  STEP_DEPTH,
  STEP_SCRATCH_PIXELS,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_ROW_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { contiguous, fileOf, inputOf, outputOf, rowAddress, scratchOf } from "../rings";
import { endChannel, firstChannel } from "../streaming";
import { hasZeroPoint } from "./block";
import { gather, patchStride, widePatchStride } from "./gather";
import { matmul, sumPixels } from "./matmul";
import { isWide, multiplyWide, sumWide } from "./matmul-wide";
import { INPUT_BYTES, WIDENS, wideInputs } from "./wide";

/**
 * Patches of bytes. Output rows y .. y + rows - 1. Scratch: STEP_SCRATCH_PIXELS patches, patchStride apart, 16 bytes of
 * slack; then, if the weights have a zero point, i32 [pixels].
 */
export function convolutionBytes(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const width = load<u32>(output, TENSOR_WIDTH);
  const depth = load<u32>(step, STEP_DEPTH);
  const stride = patchStride(depth);
  const chunk = load<u32>(step, STEP_SCRATCH_PIXELS);
  const patches = scratchOf(arena, step);
  const sums = patches + chunk * stride + 16;
  const outputStride = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const channels = endChannel(step, load<u32>(output, TENSOR_CHANNELS));
  for (let r: u32 = 0; r < rows; ++r) {
    let to = rowAddress(arena, output, y + r);
    for (let x: u32 = 0; x < width; x += chunk) {
      const pixels = min(width - x, chunk);
      gather(arena, step, input, y + r, x, pixels, patches, stride, false);
      if (hasZeroPoint(step)) sumPixels(patches, stride, pixels, depth, sums);
      for (let channel = firstChannel(step); channel < channels; channel += BLOCK_CHANNELS) {
        const count = min(channels - channel, BLOCK_CHANNELS);
        matmul(arena, step, patches, stride, 0, pixels, pixels, sums, channel, count, to + channel, outputStride, 0);
      }
      to += pixels * outputStride;
    }
  }
}

/**
 * Patches of int16, in static memory; of several rows at a time where they have room. Output rows y .. y + rows - 1.
 * Scratch, if the weights have a zero point: i32 [pixels].
 */
export function convolutionWide(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const outputStride = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const width = load<u32>(output, TENSOR_WIDTH);
  const gap = load<u32>(output, TENSOR_ROW_STRIDE) - width * outputStride;
  const depth = load<u32>(step, STEP_DEPTH);
  const stride = widePatchStride(depth);
  let most = INPUT_BYTES / stride;
  // Scratch is laid out for patches of bytes, and for as many sums.
  if (hasZeroPoint(step)) most = min(most, load<u32>(step, STEP_SCRATCH_PIXELS));
  const sums = scratchOf(arena, step);
  for (let r: u32 = 0; r < rows; ) {
    const run = min(min(contiguous(output, y + r, 1), rows - r), max(most / width, 1));
    const to = rowAddress(arena, output, y + r);
    for (let x: u32 = 0; x < width; x += most) {
      const pixels = min(width - x, most);
      for (let k: u32 = 0; k < run; ++k) {
        gather(arena, step, input, y + r + k, x, pixels, wideInputs + k * width * stride, stride, true);
      }
      if (hasZeroPoint(step)) sumWide(stride, run * pixels, depth, sums);
      multiplyWide(arena, step, stride, width, width, run * pixels, sums, to + x * outputStride, outputStride, gap);
    }
    r += run;
  }
}

/** The twin of this build, of output rows y .. y + rows - 1. */
export function convolution(arena: usize, step: usize, y: u32, rows: u32): void {
  const pixels = rows * load<u32>(outputOf(fileOf(arena), step), TENSOR_WIDTH);
  if (WIDENS && isWide(step, pixels)) convolutionWide(arena, step, y, rows);
  else convolutionBytes(arena, step, y, rows);
}
