/**
 * The float form as .onnx (opset 14). Everything is four-dimensional, channels first; fully connected layers are
 * convolutions over the whole of their input. And the quantised form, which is the same with the source's quantisation as
 * ONNX writes it: QuantizeLinear and DequantizeLinear behind every operator, weights and biases behind DequantizeLinear.
 */
import { model, node, tensor, valueInfo } from "./onnx-writer.js";

/** @param {ReturnType<import("./float.js").floatForm>} network @returns {Uint8Array} a ModelProto */
export function onnxFile({ shape: [, height, width, channels], steps }) {
  const builder = new Builder();
  const names = ["input"];
  for (const step of steps) names.push(KINDS[step.kind](builder, step, ...step.inputs.map((i) => names[i])));
  const dims = [1, channels, height, width];
  return model({
    nodes: [...builder.nodes, node("Identity", [names.at(-1)], "output")],
    initialisers: builder.initialisers,
    input: valueInfo("input", dims),
    output: valueInfo("output"),
  });
}

const ARRAYS = { int8: Int8Array, uint8: Uint8Array };

/**
 * The quantised form; its input and output are of the source's own types.
 *
 * @param {ReturnType<import("./float.js").floatForm>} network @returns {Uint8Array} a ModelProto
 */
export function quantisedOnnxFile({ shape: [, height, width, channels], input, steps }) {
  const builder = new QuantisedBuilder();
  const names = [builder.dequantise("input", input)];
  let last;
  for (const step of steps) {
    const { output, weights } = step.quantised;
    // The kernels' reordering then goes over what the source has.
    const own = weights ? { ...step, weights: { ...step.weights, values: weights.values } } : step;
    const result = KINDS[step.kind](
      builder,
      saturates(output, step.activation) ? { ...own, activation: "none" } : own,
      ...step.inputs.map((i) => names[i]),
    );
    last = builder.quantise(result, output);
    names.push(builder.dequantise(last, output));
  }
  const dims = [1, channels, height, width];
  return model({
    nodes: [...builder.nodes, node("Identity", [last], "output")],
    initialisers: builder.initialisers,
    input: valueInfo("input", dims, ARRAYS[input.type]),
    output: valueInfo("output", undefined, ARRAYS[steps.at(-1).quantised.output.type]),
  });
}

/** Whether quantising does what an activation would: then runtimes fuse more without it. */
function saturates({ type, scale, zeroPoint }, activation) {
  const [least, greatest] = type === "int8" ? [-128, 127] : [0, 255];
  if (activation === "relu6") return zeroPoint === least && Math.abs((greatest - zeroPoint) * scale - 6) < scale;
  return activation === "relu" && zeroPoint === least;
}

/** Collects operators and constants. */
class Builder {
  nodes = [];
  initialisers = [];

  /** Adds an operator; gives its output's name. */
  operator(type, inputs, attributes = {}) {
    const output = `result${this.nodes.length}`;
    this.nodes.push(node(type, inputs, output, attributes));
    return output;
  }

  /** Adds a constant; gives its name. */
  constant(dims, values) {
    const name = `constant${this.initialisers.length}`;
    this.initialisers.push(tensor(name, dims, values));
    return name;
  }

  scalar(value) {
    return this.constant([], Float32Array.of(value));
  }

  activate(activation, x) {
    if (activation === "relu") return this.operator("Relu", [x]);
    return activation === "relu6" ? this.operator("Clip", [x, this.scalar(0), this.scalar(6)]) : x;
  }

  weights(_step, dims, values) {
    return this.constant(dims, values);
  }

  bias({ bias }) {
    return this.constant(bias.shape, bias.values);
  }

  convolve(x, step, dims, values, group) {
    const inputs = [x, this.weights(step, dims, values)];
    if (step.bias) inputs.push(this.bias(step));
    const attributes = step.strides ? { ...geometry(step), dilations: step.dilations } : {};
    return this.activate(step.activation, this.operator("Conv", inputs, { ...attributes, group }));
  }
}

/** Weights and biases as integers, and what stands behind operators. */
class QuantisedBuilder extends Builder {
  /** Adds scale and zero point, one or one for each channel. */
  parameters(scale, zeroPoints) {
    const dims = scale.length > 1 ? [scale.length] : [];
    return [this.constant(dims, Float32Array.from(scale)), this.constant(dims, zeroPoints)];
  }

  quantise(x, { type, scale, zeroPoint }) {
    return this.operator("QuantizeLinear", [x, ...this.parameters([scale], ARRAYS[type].of(zeroPoint))]);
  }

  dequantise(x, { type, scale, zeroPoint }) {
    return this.operator("DequantizeLinear", [x, ...this.parameters([scale], ARRAYS[type].of(zeroPoint))]);
  }

  weights({ quantised: { weights } }, dims, values) {
    const zeroPoints = weights.values.constructor.from(weights.zeroPoint);
    const inputs = [this.constant(dims, values), ...this.parameters(weights.scale, zeroPoints)];
    return this.operator("DequantizeLinear", inputs, { axis: 0 });
  }

  bias({ bias: { shape }, quantised: { bias } }) {
    const inputs = [
      this.constant(shape, bias.values),
      ...this.parameters(bias.scale, new Int32Array(bias.scale.length)),
    ];
    return this.operator("DequantizeLinear", inputs, { axis: 0 });
  }
}

function geometry({ strides, padding: [top, bottom, left, right] }) {
  return { strides, pads: [top, left, bottom, right] };
}

function binary(type) {
  return (b, { weights, activation }, x, y) => {
    const constant = weights && b.constant([1, weights.shape[0], 1, 1], weights.values);
    return b.activate(activation, b.operator(type, [x, constant ?? y]));
  };
}

const KINDS = {
  convolution(b, step, x) {
    const [h, w, i, o] = step.weights.shape;
    return b.convolve(x, step, [o, i, h, w], reorder(step.weights.values, [h, w, i, o], [3, 2, 0, 1]), 1);
  },
  depthwise(b, step, x) {
    const [h, w, c, m] = step.weights.shape;
    return b.convolve(x, step, [c * m, 1, h, w], reorder(step.weights.values, [h, w, c, m], [2, 3, 0, 1]), c);
  },
  fully_connected(b, step, x) {
    const o = step.weights.shape[1];
    const { height: h, width: w, channels: c } = step.extent;
    return b.convolve(x, step, [o, c, h, w], reorder(step.weights.values, [h, w, c, o], [3, 2, 0, 1]), 1);
  },
  add: binary("Add"),
  mul: binary("Mul"),
  average_pool: (b, step, x) => b.operator("AveragePool", [x], { kernel_shape: step.window, ...geometry(step) }),
  mean: (b, _, x) => b.operator("GlobalAveragePool", [x]),
  softmax: (b, { beta }, x) =>
    b.operator("Softmax", [beta === 1 ? x : b.operator("Mul", [x, b.scalar(beta)])], { axis: 1 }),
  relu: (b, { activation }, x) => b.activate(activation, x),
  hard_swish: (b, _, x) => b.operator("HardSwish", [x]),
  logistic: (b, _, x) => b.operator("Sigmoid", [x]),
  concatenation: (b, _, ...xs) => b.operator("Concat", xs, { axis: 1 }),
  arg_max: (b, _, x) => b.operator("Cast", [b.operator("ArgMax", [x], { axis: 1, keepdims: 1 })], { to: 1 }),
  resize(b, { size, alignCorners, halfPixelCenters, extent: { channels } }, x) {
    const mode = alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";
    const sizes = b.constant([4], BigInt64Array.from([1, channels, ...size], BigInt));
    return b.operator("Resize", [x, "", "", sizes], { mode: "linear", coordinate_transformation_mode: mode });
  },
};

/** Values with their four dimensions in another order: `order[k]` is the old dimension that becomes the k-th. */
function reorder(values, shape, order) {
  const strides = shape.map((_, k) => shape.slice(k + 1).reduce((a, b) => a * b, 1));
  const [a, b, c, d] = order.map((k) => shape[k]);
  const [sa, sb, sc, sd] = order.map((k) => strides[k]);
  const result = new values.constructor(values.length);
  let to = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) result[to++] = values[i * sa + j * sb + k * sc + l * sd];
  return result;
}
