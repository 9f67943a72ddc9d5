/** From the simplified graph to steps of row kernels. */
import { MAX_EXTENT, OPCODE_CONVOLUTION, OPCODE_DEPTHWISE } from "../../../assembly/layout.js";
import { ImportError, type Problem } from "../graph/errors.js";
import { extent, type Graph, type Operator, type OperatorKind, type Tensor } from "../graph/graph.js";
import { quantisation } from "./fixed-point.js";
import { limit, problemOf } from "./limits.js";
import { lowerLookup, tabulate } from "./lookup.js";
import { lowerArgMax } from "./operators/arg-max.js";
import { lowerProduct, lowerSum } from "./operators/binary.js";
import { lowerConcatenation } from "./operators/concatenation.js";
import { lowerConvolution, lowerFullyConnected } from "./operators/convolution.js";
import { lowerDepthwise } from "./operators/depthwise.js";
import { lowerL2Normalisation } from "./operators/l2-normalisation.js";
import { lowerMean } from "./operators/mean.js";
import { lowerPad, lowerPadChannels, MOST_PADDING } from "./operators/pad.js";
import { lowerPool } from "./operators/pool.js";
import { lowerPrelu } from "./operators/prelu.js";
import { lowerRearrange } from "./operators/rearrange.js";
import { lowerResize, lowerSpread } from "./operators/resize.js";
import { lowerSlice } from "./operators/slice.js";
import { lowerSoftmax } from "./operators/softmax.js";
import { lowerSpaceToDepth } from "./operators/space-to-depth.js";
import { type Kernel, ONE_PIXEL, type Program, type Ring, type Step } from "./program.js";

/** One row for each kind of operator that has a row kernel. */
const LOWERINGS: { [K in OperatorKind]?: (operator: Extract<Operator, { kind: K }>) => Kernel } = {
  convolution: lowerConvolution,
  depthwise: lowerDepthwise,
  fully_connected: lowerFullyConnected,
  add: lowerSum,
  sub: lowerSum,
  mul: lowerProduct,
  average_pool: lowerPool,
  max_pool: lowerPool,
  mean: lowerMean,
  softmax: lowerSoftmax,
  pad: lowerPad,
  pad_channels: lowerPadChannels,
  concatenation: lowerConcatenation,
  resize: lowerResize,
  arg_max: lowerArgMax,
  spread: lowerSpread,
  transpose: lowerRearrange,
  reshape: lowerRearrange,
  lookup: lowerLookup,
  sum: lowerMean,
  slice: lowerSlice,
  space_to_depth: lowerSpaceToDepth,
  l2_normalisation: lowerL2Normalisation,
  prelu: lowerPrelu,
};

/** What stands in the way of lowering an operator, if anything. */
function problem(operator: Operator): Problem | undefined {
  if (!LOWERINGS[operator.kind]) {
    return problemOf(operator, `${operator.kind} stays by itself here, and no row kernel does it`);
  }
  for (const tensor of [...operator.inputs, operator.output]) {
    const { height, width, channels } = extent(tensor);
    if (Math.max(height, width, channels) > MAX_EXTENT) {
      return problemOf(operator, `a tensor is larger than ${MAX_EXTENT} in one dimension`);
    }
  }
  if (operator.kind === "pad" && Math.max(...Object.values(operator.padding)) > MOST_PADDING) {
    return problemOf(operator, `it pads by more than ${MOST_PADDING} rows or pixels`);
  }
  return limit(operator);
}

function lowerOperator(operator: Operator, ringOf: (tensor: Tensor) => number): Step {
  const lowering = LOWERINGS[operator.kind] as (operator: Operator) => Kernel;
  return {
    flags: 0,
    window: ONE_PIXEL,
    constants: [],
    words: {},
    scratchBytes: 0,
    scratchRowBytes: 0,
    scratchPersistent: false,
    reduce: false,
    ...lowering(operator),
    operator,
    inputs: operator.inputs.map(ringOf),
    output: ringOf(operator.output),
  };
}

/** Widens a ring's pads to what a step reaches left and right of its input. */
function reserve(step: Step, input: Ring, output: Ring): void {
  if (step.opcode !== OPCODE_CONVOLUTION && step.opcode !== OPCODE_DEPTHWISE) return;
  const { window } = step;
  const lastX = (output.width - 1) * window.strideX - window.padLeft + (window.kernelWidth - 1) * window.dilationX;
  const lastY = (output.height - 1) * window.strideY - window.padTop + (window.kernelHeight - 1) * window.dilationY;
  input.padLeft = Math.max(input.padLeft, window.padLeft);
  input.padRight = Math.max(input.padRight, lastX - input.width + 1);
  // Rows outside are read from a pad pixel, so there must be one.
  const leaves = window.padTop > 0 || lastY >= input.height;
  if (leaves && input.padLeft + input.padRight === 0) input.padRight = 1;
}

/**
 * Lowers a simplified graph.
 *
 * @throws ImportError that lists every operator which has no row kernel or does not fit
 */
export function lower(source: Graph, file: string): Program {
  const graph = tabulate(source);
  const problems = graph.operators.map(problem).filter((p) => p !== undefined);
  if (problems.length) throw new ImportError(file, problems);
  const rings: Ring[] = [];
  const indices = new Map<Tensor, number>();
  const ringOf = (tensor: Tensor): number => {
    let index = indices.get(tensor);
    if (index === undefined) {
      index = rings.length;
      indices.set(tensor, index);
      rings.push({
        tensor,
        ...extent(tensor),
        padLeft: 0,
        padRight: 0,
        ...quantisation(tensor),
        producer: -1,
        consumers: [],
      });
    }
    return index;
  };
  const input = ringOf(graph.input);
  const steps = graph.operators.map((operator) => lowerOperator(operator, ringOf));
  steps.forEach((step, index) => {
    rings[step.output]!.producer = index;
    for (const ring of new Set(step.inputs)) rings[ring]!.consumers.push(index);
    reserve(step, rings[step.inputs[0]!]!, rings[step.output]!);
  });
  return { graph, rings, steps, input, outputs: graph.outputs.map(ringOf) };
}
