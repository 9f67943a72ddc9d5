/** What a described network costs: multiply-accumulates and parameters, before anything is packed. */
import type { ConvolutionLayer, Extent, Layer, Network } from "./network.js";

/** What a network costs as a whole. */
export interface Costs {
  /** Multiply-accumulates of convolutions and dense layers, one image. */
  macs: number;
  /** Numbers that multiply activations. */
  weights: number;
  /** Biases of layers without batch normalisation. */
  biases: number;
  /** Channels that are batch normalised: each has a scale and an offset that are trained, and a mean and a variance. */
  normalised: number;
  /** What is trained: weights, biases, scales and offsets. */
  parameters: number;
  /** What is left when normalisations are folded into weights and biases, as in a packed file. */
  packedParameters: number;
}

/** A depthwise separable pair against the plain convolution that it stands for. */
export interface CostRatio {
  /** Index of the depthwise layer and of the pointwise that follows. */
  depthwise: number;
  pointwise: number;
  kernel: number;
  stride: number;
  input: Extent;
  output: Extent;
  macs: number;
  /** What V1's paper derives: 1/N + 1/k^2, of N output channels and k x k windows. */
  formula: number;
  /** MACs of the pair over those of one k x k convolution between the same channels, counted. */
  pair: number;
  /**
   * MACs of the whole block, expansion and squeeze-excite included, over those of one k x k convolution from the
   * block's input to its output. Above 1: the block costs more than what the formula promises to replace.
   */
  block: number;
}

function isConvolution(layer: Layer): layer is ConvolutionLayer {
  return layer.kind === "convolution" || layer.kind === "depthwise" || layer.kind === "dense";
}

/** Weights of a layer; 0 for layers without. */
export function weightsOf(layer: Layer): number {
  if (!isConvolution(layer)) return 0;
  const depth = layer.kind === "depthwise" ? 1 : layer.input[2];
  return layer.kernel ** 2 * depth * layer.output[2];
}

/** Multiply-accumulates of a layer, windows at the edges counted whole, as the papers do. */
export function macsOf(layer: Layer): number {
  return layer.output[0] * layer.output[1] * weightsOf(layer);
}

/** Counts a whole network. */
export function costs({ layers }: Network): Costs {
  let [macs, weights, biases, normalised] = [0, 0, 0, 0];
  for (const layer of layers.filter(isConvolution)) {
    macs += macsOf(layer);
    weights += weightsOf(layer);
    if (layer.normalised) normalised += layer.output[2];
    else biases += layer.output[2];
  }
  const parameters = weights + biases + 2 * normalised;
  return { macs, weights, biases, normalised, parameters, packedParameters: weights + biases + normalised };
}

/** The pointwise convolution that a depthwise layer's output comes to, through gates; undefined if there is none. */
function pointwiseAfter(layers: readonly Layer[], depthwise: number): number | undefined {
  let map = depthwise;
  for (let index = depthwise + 1; index < layers.length; index++) {
    const layer = layers[index]!;
    if (layer.inputs[0] !== map) continue;
    if (layer.kind === "multiply") map = index;
    else if (layer.kind === "convolution") return layer.kernel === 1 ? index : undefined;
  }
  return undefined;
}

/** MACs of a plain convolution. */
function plain(kernel: number, inputs: number, output: Extent): number {
  return kernel ** 2 * inputs * output[0] * output[1] * output[2];
}

/** The ratios of all depthwise separable pairs, in order. */
export function costRatios({ layers }: Network): CostRatio[] {
  return layers.flatMap((layer, index): CostRatio[] => {
    const follower = layer.kind === "depthwise" ? pointwiseAfter(layers, index) : undefined;
    if (layer.kind !== "depthwise" || follower === undefined) return [];
    const { kernel, stride, input } = layer;
    const { output } = layers[follower]!;
    const macs = macsOf(layer) + macsOf(layers[follower]!);
    const block = layers.filter((other) => other.block === layer.block);
    const whole = block.reduce((sum, other) => sum + macsOf(other), 0);
    return [
      {
        depthwise: index,
        pointwise: follower,
        kernel,
        stride,
        input,
        output,
        macs,
        formula: 1 / output[2] + 1 / kernel ** 2,
        pair: macs / plain(kernel, input[2], output),
        block: whole / plain(kernel, block[0]!.input[2], block.at(-1)!.output),
      },
    ];
  });
}
