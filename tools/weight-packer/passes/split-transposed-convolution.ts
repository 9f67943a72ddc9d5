/** Transposed convolutions as ordinary ones. */
import {
  type Convolution,
  extent,
  type Graph,
  type Operator,
  type Tensor,
  type TransposedConvolution,
} from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** Weights [O, H, W, I] turned upside down and left to right. */
function flipped(weights: Tensor): Tensor {
  const [outputs, height, width, inputs] = weights.shape as [number, number, number, number];
  const taps = height * width;
  const source = weights.data as Int8Array;
  const data = new Int8Array(source.length);
  for (let row = 0; row < outputs * taps; row++) {
    const turned = row - (row % taps) + (taps - 1 - (row % taps));
    data.set(source.subarray(row * inputs, (row + 1) * inputs), turned * inputs);
  }
  return { ...weights, data };
}

/**
 * An output pixel sums the same products as a convolution with the flipped kernel over the input whose pixels are a
 * stride apart with the zero point between: its products are 0. Padding of the transposed convolution takes from the
 * kernel's reach.
 */
function split(op: TransposedConvolution): Operator[] {
  const [input] = op.inputs as [Tensor];
  const { index, source, strideY, strideX, weights, bias, activation, output } = op;
  const [, kernelHeight, kernelWidth] = weights.shape as [number, number, number, number];
  const { height, width, channels } = extent(input);
  const shape = [1, (height - 1) * strideY + 1, (width - 1) * strideX + 1, channels];
  const apart: Tensor = { ...input, name: `${output.name} spread`, shape };
  const moves = strideY > 1 || strideX > 1;
  const top = kernelHeight - 1 - op.top;
  const left = kernelWidth - 1 - op.left;
  const out = extent(output);
  const convolution: Convolution = {
    kind: "convolution",
    index,
    source,
    inputs: [moves ? apart : input],
    output,
    weights: flipped(weights),
    ...(bias && { bias }),
    kernelHeight,
    kernelWidth,
    strideY: 1,
    strideX: 1,
    dilationY: 1,
    dilationX: 1,
    padding: {
      top,
      left,
      bottom: Math.max(0, out.height - 1 - top + kernelHeight - shape[1]!),
      right: Math.max(0, out.width - 1 - left + kernelWidth - shape[2]!),
    },
    activation,
  };
  if (!moves) return [convolution];
  return [{ kind: "spread", index, source, inputs: [input], output: apart, strideY, strideX }, convolution];
}

/** Every transposed convolution becomes a spread and a convolution. Run after toSigned. */
export function splitTransposedConvolution(graph: Graph): Graph {
  return rebuild(
    graph,
    graph.operators.flatMap((op) => (op.kind === "transposed_convolution" ? split(op) : [op])),
  );
}
