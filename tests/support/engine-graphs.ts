/** Small graphs made in tests, and files of them: past the importer, as the passes would leave them. */
import type {
  Activation,
  Binary,
  Convolution,
  Depthwise,
  Graph,
  Operator,
  Tensor,
} from "../../tools/weight-packer/graph/graph.js";
import { lower } from "../../tools/weight-packer/lower/lower.js";
import type { Program } from "../../tools/weight-packer/lower/program.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { planRequest, planWhole } from "../../tools/weight-packer/plan/request.js";
import type { Plan, PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { type Description, writeMidge } from "../../tools/weight-packer/write/midge.js";
import type { GoldenPort } from "./engine-goldens.js";

const DESCRIPTION: Description = {
  name: "test",
  labels: "",
  colours: "RGB",
  crop: "centre",
  mean: [0, 0, 0],
  scale: [1, 1, 1],
};

/** An int8 activation of height x width x channels. */
export function activation(name: string, shape: [number, number, number], scale: number, zeroPoint: number): Tensor {
  const quantization = { scale: [Math.fround(scale)], zeroPoint: [zeroPoint], dimension: 0 };
  return { name, shape: [1, ...shape], type: "int8", quantization };
}

/** int8 weights with their scales (one, or one for each index of `dimension`) and zero point. */
export function weights(shape: number[], data: Int8Array, scale: number[], zeroPoint = 0, dimension = 0): Tensor {
  const quantization = { scale: scale.map(Math.fround), zeroPoint: scale.map(() => zeroPoint), dimension };
  return { name: "weights", shape, type: "int8", quantization, data };
}

/** An int32 bias. */
export function biases(values: ArrayLike<number>): Tensor {
  return { name: "bias", shape: [values.length], type: "int32", data: Int32Array.from(values) };
}

/** A graph over int8 ports. */
export function graphOf(operators: Operator[], input: Tensor, outputs: Tensor[]): Graph {
  const port = (tensor: Tensor) => ({
    tensor,
    name: tensor.name,
    type: tensor.type,
    shape: tensor.shape,
    scale: tensor.quantization!.scale[0]!,
    zeroPoint: tensor.quantization!.zeroPoint[0]!,
  });
  return {
    name: "test",
    operators,
    input,
    outputs,
    inputPort: port(input),
    outputPorts: outputs.map(port),
    warnings: [],
  };
}

/** A window of one pixel. */
export const PIXEL = {
  kernelHeight: 1,
  kernelWidth: 1,
  strideY: 1,
  strideX: 1,
  dilationY: 1,
  dilationX: 1,
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
};

/** A lowered graph and what the planner is asked for it. */
export function lowered(graph: Graph, mode: "image" | "rows" = "image"): { program: Program; request: PlanRequest } {
  const program = lower(graph, "test");
  return { program, request: planRequest(program, mode) };
}

/** A file of a lowered graph under a plan. */
export function fileOf(program: Program, planned: Plan, streamed = false): Uint8Array {
  return writeMidge(program, planned, DESCRIPTION, streamed);
}

/** A file that keeps every tensor whole. */
export function wholeFile(graph: Graph): Uint8Array {
  const { program, request } = lowered(graph);
  return fileOf(program, planWhole(request));
}

/** A file as the planner would have it. */
export function plannedFile(graph: Graph, mode: "image" | "rows"): Uint8Array {
  const { program, request } = lowered(graph, mode);
  return fileOf(program, plan(request));
}

/** A pointwise convolution. */
export function pointwise(index: number, input: Tensor, output: Tensor, kernel: Tensor, bias?: Tensor): Convolution {
  const base = {
    ...PIXEL,
    index,
    source: "CONV_2D",
    inputs: [input],
    output,
    weights: kernel,
    activation: "none" as const,
  };
  return { ...base, kind: "convolution", ...(bias && { bias }) };
}

/** int8 terms of a port. */
function signed(port: GoldenPort): { zeroPoint: number; scale: number } {
  return { zeroPoint: port.zero_point - (port.dtype === "uint8" ? 128 : 0), scale: port.scale };
}

/**
 * ADD, SUB or MUL of two inputs as a network of one input: their pixels come in turns, and two depthwise convolutions of one by two
 * pixels and stride two take them apart without changing a value (weights 1 and 0, factor 1, zero points by the bias).
 */
export function pairGraph(kind: Binary["kind"], fused: Activation, inputs: GoldenPort[], output: GoldenPort): Graph {
  const [, height, width, channels] = inputs[0]!.shape as [number, number, number, number];
  const source = activation("source", [height, 2 * width, channels], 1, 0);
  const operands = inputs.map((port, k) => {
    const { zeroPoint, scale } = signed(port);
    return activation(`operand${k}`, [height, width, channels], scale, zeroPoint);
  });
  const takes = operands.map((operand, k): Depthwise => {
    const { scale, zeroPoint } = operand.quantization!;
    // Input scale 1 * weight scale = output scale: the factor is exactly 1.
    const data = Int8Array.from({ length: 2 * channels }, (_, i) => Number(Math.floor(i / channels) === k));
    return {
      ...PIXEL,
      index: k,
      source: "DEPTHWISE_CONV_2D",
      kind: "depthwise",
      inputs: [source],
      output: operand,
      kernelWidth: 2,
      strideX: 2,
      channelMultiplier: 1,
      activation: "none",
      weights: weights([1, 1, 2, channels], data, [scale[0]!]),
      bias: biases(new Array(channels).fill(-zeroPoint[0]!)),
    };
  });
  const { zeroPoint, scale } = signed(output);
  const sum = activation("sum", [height, width, channels], scale, zeroPoint);
  const graph = graphOf(
    [...takes, { index: 2, source: kind.toUpperCase(), kind, inputs: operands, output: sum, activation: fused }],
    source,
    [sum],
  );
  graph.inputPort = { ...graph.inputPort, type: inputs[0]!.dtype };
  graph.outputPorts = [{ ...graph.outputPorts[0]!, type: output.dtype }];
  return graph;
}
