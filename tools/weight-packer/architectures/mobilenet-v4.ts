/** MobileNetV4, the convolutional ones: Qin et al., "MobileNetV4 - Universal Models for the Mobile Ecosystem", 2024. */
import { divisible } from "./channels.js";
import { type Feature, Network } from "./network.js";

/**
 * A block: a convolution ["conv", kernel, stride, channels]; a fused inverted bottleneck ["fused", kernel, stride,
 * channels, expansion], whose expansion is a convolution over a window; or a universal inverted bottleneck ["uib", first
 * depthwise kernel, middle depthwise kernel, stride, channels, expansion], where a kernel of 0 is no layer. Both depthwise
 * layers: ExtraDW; the middle alone: IB; the first alone: ConvNext-like; none: FFN.
 */
type Block =
  | readonly ["conv", kernel: number, stride: number, channels: number]
  | readonly ["fused", kernel: number, stride: number, channels: number, expansion: number]
  | readonly ["uib", first: 0 | 3 | 5, middle: 0 | 3 | 5, stride: number, channels: number, expansion: number];

/** MobileNetV4-Conv-Small. */
export const SMALL: readonly Block[] = [
  ["conv", 3, 2, 32],
  ["conv", 3, 2, 32],
  ["conv", 1, 1, 32],
  ["conv", 3, 2, 96],
  ["conv", 1, 1, 64],
  ["uib", 5, 5, 2, 96, 3],
  ["uib", 0, 3, 1, 96, 2],
  ["uib", 0, 3, 1, 96, 2],
  ["uib", 0, 3, 1, 96, 2],
  ["uib", 0, 3, 1, 96, 2],
  ["uib", 3, 0, 1, 96, 4],
  ["uib", 3, 3, 2, 128, 6],
  ["uib", 5, 5, 1, 128, 4],
  ["uib", 0, 5, 1, 128, 4],
  ["uib", 0, 5, 1, 128, 3],
  ["uib", 0, 3, 1, 128, 4],
  ["uib", 0, 3, 1, 128, 4],
];

/** MobileNetV4-Conv-Medium. */
export const MEDIUM: readonly Block[] = [
  ["conv", 3, 2, 32],
  ["fused", 3, 2, 48, 4],
  ["uib", 3, 5, 2, 80, 4],
  ["uib", 3, 3, 1, 80, 2],
  ["uib", 3, 5, 2, 160, 6],
  ["uib", 3, 3, 1, 160, 4],
  ["uib", 3, 3, 1, 160, 4],
  ["uib", 3, 5, 1, 160, 4],
  ["uib", 3, 3, 1, 160, 4],
  ["uib", 3, 0, 1, 160, 4],
  ["uib", 0, 0, 1, 160, 2],
  ["uib", 3, 0, 1, 160, 4],
  ["uib", 5, 5, 2, 256, 6],
  ["uib", 5, 5, 1, 256, 4],
  ["uib", 3, 5, 1, 256, 4],
  ["uib", 3, 5, 1, 256, 4],
  ["uib", 0, 0, 1, 256, 4],
  ["uib", 3, 0, 1, 256, 4],
  ["uib", 3, 5, 1, 256, 2],
  ["uib", 5, 5, 1, 256, 4],
  ["uib", 0, 0, 1, 256, 4],
  ["uib", 0, 0, 1, 256, 4],
  ["uib", 5, 0, 1, 256, 2],
];

/** MobileNetV4-Conv-Large. */
export const LARGE: readonly Block[] = [
  ["conv", 3, 2, 24],
  ["fused", 3, 2, 48, 4],
  ["uib", 3, 5, 2, 96, 4],
  ["uib", 3, 3, 1, 96, 4],
  ["uib", 3, 5, 2, 192, 4],
  ["uib", 3, 3, 1, 192, 4],
  ["uib", 3, 3, 1, 192, 4],
  ["uib", 3, 3, 1, 192, 4],
  ["uib", 3, 5, 1, 192, 4],
  ["uib", 5, 3, 1, 192, 4],
  ["uib", 5, 3, 1, 192, 4],
  ["uib", 5, 3, 1, 192, 4],
  ["uib", 5, 3, 1, 192, 4],
  ["uib", 5, 3, 1, 192, 4],
  ["uib", 3, 0, 1, 192, 4],
  ["uib", 5, 5, 2, 512, 4],
  ["uib", 5, 5, 1, 512, 4],
  ["uib", 5, 5, 1, 512, 4],
  ["uib", 5, 5, 1, 512, 4],
  ["uib", 5, 0, 1, 512, 4],
  ["uib", 5, 3, 1, 512, 4],
  ["uib", 5, 0, 1, 512, 4],
  ["uib", 5, 0, 1, 512, 4],
  ["uib", 5, 3, 1, 512, 4],
  ["uib", 5, 5, 1, 512, 4],
  ["uib", 5, 0, 1, 512, 4],
  ["uib", 5, 0, 1, 512, 4],
  ["uib", 5, 0, 1, 512, 4],
];

const activation = "relu";

function describe(network: Network, input: Feature, block: Block, alpha: number): Feature {
  if (block[0] === "conv") {
    const [, kernel, stride, channels] = block;
    return network.convolution(input, divisible(channels * alpha), { kernel, stride, activation });
  }
  const inputs = input.extent[2];
  if (block[0] === "fused") {
    const [, kernel, stride, channels, expansion] = block;
    const wide = network.convolution(input, divisible(inputs * expansion), { kernel, stride, activation });
    return network.convolution(wide, divisible(channels * alpha));
  }
  const [, first, middle, stride, channels, expansion] = block;
  const outputs = divisible(channels * alpha);
  // Where there is a middle depthwise layer it strides; the tables stride nowhere without one. The first has no activation.
  let map = first ? network.depthwise(input, { kernel: first }) : input;
  map = network.convolution(map, divisible(inputs * expansion), { activation });
  if (middle) map = network.depthwise(map, { kernel: middle, stride, activation });
  const output = network.convolution(map, outputs);
  return stride === 1 && inputs === outputs ? network.add(input, output) : output;
}

/**
 * The convolution behind the pool is widened by alpha above 1 and not narrowed below (as in the authors' code; the paper
 * has no other widths); ends in a dense layer and softmax.
 */
export function mobilenetV4(blocks: readonly Block[], alpha: number, resolution: number, classes: number): Network {
  const network = new Network(resolution);
  let map = network.image;
  for (const block of blocks) map = network.block(() => describe(network, map, block, alpha));
  map = network.convolution(map, divisible(960 * alpha), { activation });
  map = network.convolution(network.mean(map), divisible(1280 * Math.max(1, alpha)), { activation });
  network.softmax(network.dense(map, classes));
  return network;
}
