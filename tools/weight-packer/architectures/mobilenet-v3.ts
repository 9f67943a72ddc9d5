/** MobileNetV3: Howard et al., "Searching for MobileNetV3", 2019; its minimalistic form is the authors' code's. */
import { divisible } from "./channels.js";
import { type Feature, type LayerActivation, Network } from "./network.js";

/**
 * Kernel, expanded channels, channels, squeeze-excite, activation (RE: ReLU, HS: hard-swish) and stride of each block.
 * The expansion is a ratio: at other widths the scaled input's channels are multiplied by expanded / input.
 */
type Block = readonly [
  kernel: 3 | 5,
  expanded: number,
  channels: number,
  excite: 0 | 1,
  act: "RE" | "HS",
  stride: 1 | 2,
];

/** A size: its blocks (the paper's tables 1 and 2) and the channels of the convolution behind the pool. */
interface Size {
  blocks: readonly Block[];
  last: number;
}

/** MobileNetV3-Large. */
export const LARGE: Size = {
  last: 1280,
  blocks: [
    [3, 16, 16, 0, "RE", 1],
    [3, 64, 24, 0, "RE", 2],
    [3, 72, 24, 0, "RE", 1],
    [5, 72, 40, 1, "RE", 2],
    [5, 120, 40, 1, "RE", 1],
    [5, 120, 40, 1, "RE", 1],
    [3, 240, 80, 0, "HS", 2],
    [3, 200, 80, 0, "HS", 1],
    [3, 184, 80, 0, "HS", 1],
    [3, 184, 80, 0, "HS", 1],
    [3, 480, 112, 1, "HS", 1],
    [3, 672, 112, 1, "HS", 1],
    [5, 672, 160, 1, "HS", 2],
    [5, 960, 160, 1, "HS", 1],
    [5, 960, 160, 1, "HS", 1],
  ],
};

/** MobileNetV3-Small. */
export const SMALL: Size = {
  last: 1024,
  blocks: [
    [3, 16, 16, 1, "RE", 2],
    [3, 72, 24, 0, "RE", 2],
    [3, 88, 24, 0, "RE", 1],
    [5, 96, 40, 1, "HS", 2],
    [5, 240, 40, 1, "HS", 1],
    [5, 240, 40, 1, "HS", 1],
    [5, 120, 48, 1, "HS", 1],
    [5, 144, 48, 1, "HS", 1],
    [5, 288, 96, 1, "HS", 2],
    [5, 576, 96, 1, "HS", 1],
    [5, 576, 96, 1, "HS", 1],
  ],
};

/** Channels of the first convolution. */
const STEM = 16;

/** Squeeze-excite: the map times a gate made of its mean, squeezed to a quarter of the channels. */
function squeezeExcite(network: Network, map: Feature): Feature {
  const channels = map.extent[2];
  const options = { normalised: false };
  const squeezed = network.convolution(network.mean(map), divisible(channels / 4), { ...options, activation: "relu" });
  return network.multiply(map, network.convolution(squeezed, channels, { ...options, activation: "hard_sigmoid" }));
}

/**
 * The convolution behind the pool is widened by alpha above 1 and not narrowed below; ends in a pointwise convolution and
 * softmax. `minimalistic`: the same dimensions with 3x3 windows, ReLU and no squeeze-excite throughout.
 */
export function mobilenetV3(
  size: Size,
  minimalistic: boolean,
  alpha: number,
  resolution: number,
  classes: number,
): Network {
  const network = new Network(resolution);
  const hardSwish: LayerActivation = minimalistic ? "relu" : "hard_swish";
  let map = network.convolution(network.image, divisible(STEM * alpha), {
    kernel: 3,
    stride: 2,
    activation: hardSwish,
  });
  let unscaled = STEM;
  for (const [kernel, expanded, channels, excite, act, stride] of size.blocks) {
    const input = map;
    const activation = act === "HS" ? hardSwish : "relu";
    const ratio = expanded / unscaled;
    const outputs = divisible(channels * alpha);
    map = network.block(() => {
      const inputs = input.extent[2];
      const wide = ratio > 1 ? network.convolution(input, divisible(inputs * ratio), { activation }) : input;
      const filtered = network.depthwise(wide, { kernel: minimalistic ? 3 : kernel, stride, activation });
      const excited = excite && !minimalistic ? squeezeExcite(network, filtered) : filtered;
      const output = network.convolution(excited, outputs);
      return stride === 1 && inputs === outputs ? network.add(input, output) : output;
    });
    unscaled = channels;
  }
  map = network.convolution(map, divisible(6 * map.extent[2]), { activation: hardSwish });
  map = network.convolution(network.mean(map), divisible(size.last * Math.max(1, alpha)), {
    activation: hardSwish,
    normalised: false,
  });
  network.softmax(network.convolution(map, classes, { normalised: false }));
  return network;
}
