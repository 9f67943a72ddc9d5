/** Operands of one channel for maps of many. */
import { type Convolution, extent, type Graph, type Operator, type Tensor } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** The tensor with its channel repeated: a pointwise convolution with weights of 1, which copies. */
function repeated(op: Operator, tensor: Tensor, channels: number): Convolution {
  const { height, width } = extent(tensor);
  const name = `${op.output.name} spread`;
  return {
    kind: "convolution",
    index: op.index,
    source: op.source,
    inputs: [tensor],
    output: { ...tensor, name, shape: [1, height, width, channels] },
    weights: {
      name: `${name} ones`,
      shape: [channels, 1, 1, 1],
      type: "int8",
      quantization: { scale: [1], zeroPoint: [0], dimension: 0 },
      data: new Int8Array(channels).fill(1),
    },
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    dilationY: 1,
    dilationX: 1,
    padding: { top: 0, bottom: 0, left: 0, right: 0 },
    activation: "none",
  };
}

/** Second operands of sums, differences and products that have one channel get as many as the first. */
export function spreadChannels(graph: Graph): Graph {
  return rebuild(
    graph,
    graph.operators.flatMap((op): Operator[] => {
      const [large, small] = op.inputs;
      if ((op.kind !== "add" && op.kind !== "sub" && op.kind !== "mul") || !large || !small) return [op];
      const { channels } = extent(large);
      if (extent(small).channels === channels) return [op];
      const spread = repeated(op, small, channels);
      return [spread, { ...op, inputs: [large, spread.output] }];
    }),
  );
}
