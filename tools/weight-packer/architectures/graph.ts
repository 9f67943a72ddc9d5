/** A described network with random int8 weights as the graph that importers make: operators as TFLite's converter's. */
import {
  type Activation,
  elements,
  type Graph,
  type Operator,
  type Port,
  type Tensor,
  type Window,
} from "../graph/graph.js";
import { span } from "../importers/tflite/window.js";
import { describeMember, type Member, memberName } from "./index.js";
import type { ConvolutionLayer, Layer, LayerActivation } from "./network.js";
import { randomBits, randomUnit, randomWeights } from "./random.js";
import {
  ACTIVATED,
  fusedSignal,
  gated,
  LOGITS,
  normal,
  pooled,
  quantisationOf,
  type Signal,
  summed,
  type Target,
  target,
} from "./signal.js";

/** An activation and what is known of its values. */
interface Value {
  tensor: Tensor;
  signal: Signal;
}

/** Biases wander so many standard deviations from what centres a channel. */
const BIAS_JITTER = 0.5;

/** Pixels -1..1, evenly spread; scale and zero point as TFLite's converter gives them. */
const IMAGE: Signal = { mean: 0, variance: 1 / 3, low: -1, high: 1 };

/** The activation that is fused into the convolution; the rest follows as an operator. */
const FUSED: Record<LayerActivation, Activation> = {
  none: "none",
  relu: "relu",
  relu6: "relu6",
  hard_swish: "none",
  hard_sigmoid: "relu6",
};

/** An operator before it has its index and output. */
type Unplaced<O extends Operator = Operator> = O extends Operator ? Omit<O, "index" | "output"> : never;

/** Collects operators; each gets the next index. */
class Operators {
  readonly list: Operator[] = [];

  constructor(private readonly seed: number) {}

  /** Appends an operator that gives this value. */
  push(operator: Unplaced, output: Value): Value {
    this.list.push({ ...operator, index: this.list.length, output: output.tensor } as Operator);
    return output;
  }

  /** Random numbers of the operator that comes next. */
  random(): () => number {
    return randomBits(this.seed, this.list.length);
  }
}

/** An int8 activation of a signal's range. */
function activationOf(name: string, shape: number[], signal: Signal): Value {
  return { tensor: { name, shape, type: "int8", quantization: quantisationOf(signal) }, signal };
}

function windowOf(layer: ConvolutionLayer): Window {
  const { kernel, stride, input } = layer;
  const [y, x] = [span("SAME", input[0], kernel, stride, 1), span("SAME", input[1], kernel, stride, 1)];
  return {
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideY: stride,
    strideX: stride,
    dilationY: 1,
    dilationX: 1,
    padding: { top: y.before, bottom: y.after, left: x.before, right: x.after },
  };
}

/**
 * Random weights and biases. Each channel has a scale with which its sums, of inputs as `input` has them, have the
 * target's deviation; its bias puts them to the target's mean.
 *
 * @param shape of the weights; their output channels are dimension 3 of depthwise ones (`last`), else 0
 * @param aim distribution of the sums, bias included
 */
function randomConstants(
  next: () => number,
  name: string,
  shape: number[],
  last: boolean,
  { tensor, signal }: Value,
  aim: Target,
): { weights: Tensor; bias: Tensor } {
  const dimension = last ? 3 : 0;
  const channels = shape[dimension]!;
  const count = elements(shape);
  const data = randomWeights(count, next);
  const inputScale = tensor.quantization!.scale[0]!;
  const scale: number[] = [];
  const bias = new Int32Array(channels);
  for (let c = 0; c < channels; c++) {
    let [sum, squares] = [0, 0];
    const [start, end, step] = last ? [c, count, channels] : [(c * count) / channels, ((c + 1) * count) / channels, 1];
    for (let i = start; i < end; i += step) {
      sum += data[i]!;
      squares += data[i]! ** 2;
    }
    const weightScale = Math.fround(aim.deviation / Math.sqrt(Math.max(1, squares) * signal.variance));
    const offset = aim.mean + aim.deviation * BIAS_JITTER * randomUnit(next) - signal.mean * sum * weightScale;
    scale.push(weightScale);
    bias[c] = Math.round(offset / (inputScale * weightScale));
  }
  const zeroPoint = scale.map(() => 0);
  return {
    weights: { name: `${name}/weights`, shape, type: "int8", quantization: { scale, zeroPoint, dimension }, data },
    bias: { name: `${name}/bias`, shape: [channels], type: "int32", data: bias },
  };
}

/** A convolution of any kind and what follows of its activation. */
function addConvolution(ops: Operators, layer: ConvolutionLayer, name: string, from: Value, isLast: boolean): Value {
  const { kind, kernel, activation } = layer;
  const [height, width, channels] = layer.output;
  const depth = layer.input[2];
  const shape = kind === "dense" ? [1, channels] : [1, height, width, channels];
  const aim = isLast ? LOGITS : target(activation);
  const fused = FUSED[activation];
  const output = activationOf(name, shape, fused === "none" ? normal(aim) : fusedSignal(activation));
  const next = ops.random();
  const constants = (weightShape: number[]) =>
    randomConstants(next, name, weightShape, kind === "depthwise", from, aim);
  const base = { inputs: [from.tensor], activation: fused };
  if (kind === "dense") {
    ops.push({ ...base, kind: "fully_connected", source: "FULLY_CONNECTED", ...constants([channels, depth]) }, output);
  } else if (kind === "depthwise") {
    const fields = { ...constants([1, kernel, kernel, channels]), ...windowOf(layer), channelMultiplier: 1 };
    ops.push({ ...base, kind, source: "DEPTHWISE_CONV_2D", ...fields }, output);
  } else {
    const fields = { ...constants([channels, kernel, kernel, depth]), ...windowOf(layer) };
    ops.push({ ...base, kind, source: "CONV_2D", ...fields }, output);
  }
  const inputs = [output.tensor];
  switch (activation) {
    case "hard_swish": {
      const swished = activationOf(`${name}/hard_swish`, shape, ACTIVATED.hard_swish);
      return ops.push({ kind: "hard_swish", source: "HARD_SWISH", inputs }, swished);
    }
    case "hard_sigmoid": {
      const gate = activationOf(`${name}/hard_sigmoid`, shape, ACTIVATED.hard_sigmoid);
      return ops.push({ kind: "mul", source: "MUL", inputs, activation: "none", constant: SIXTH }, gate);
    }
    default:
      return output;
  }
}

/** The constant 1/6. */
const SIXTH: Tensor = {
  name: "sixth",
  shape: [],
  type: "int8",
  quantization: { scale: [Math.fround(1 / 6 / 127)], zeroPoint: [0], dimension: 0 },
  data: Int8Array.of(127),
};

/** Softmax over [1, classes] of what the last layer gives; TFLite fixes its quantisation. */
function addSoftmax(ops: Operators, logits: Value, classes: number): Value {
  const shape = [1, classes];
  let { tensor } = logits;
  if (tensor.shape.length > 2) {
    const flat = { ...tensor, name: "logits", shape };
    ops.push({ kind: "reshape", source: "RESHAPE", inputs: [tensor] }, { ...logits, tensor: flat });
    tensor = flat;
  }
  const quantization = { scale: [1 / 256], zeroPoint: [-128], dimension: 0 };
  const signal = { mean: 1 / classes, variance: 0, low: 0, high: 1 };
  const scores: Value = { tensor: { name: "scores", shape, type: "int8", quantization }, signal };
  return ops.push({ kind: "softmax", source: "SOFTMAX", inputs: [tensor], beta: 1 }, scores);
}

/** The operators of a layer. @param next the layer that follows */
function addLayer(ops: Operators, layer: Layer, name: string, [a, b]: Value[], next: Layer | undefined): Value {
  const from = a!;
  const shape = [1, ...layer.output];
  const inputs = [a, b].flatMap((value) => (value ? [value.tensor] : []));
  switch (layer.kind) {
    case "mean": {
      // In front of a dense layer without the map's two dimensions, as Keras' GlobalAveragePooling2D.
      const output = next?.kind === "dense" ? [1, layer.output[2]] : shape;
      return ops.push({ kind: "mean", source: "MEAN", inputs }, activationOf(name, output, pooled(from.signal)));
    }
    case "add": {
      const sum = activationOf(name, shape, summed(from.signal, b!.signal));
      return ops.push({ kind: "add", source: "ADD", inputs, activation: "none" }, sum);
    }
    case "multiply": {
      const product = activationOf(name, shape, gated(from.signal, b!.signal));
      return ops.push({ kind: "mul", source: "MUL", inputs, activation: "none" }, product);
    }
    case "softmax":
      return addSoftmax(ops, from, layer.output[2]);
    default:
      return addConvolution(ops, layer, name, from, next?.kind === "softmax");
  }
}

function portOf(tensor: Tensor): Port {
  const { name, type, shape, quantization } = tensor;
  const [scale, zeroPoint] = [quantization!.scale[0]!, quantization!.zeroPoint[0]!];
  return { tensor, name, type, shape: [...shape], scale, zeroPoint };
}

/**
 * Builds a member of a family: its layers as operators, with weights that `seed` determines.
 *
 * @param seed a whole number
 */
export function buildGraph(member: Member, seed: number): Graph {
  const { layers, resolution } = describeMember(member);
  const ops = new Operators(seed);
  const image = activationOf("image", [1, resolution, resolution, 3], IMAGE);
  const values: Value[] = [];
  layers.forEach((layer, index) => {
    const name = `${layer.block ? `block${layer.block}/` : ""}${index}_${layer.kind}`;
    const inputs = layer.inputs.map((input) => (input < 0 ? image : values[input]!));
    values.push(addLayer(ops, layer, name, inputs, layers[index + 1]));
  });
  const output = values.at(-1)!.tensor;
  return {
    name: memberName(member),
    operators: ops.list,
    input: image.tensor,
    outputs: [output],
    inputPort: portOf(image.tensor),
    outputPorts: [portOf(output)],
    warnings: [],
  };
}
