/**
 * Pointwise (1x1) convolution, and fully connected as a pointwise on a map of one pixel. Reads the input ring in place.
 * Blocks of output channels are the outer loop, so one firing reads the weights once however many rows it makes.
 */
import {
  BLOCK_CHANNELS,
  STEP_DEPTH,
  STEP_STRIDE_X,
  STEP_STRIDE_Y,
  TENSOR_CHANNELS,
  TENSOR_PIXEL_STRIDE,
  TENSOR_ROW_STRIDE,
  TENSOR_WIDTH,
} from "../layout";
import { contiguous, fileOf, inputOf, outputOf, rowAddress, scratchOf } from "../rings";
import { endChannel, firstChannel } from "../streaming";
import { hasZeroPoint } from "./block";
import { matmul, sumPixels } from "./matmul";
import { isWide, matmulWide } from "./matmul-wide";
import { WIDENS } from "./wide";

/** Output rows y .. y + rows - 1. Scratch, if the weights have a zero point: i32 [rows, width]. */
export function pointwise(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const strideY = load<u32>(step, STEP_STRIDE_Y);
  const pixelStride = load<u32>(input, TENSOR_PIXEL_STRIDE) * load<u32>(step, STEP_STRIDE_X);
  const outputStride = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const width = load<u32>(output, TENSOR_WIDTH);
  const channels = endChannel(step, load<u32>(output, TENSOR_CHANNELS));
  const inputGap = ASC_FEATURE_SIMD ? load<u32>(input, TENSOR_ROW_STRIDE) * strideY - width * pixelStride : 0;
  const outputGap = ASC_FEATURE_SIMD ? load<u32>(output, TENSOR_ROW_STRIDE) - width * outputStride : 0;
  const sums = scratchOf(arena, step);
  if (hasZeroPoint(step)) {
    for (let r: u32 = 0; r < rows; ++r) {
      const row = rowAddress(arena, input, (y + r) * strideY);
      sumPixels(row, pixelStride, width, load<u32>(step, STEP_DEPTH), sums + r * (width << 2));
    }
  }
  if (WIDENS && isWide(step, rows * width)) {
    for (let r: u32 = 0; r < rows; ) {
      const inputY = (y + r) * strideY;
      const run = min(min(contiguous(input, inputY, strideY), contiguous(output, y + r, 1)), rows - r);
      const from = rowAddress(arena, input, inputY);
      const to = rowAddress(arena, output, y + r);
      const corrections = sums + r * (width << 2);
      matmulWide(arena, step, from, pixelStride, inputGap, width, run * width, corrections, to, outputStride, outputGap);
      r += run;
    }
    return;
  }
  for (let channel = firstChannel(step); channel < channels; channel += BLOCK_CHANNELS) {
    const count = min(channels - channel, BLOCK_CHANNELS);
    for (let r: u32 = 0; r < rows; ) {
      const inputY = (y + r) * strideY;
      // The scalar twin has more to do in a row than in a call.
      const run = ASC_FEATURE_SIMD
        ? min(min(contiguous(input, inputY, strideY), contiguous(output, y + r, 1)), rows - r)
        : 1;
      matmul(
        arena,
        step,
        rowAddress(arena, input, inputY),
        pixelStride,
        inputGap,
        width,
        run * width,
        sums + r * (width << 2),
        channel,
        count,
        rowAddress(arena, output, y + r) + channel,
        outputStride,
        outputGap,
      );
      r += run;
    }
  }
}
