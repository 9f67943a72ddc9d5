/** MobileNetV1: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017. */
import { truncated } from "./channels.js";
import { Network } from "./network.js";

/** Channels and stride of each depthwise separable block (the paper's table 1). */
// biome-ignore format: a table
const BLOCKS: readonly (readonly [channels: number, stride: number])[] = [
  [64, 1],
  [128, 2], [128, 1],
  [256, 2], [256, 1],
  [512, 2], [512, 1], [512, 1], [512, 1], [512, 1], [512, 1],
  // The paper prints stride 2 for the last one too, of a map that stays 7x7.
  [1024, 2], [1024, 1],
];

const activation = "relu6";

/** Every layer's channels are scaled; ends in a pointwise convolution and softmax. */
export function mobilenetV1(alpha: number, resolution: number, classes: number): Network {
  const network = new Network(resolution);
  let map = network.convolution(network.image, truncated(32 * alpha), { kernel: 3, stride: 2, activation });
  for (const [channels, stride] of BLOCKS) {
    map = network.block(() => {
      const filtered = network.depthwise(map, { kernel: 3, stride, activation });
      return network.convolution(filtered, truncated(channels * alpha), { activation });
    });
  }
  network.softmax(network.convolution(network.mean(map), classes, { normalised: false }));
  return network;
}
