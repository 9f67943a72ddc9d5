/** MobileNetV2: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018. */
import { divisible } from "./channels.js";
import { Network } from "./network.js";

/** Expansion, channels, blocks and the first block's stride of each stage (the paper's table 2). */
const STAGES: readonly (readonly [expansion: number, channels: number, blocks: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const activation = "relu6";

/** The last convolution is widened by alpha above 1 and not narrowed below; ends in a dense layer and softmax. */
export function mobilenetV2(alpha: number, resolution: number, classes: number): Network {
  const network = new Network(resolution);
  let map = network.convolution(network.image, divisible(32 * alpha), { kernel: 3, stride: 2, activation });
  for (const [expansion, channels, blocks, firstStride] of STAGES) {
    for (let block = 0; block < blocks; block++) {
      const input = map;
      const stride = block === 0 ? firstStride : 1;
      const outputs = divisible(channels * alpha);
      map = network.block(() => {
        const inputs = input.extent[2];
        const wide = expansion > 1 ? network.convolution(input, expansion * inputs, { activation }) : input;
        const output = network.convolution(network.depthwise(wide, { kernel: 3, stride, activation }), outputs);
        return stride === 1 && inputs === outputs ? network.add(input, output) : output;
      });
    }
  }
  map = network.convolution(map, divisible(1280 * Math.max(1, alpha)), { activation });
  network.softmax(network.dense(network.mean(map), classes));
  return network;
}
