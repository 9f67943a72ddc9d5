/** CONV_2D and DEPTHWISE_CONV_2D. */
import type { Convolution, Depthwise, Tensor } from "../../../graph/graph.js";
import { CONV_2D, DEPTHWISE_CONV_2D } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { readBias, readWeights } from "../weights.js";
import { readWindow } from "../window.js";

/**
 * Weights of groups, each of which reads its own range of input channels, as those of one convolution over all of them:
 * what a group does not read has the weight zero.
 */
function ungrouped(weights: Tensor, groups: number): Tensor {
  const [outputs, height, width, depth] = weights.shape as [number, number, number, number];
  const source = weights.data as Int8Array | Uint8Array;
  const zero = weights.quantization!.zeroPoint[0]!;
  const shape = [outputs, height, width, depth * groups];
  const length = source.length * groups;
  const data = weights.type === "uint8" ? new Uint8Array(length).fill(zero) : new Int8Array(length);
  for (let tap = 0; tap < outputs * height * width; tap++) {
    const group = Math.floor(tap / (height * width) / (outputs / groups));
    data.set(source.subarray(tap * depth, (tap + 1) * depth), (tap * groups + group) * depth);
  }
  return { ...weights, shape, data };
}

/**
 * Input [1, H, W, I], weights [O, kh, kw, I / groups], bias [O], output [1, h, w, O]. Follows TFLite's kernels/conv.cc.
 */
export function readConvolution(op: OperatorView): Convolution {
  op.counts(2, 3);
  const input = op.activation(0);
  const output = op.output();
  const weights = readWeights(op, input, 4, 0, true);
  const [channels, height, width, depth] = weights.shape as [number, number, number, number];
  const window = readWindow(op, CONV_2D, { height, width }, input, output, channels);
  const found = input.shape[3]!;
  const groups = found / depth;
  if (!Number.isInteger(groups) || channels % groups !== 0)
    op.stop(`its weights are for ${depth} input channels instead of ${found}`);
  op.sameType(input, output);
  const bias = readBias(op, channels);
  return {
    ...op.base([input], output),
    kind: "convolution",
    weights: groups > 1 ? ungrouped(weights, groups) : weights,
    ...(bias && { bias }),
    ...window,
    activation: op.fused(CONV_2D.activation),
  };
}

/**
 * Input [1, H, W, C], weights [1, kh, kw, C * m], bias [C * m], output [1, h, w, C * m]. The multiplier m follows from
 * the shapes (the option of that name is ignored, as in TFLite's kernels/depthwise_conv.cc).
 */
export function readDepthwise(op: OperatorView): Depthwise {
  op.counts(2, 3);
  const input = op.activation(0);
  const output = op.output();
  const weights = readWeights(op, input, 4, 3, true);
  const [first, height, width, channels] = weights.shape as [number, number, number, number];
  const window = readWindow(op, DEPTHWISE_CONV_2D, { height, width }, input, output, channels);
  const channelMultiplier = channels / input.shape[3]!;
  op.require(first === 1, `its weights' first dimension is ${first} instead of 1`);
  if (!Number.isInteger(channelMultiplier) || channelMultiplier < 1) {
    op.refuse(`its weights have ${channels} channels for an input of ${input.shape[3]}`);
  }
  op.sameType(input, output);
  const bias = readBias(op, channels);
  const activation = op.fused(DEPTHWISE_CONV_2D.activation);
  return {
    ...op.base([input], output),
    kind: "depthwise",
    weights,
    ...(bias && { bias }),
    channelMultiplier,
    ...window,
    activation,
  };
}
