import {
  BLOCK_CHANNELS,
  BLOCK_DEPTH,
  OPCODE_CONVOLUTION,
  OPCODE_POINTWISE,
  STEP_DEPTH,
  STEP_SCRATCH_PIXELS,
  STEP_WEIGHT_ZERO_POINT,
  STEP_WEIGHTS,
} from "../../../../assembly/layout.js";
import { type Convolution, extent, type FullyConnected, perPixel, type Tensor } from "../../graph/graph.js";
import { type ChannelWeights, lowerChannels, roundUp, weightZeroPoint } from "../channels.js";
import { activationRange } from "../fixed-point.js";
import { type Kernel, ONE_PIXEL, type StepWindow } from "../program.js";
import { stepWindow } from "../window.js";

/** Bytes of patches that one gather may lay out: enough pixels to use each weight often, little RAM. */
const GATHER_BYTES = 1024;

/** Weights [O, depth] of a constant tensor, zero point subtracted, a row for each output channel. */
function channelRows(weights: Tensor): ChannelWeights[] {
  const data = weights.data as Int8Array;
  const channels = weights.shape[0]!;
  const depth = data.length / channels;
  const zeroPoint = weightZeroPoint(weights);
  return Array.from({ length: channels }, (_, c) =>
    Int16Array.from(data.subarray(c * depth, (c + 1) * depth), (w) => w - zeroPoint),
  );
}

/** The engine's order: [blocks of 8 channels][groups of 4 of depth][8 channels][4 weights], zero filled. */
export function blockWeights(rows: ChannelWeights[]): Uint8Array {
  const depth = rows[0]!.length;
  const groups = Math.ceil(depth / BLOCK_DEPTH);
  const packed = new Int8Array(roundUp(rows.length, BLOCK_CHANNELS) * groups * BLOCK_DEPTH);
  const blockBytes = groups * BLOCK_DEPTH * BLOCK_CHANNELS;
  rows.forEach((row, c) => {
    const block = Math.floor(c / BLOCK_CHANNELS) * blockBytes + (c % BLOCK_CHANNELS) * BLOCK_DEPTH;
    row.forEach((w, k) => {
      packed[block + Math.floor(k / BLOCK_DEPTH) * BLOCK_DEPTH * BLOCK_CHANNELS + (k % BLOCK_DEPTH)] = w;
    });
  });
  return new Uint8Array(packed.buffer);
}

/** A convolution over a window; a pointwise where the window is one pixel and nothing is padded. */
function lowerMatmul(
  operator: Convolution | FullyConnected,
  window: StepWindow,
  padded: boolean,
  outputWidth: number,
): Kernel {
  const { weights, bias, activation, output } = operator;
  const input = operator.inputs[0]!;
  const clamp = activationRange(activation, output);
  const lowered = lowerChannels(
    input,
    weights,
    output,
    channelRows(weights),
    bias,
    clamp,
    operator.kind === "fully_connected",
  );
  const { zeroPoint } = lowered;
  const depth = lowered.weights[0]!.length;
  const kernel: Kernel = {
    opcode: OPCODE_POINTWISE,
    flags: lowered.flags,
    window,
    clamp,
    constants: [{ field: STEP_WEIGHTS, bytes: blockWeights(lowered.weights) }, ...lowered.constants],
    words: { [STEP_DEPTH]: depth, [STEP_WEIGHT_ZERO_POINT]: zeroPoint },
  };
  if (window.kernelHeight * window.kernelWidth === 1 && !padded) {
    return { ...kernel, scratchRowBytes: zeroPoint ? outputWidth * 4 : 0 };
  }
  // As patchStride and scratchNeed in the engine.
  const stride = roundUp(depth + 15, 4);
  const pixels = Math.min(outputWidth, Math.max(2, 2 * Math.floor(GATHER_BYTES / stride / 2)));
  return {
    ...kernel,
    opcode: OPCODE_CONVOLUTION,
    words: { ...kernel.words, [STEP_SCRATCH_PIXELS]: pixels },
    scratchBytes: pixels * (stride + (zeroPoint ? 4 : 0)) + 16,
  };
}

/** 2-D convolution. Reference: TFLite's integer_ops/conv.h (per channel) and conv.h (uint8). */
export function lowerConvolution(operator: Convolution): Kernel {
  const { padding } = operator;
  const padded = padding.top + padding.bottom + padding.left + padding.right > 0;
  return lowerMatmul(operator, stepWindow(operator), padded, extent(operator.output).width);
}

/**
 * Fully connected: a convolution whose kernel is the whole map, or a pointwise. TFLite's reference requantises it in
 * double precision (integer_ops/fully_connected.h).
 */
export function lowerFullyConnected(operator: FullyConnected): Kernel {
  const { height, width } = extent(operator.inputs[0]!);
  if (perPixel(operator)) return lowerMatmul(operator, ONE_PIXEL, false, width);
  return lowerMatmul(operator, { ...ONE_PIXEL, kernelHeight: height, kernelWidth: width }, false, 1);
}
