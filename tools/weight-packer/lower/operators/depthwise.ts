import {
  BLOCK_CHANNELS,
  OPCODE_DEPTHWISE,
  STEP_DEPTH,
  STEP_WEIGHT_ZERO_POINT,
  STEP_WEIGHTS,
} from "../../../../assembly/layout.js";
import type { Depthwise } from "../../graph/graph.js";
import { lowerChannels, roundUp, weightZeroPoint } from "../channels.js";
import { activationRange } from "../fixed-point.js";
import type { Kernel } from "../program.js";
import { stepWindow } from "../window.js";

/**
 * Depthwise convolution: weights [taps, channels rounded up to 8]. Reference: TFLite's integer_ops/depthwise_conv.h and
 * depthwiseconv_uint8.h.
 */
export function lowerDepthwise(operator: Depthwise): Kernel {
  const { weights, kernelHeight, kernelWidth } = operator;
  const data = weights.data as Int8Array;
  const channels = weights.shape[3]!;
  const taps = kernelHeight * kernelWidth;
  const zeroPoint = weightZeroPoint(weights);
  const rows = Array.from({ length: channels }, (_, c) =>
    Int16Array.from({ length: taps }, (_, t) => data[t * channels + c]! - zeroPoint),
  );
  const clamp = activationRange(operator.activation, operator.output);
  const lowered = lowerChannels(operator.inputs[0]!, weights, operator.output, rows, operator.bias, clamp, false);
  const stride = roundUp(channels, BLOCK_CHANNELS);
  const packed = new Int8Array(taps * stride);
  lowered.weights.forEach((row, c) => {
    row.forEach((w, t) => {
      packed[t * stride + c] = w;
    });
  });
  return {
    opcode: OPCODE_DEPTHWISE,
    flags: lowered.flags,
    window: stepWindow(operator),
    clamp,
    constants: [{ field: STEP_WEIGHTS, bytes: new Uint8Array(packed.buffer) }, ...lowered.constants],
    words: { [STEP_DEPTH]: operator.channelMultiplier, [STEP_WEIGHT_ZERO_POINT]: lowered.zeroPoint },
    scratchRowBytes: taps * 8,
  };
}
