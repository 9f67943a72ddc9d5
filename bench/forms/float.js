/**
 * A model's float form: the same network with its weights as float32 and no quantisation between, for runtimes that
 * take no .tflite. Made from the packer's own graph.
 */
import { extent } from "../../tools/weight-packer/graph/graph.js";
import { importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { deadCode } from "../../tools/weight-packer/passes/dead-code.js";
import { dropReshape } from "../../tools/weight-packer/passes/drop-reshape.js";
import { foldBatches } from "../../tools/weight-packer/passes/fold-batches.js";
import { foldPad } from "../../tools/weight-packer/passes/fold-pad.js";

/** A model that has no float form. */
export class FormError extends Error {
  name = "FormError";
}

/**
 * One operator. `inputs` are indices of results: 0 is the network's input, i + 1 what step i gave.
 *
 * @typedef {object} Step
 * @property {string} kind as in the packer's graph
 * @property {number[]} inputs
 * @property {{ height: number, width: number, channels: number }} extent of the first input
 * @property {{ shape: number[], values: Float32Array }} [weights] HWIO, HWCM for depthwise, IO for fully connected; the
 *   constant operand of add and mul
 * @property {{ shape: number[], values: Float32Array }} [bias]
 * @property {string} [activation] "none", "relu" or "relu6"
 * @property {number[]} [padding] top, bottom, left, right
 * @property {boolean} [same] whether the padding is what TensorFlow calls SAME
 * @property {Quantised} quantised what the source says: of the output, and the weights and biases as they are there
 *
 * @typedef {object} Quantised
 * @property {{ type: string, scale: number, zeroPoint: number }} output
 * @property {{ values: Int8Array | Uint8Array, scale: number[], zeroPoint: number[] }} [weights] in the order of Step's
 * @property {{ values: Int32Array, scale: number[] }} [bias]
 */

/**
 * @param {Uint8Array} bytes a .tflite file
 * @param {string} fileName for messages
 * @returns {{ shape: number[], input: Quantised["output"], steps: Step[] }} the last step gives the model's first output
 * @throws FormError
 */
export function floatForm(bytes, fileName) {
  const passes = [foldBatches, foldPad, dropReshape, deadCode];
  const graph = passes.reduce((g, pass) => pass(g), importTflite(bytes, fileName));
  const results = new Map([[graph.input, 0]]);
  const steps = [];
  for (const operator of graph.operators) {
    const inputs = operator.inputs.map((tensor) => results.get(tensor));
    if (inputs.includes(undefined)) throw new FormError(`operator ${operator.index} reads what no step gives`);
    if (SAME_VALUES.has(operator.kind)) {
      results.set(operator.output, inputs[0]);
      continue;
    }
    const convert = CONVERT[operator.kind];
    if (!convert) throw new FormError(`no float form of operator ${operator.index} ${operator.source}`);
    const step = { kind: operator.kind, inputs, extent: extent(operator.inputs[0]), ...convert(operator) };
    if (!["none", "relu", "relu6", undefined].includes(step.activation)) {
      throw new FormError(`no float form of the activation ${step.activation}`);
    }
    step.quantised = { ...quantisedConstants(operator), output: quantisation(operator.output) };
    steps.push(step);
    results.set(operator.output, steps.length);
  }
  if (results.get(graph.outputs[0]) !== steps.length) throw new FormError("the first output is not the last step's");
  const { height, width, channels } = extent(graph.input);
  return { shape: [1, height, width, channels], input: quantisation(graph.input), steps };
}

/** Operators that change how values are written, not the values. */
const SAME_VALUES = new Set(["requantise", "rescale", "reshape"]);

const CONVERT = {
  convolution: (op) => {
    const [o, h, w, i] = op.weights.shape;
    return { weights: { shape: [h, w, i, o], values: outputsLast(op.weights, o) }, ...common(op), ...windowOf(op) };
  },
  depthwise: (op) => {
    const [, h, w, c] = op.weights.shape;
    const m = op.channelMultiplier;
    return { weights: { shape: [h, w, c / m, m], values: real(op.weights) }, ...common(op), ...windowOf(op) };
  },
  fully_connected: (op) => {
    const [o, i] = op.weights.shape;
    return { weights: { shape: [i, o], values: outputsLast(op.weights, o) }, ...common(op) };
  },
  add: (op) => binary(op),
  mul: (op) => binary(op),
  average_pool: (op) => windowOf(op),
  mean: () => ({}),
  softmax: ({ beta }) => ({ beta }),
  relu: ({ activation }) => ({ activation }),
  hard_swish: () => ({}),
  logistic: () => ({}),
  concatenation: () => ({}),
  arg_max: () => ({}),
  resize: (op) => {
    if (op.method !== "bilinear") throw new FormError(`no float form of a ${op.method} resize`);
    const { height, width } = extent(op.output);
    return { size: [height, width], alignCorners: op.alignCorners, halfPixelCenters: op.halfPixelCenters };
  },
};

function common({ bias, activation }) {
  return { bias: bias && { shape: bias.shape, values: real(bias) }, activation };
}

function binary({ constant, activation }) {
  if (!constant) return { activation };
  const values = real(constant);
  return { weights: { shape: [values.length], values }, activation };
}

/** A window's geometry, and whether its padding is SAME's. */
function windowOf(op) {
  const { top, bottom, left, right } = op.padding;
  const { height, width } = extent(op.inputs[0]);
  const same = (size, kernel, stride, dilation, before, after) => {
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size);
    return before === total >> 1 && after === total - (total >> 1);
  };
  return {
    window: [op.kernelHeight, op.kernelWidth],
    strides: [op.strideY, op.strideX],
    dilations: [op.dilationY, op.dilationX],
    padding: [top, bottom, left, right],
    same:
      same(height, op.kernelHeight, op.strideY, op.dilationY, top, bottom) &&
      same(width, op.kernelWidth, op.strideX, op.dilationX, left, right),
  };
}

/** How a tensor's values are written. */
function quantisation({ type, quantization }) {
  return { type, scale: quantization?.scale[0], zeroPoint: quantization?.zeroPoint[0] ?? 0 };
}

/** Weights and biases of a convolution of any kind as they are in the source. */
function quantisedConstants({ kind, weights, bias }) {
  if (!weights) return {};
  const { scale, zeroPoint } = weights.quantization;
  const values = kind === "depthwise" ? weights.data : outputsLast(weights, weights.shape[0], weights.data);
  return {
    weights: { values, scale, zeroPoint: scale.map((_, k) => zeroPoint[k] ?? zeroPoint[0] ?? 0) },
    ...(bias && { bias: { values: bias.data, scale: bias.quantization.scale } }),
  };
}

/** A constant's real (or other) values with its first dimension, of o, made the last. */
function outputsLast(constant, o, source = real(constant)) {
  const inner = source.length / o;
  const values = new source.constructor(source.length);
  for (let k = 0; k < source.length; k++) values[(k % inner) * o + Math.floor(k / inner)] = source[k];
  return values;
}

/** The real values of a quantised constant. */
function real({ data, quantization, shape, name }) {
  if (!quantization) {
    if (data instanceof Float32Array) return data;
    throw new FormError(`the constant '${name}' has no scale`);
  }
  const { scale, zeroPoint, dimension } = quantization;
  const inner = shape.slice(dimension + 1).reduce((a, b) => a * b, 1);
  return Float32Array.from(data, (q, i) => {
    const channel = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    return scale[channel] * (Number(q) - (zeroPoint[channel] ?? zeroPoint[0] ?? 0));
  });
}
