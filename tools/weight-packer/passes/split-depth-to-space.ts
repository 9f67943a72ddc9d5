/** Channels to blocks of pixels, as transposed convolutions. */
import { type Blocks, extent, type Graph, type Operator, type Tensor } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/**
 * An input pixel gives a block of output pixels, each channel of it one input channel: a transposed convolution of the
 * block's size and stride, whose weights are 0 and 1.
 */
function split(op: Blocks): Operator {
  const { index, source, inputs, output, block } = op;
  const { channels } = extent(output);
  const depth = channels * block * block;
  const data = new Int8Array(channels * block * block * depth);
  for (let c = 0; c < channels; c++) {
    // The tap's input channels begin at its place in the block times the channels.
    for (let tap = 0; tap < block * block; tap++) data[(c * block * block + tap) * depth + tap * channels + c] = 1;
  }
  const weights: Tensor = {
    name: `${output.name} selection`,
    shape: [channels, block, block, depth],
    type: "int8",
    quantization: { scale: [1], zeroPoint: [0], dimension: 0 },
    data,
  };
  const window = { strideY: block, strideX: block, top: 0, left: 0 };
  return { kind: "transposed_convolution", index, source, inputs, output, weights, ...window, activation: "none" };
}

/** Every DEPTH_TO_SPACE becomes a transposed convolution. Run before splitTransposedConvolution. */
export function splitDepthToSpace(graph: Graph): Graph {
  return rebuild(
    graph,
    graph.operators.map((op) => (op.kind === "depth_to_space" ? split(op) : op)),
  );
}
