/**
 * Random networks for property tests. A network is a list of plain specifications that fast-check makes and shrinks;
 * `randomGraph` bends each to what the tensor before it allows, so that every list is a lawful network.
 */

import {
  type Activation,
  type Binary,
  elements,
  extent,
  type Graph,
  type Operator,
  type Tensor,
  type Window,
} from "../../tools/weight-packer/graph/graph.js";
import { activation, biases, graphOf, weights } from "./engine-graphs.js";
import { noise } from "./noise.js";
import fc from "./property.js";

/** What a mean takes away. */
const SPATIAL = { height: true, width: true, channels: false };

const KINDS = [
  "convolution",
  "pointwise",
  "depthwise",
  "fully_connected",
  "residual",
  "gate",
  "constant",
  "resize",
  "spread",
  "concatenation",
  "transpose",
  "reshape",
  "pad_channels",
  "unary",
  "average_pool",
  "max_pool",
  "whole_pool",
  "mean",
  "softmax",
  "requantise",
] as const;
export type RandomKind = (typeof KINDS)[number];

/** One operator, before it is bent to its input. */
export interface StepSpec {
  kind: RandomKind;
  seed: number;
  /** Rows, columns. */
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
  /** Top, bottom, left, right. */
  padding: [number, number, number, number];
  /** Output channels; the depthwise multiplier is one more than this modulo 3 where `multiplies`. */
  channels: number;
  multiplies: boolean;
  fused: Activation;
  outputZero: number;
  /** Zero point of the weights; only with one scale for all channels. */
  weightZero: number;
  perChannel: boolean;
  /** log2 of how far channels' scales are apart: far ones have no common shift and go the general path. */
  apart: number;
  /** Largest weight. */
  reach: number;
  /** log2 of how far the outputs' spread is from filling int8: large ones saturate, small ones vanish. */
  gain: number;
  bias: "none" | "small" | "huge";
  unsigned: boolean;
}

/** A network. */
export interface NetworkSpec {
  height: number;
  width: number;
  channels: number;
  zeroPoint: number;
  steps: StepSpec[];
  /** Also give the first step's output to the host. */
  second: boolean;
}

const zeroPoint = fc.oneof(fc.integer({ min: -128, max: 127 }), fc.constantFrom(-128, 127, 0));
const size = (max: number) => fc.integer({ min: 1, max });

function stepSpec(kind: fc.Arbitrary<RandomKind>): fc.Arbitrary<StepSpec> {
  const pads = fc.integer({ min: 0, max: 4 });
  return fc.record({
    kind,
    seed: fc.integer({ min: 1, max: 0x7ffffffe }),
    kernel: fc.tuple(size(5), size(5)),
    stride: fc.tuple(size(3), size(3)),
    dilation: fc.tuple(fc.constantFrom(1, 1, 2, 3), fc.constantFrom(1, 1, 2, 3)),
    padding: fc.tuple(pads, pads, pads, pads),
    channels: size(35),
    multiplies: fc.boolean(),
    fused: fc.constantFrom<Activation>("none", "none", "relu", "relu6", "relu_n1_to_1"),
    outputZero: zeroPoint,
    weightZero: fc.oneof(fc.constant(0), zeroPoint),
    perChannel: fc.boolean(),
    apart: fc.constantFrom(3, 3, 3, 16),
    reach: fc.constantFrom(1, 7, 127, 127),
    gain: fc.constantFrom(0, 0, 0, 1, -1, 3, -8, -20, 6, 12),
    bias: fc.constantFrom<StepSpec["bias"]>("none", "small", "small", "small", "huge"),
    unsigned: fc.boolean(),
  });
}

/** Networks of one to `most` steps of any kind, or of `kind` alone. */
export function networks(most: number, kind?: RandomKind): fc.Arbitrary<NetworkSpec> {
  return fc.record({
    height: size(13),
    width: size(19),
    channels: size(35),
    zeroPoint,
    steps: fc.array(stepSpec(kind ? fc.constant(kind) : fc.constantFrom(...KINDS)), { minLength: 1, maxLength: most }),
    second: fc.boolean(),
  });
}

/** All kinds of operators. */
export const RANDOM_KINDS: readonly RandomKind[] = KINDS;

/** All orders of three dimensions. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Small integers of a seed. */
function integers(length: number, seed: number): Int8Array {
  return new Int8Array(noise(length, seed).buffer);
}

/** The largest kernel up to `kernel` that fits. */
function fit(kernel: number, dilation: number, available: number): number {
  return Math.min(kernel, Math.floor((available - 1) / dilation) + 1);
}

/** Bends kernel and pads of a specification to the input. */
function windowOf(spec: StepSpec, height: number, width: number): Window {
  const isPool = spec.kind.endsWith("pool");
  const [dilationY, dilationX] = isPool ? [1, 1] : spec.dilation;
  let [top, bottom, left, right] = spec.padding;
  const kernelHeight = fit(spec.kernel[0], dilationY, height + (isPool ? 0 : top + bottom));
  const kernelWidth = fit(spec.kernel[1], dilationX, width + (isPool ? 0 : left + right));
  if (isPool) {
    // Each window of a pool must hold a pixel of the map.
    [top, bottom] = [Math.min(top, kernelHeight - 1), Math.min(bottom, kernelHeight - 1)];
    [left, right] = [Math.min(left, kernelWidth - 1), Math.min(right, kernelWidth - 1)];
  }
  const [strideY, strideX] = spec.stride;
  return { kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, padding: { top, bottom, left, right } };
}

/** Height and width of what a window gives. */
function outputSize(window: Window, height: number, width: number): [number, number] {
  const { padding, kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX } = window;
  const reachY = (kernelHeight - 1) * dilationY + 1;
  const reachX = (kernelWidth - 1) * dilationX + 1;
  return [
    Math.floor((height + padding.top + padding.bottom - reachY) / strideY) + 1,
    Math.floor((width + padding.left + padding.right - reachX) / strideX) + 1,
  ];
}

/** Weights and bias of `count` channels with `depth` products each, scaled so that outputs fill int8, times 2^gain. */
function constants(spec: StepSpec, input: Tensor, outputScale: number, shape: number[], count: number, depth: number) {
  const data = integers(elements(shape), spec.seed);
  if (spec.reach < 127) for (let i = 0; i < data.length; i++) data[i] = data[i]! % (spec.reach + 1);
  const spread = 42 * (spec.reach / 1.7) * Math.sqrt(depth);
  const factor = (50 / spread) * 2 ** spec.gain;
  const scale = (factor * outputScale) / input.quantization!.scale[0]!;
  const jitter = integers(count, spec.seed ^ 0x5555);
  const scales = spec.perChannel ? Array.from(jitter, (j) => scale * 2 ** ((j / 128) * spec.apart)) : [scale];
  const zero = spec.perChannel ? 0 : spec.weightZero;
  const kernel = weights(shape, data, scales, zero, spec.kind === "depthwise" ? 3 : 0);
  const amount = { none: 0, small: spread / 64, huge: 2 ** 23 }[spec.bias];
  const bias = spec.bias === "none" ? undefined : biases(Array.from(jitter, (j) => Math.round(j * amount)));
  return { weights: kernel, ...(bias && { bias }) };
}

/** Which of sum, difference and product a specification means. */
function binaryKind({ seed }: StepSpec): Binary["kind"] {
  return (["add", "sub", "mul"] as const)[seed % 3]!;
}

/** The operators that a specification becomes. */
function operatorsOf(spec: StepSpec, index: number, input: Tensor): Operator[] {
  const { height, width, channels } = extent(input);
  const inputScale = input.quantization!.scale[0]!;
  const inputZero = input.quantization!.zeroPoint[0]!;
  const base = { index, source: spec.kind.toUpperCase(), inputs: [input] };
  const name = `tensor${index}`;
  const make = (shape: [number, number, number], scale = 0.05, zero = spec.outputZero) =>
    activation(name, shape, scale, zero);
  const fused = { activation: spec.fused };
  switch (spec.kind) {
    case "pointwise":
    case "convolution": {
      const point = { ...spec, kernel: [1, 1] as [number, number], padding: [0, 0, 0, 0] as StepSpec["padding"] };
      const window = windowOf(spec.kind === "pointwise" ? point : spec, height, width);
      const output = make([...outputSize(window, height, width), spec.channels]);
      const shape = [spec.channels, window.kernelHeight, window.kernelWidth, channels];
      const depth = elements(shape) / spec.channels;
      const kernel = constants(spec, input, 0.05, shape, spec.channels, depth);
      return [{ ...base, ...window, ...fused, ...kernel, kind: "convolution", output }];
    }
    case "depthwise": {
      const window = windowOf(spec, height, width);
      const channelMultiplier = spec.multiplies ? 1 + (spec.channels % 3) : 1;
      const count = channels * channelMultiplier;
      const output = make([...outputSize(window, height, width), count]);
      const taps = window.kernelHeight * window.kernelWidth;
      const kernel = constants(spec, input, 0.05, [1, window.kernelHeight, window.kernelWidth, count], count, taps);
      return [{ ...base, ...window, ...fused, ...kernel, kind: "depthwise", channelMultiplier, output }];
    }
    case "fully_connected": {
      // On each pixel or on the whole map, as `multiplies` says.
      const pixels = spec.multiplies ? height * width : 1;
      const output = make(pixels > 1 ? [1, 1, spec.channels] : [height, width, spec.channels]);
      const depth = channels * pixels;
      const kernel = constants(spec, input, 0.05, [spec.channels, depth], spec.channels, depth);
      return [{ ...base, ...fused, ...kernel, kind: "fully_connected", output }];
    }
    case "residual": {
      // A pointwise beside the input, and their sum, difference or product; or the input twice.
      const other = activation(`${name}b`, [height, width, channels], 0.03 * 2 ** (spec.gain / 4), spec.weightZero);
      const side = { ...spec, kind: "pointwise" as const, channels, stride: [1, 1] as [number, number], gain: 0 };
      const [convolution] = spec.multiplies ? [] : operatorsOf(side, index, input);
      const output = make([height, width, channels], 0.05 * 2 ** (spec.gain / 4));
      const sum: Operator = {
        ...base,
        ...fused,
        kind: binaryKind(spec),
        index: index + 1,
        inputs: [input, input],
        output,
      };
      if (!convolution) return [sum];
      return [
        { ...convolution, output: other },
        { ...sum, inputs: spec.perChannel ? [input, other] : [other, input] },
      ];
    }
    case "gate": {
      // One pixel made of the mean beside the input, as squeeze-excite does.
      const squeezed = activation(`${name}m`, [1, 1, channels], inputScale, spec.weightZero);
      const excited = activation(`${name}g`, [1, 1, channels], 0.03 * 2 ** (spec.gain / 4), spec.outputZero);
      const side = { ...spec, kind: "pointwise" as const, channels, stride: [1, 1] as [number, number], gain: 0 };
      const [convolution] = operatorsOf(side, index + 1, squeezed);
      const output = make([height, width, channels], 0.05 * 2 ** (spec.gain / 4));
      return [
        { ...base, kind: "mean", axes: SPATIAL, output: squeezed },
        { ...convolution!, output: excited },
        {
          ...base,
          ...fused,
          kind: binaryKind(spec),
          index: index + 2,
          inputs: [input, excited],
          output,
          ...(spec.multiplies && { swapped: true }),
        },
      ];
    }
    case "constant": {
      const count = spec.perChannel ? channels : 1;
      const data = integers(count, spec.seed);
      const constant = weights([count], data, [0.02 * 2 ** (spec.apart - 3)], spec.weightZero);
      const output = make([height, width, channels], 0.05 * 2 ** (-spec.gain / 2));
      return [
        { ...base, ...fused, kind: binaryKind(spec), constant, output, ...(spec.multiplies && { swapped: true }) },
      ];
    }
    case "concatenation": {
      // A pointwise beside the input; the engine puts bytes together whatever they mean.
      const side = { ...spec, kind: "pointwise" as const, stride: [1, 1] as [number, number] };
      const [convolution] = operatorsOf(side, index, input);
      const other = activation(`${name}b`, [height, width, spec.channels], 0.05, spec.outputZero);
      const inputs = spec.perChannel ? [input, other] : [other, input];
      const output = make([height, width, channels + spec.channels]);
      return [
        { ...convolution!, output: other },
        { ...base, kind: "concatenation", index: index + 1, inputs, output },
      ];
    }
    case "spread": {
      const [strideY, strideX] = spec.stride;
      const output = make([(height - 1) * strideY + 1, (width - 1) * strideX + 1, channels], inputScale);
      return [{ ...base, kind: "spread", strideY, strideX, output }];
    }
    case "resize": {
      const output = make([1 + (spec.seed % 11), 1 + (spec.channels % 13), channels], inputScale);
      const method = spec.multiplies ? "bilinear" : "nearest";
      const corners = { alignCorners: spec.seed % 3 === 0, halfPixelCenters: spec.seed % 3 === 1 };
      return [{ ...base, kind: "resize", method, ...corners, unsignedRounding: spec.unsigned, output }];
    }
    case "unary": {
      const kind = (["hard_swish", "logistic", "relu", "leaky_relu"] as const)[spec.seed % 4]!;
      if (kind === "logistic") return [{ ...base, kind, output: make([height, width, channels], 1 / 256, -128) }];
      return [{ ...base, ...fused, kind, alpha: 0.125, output: make([height, width, channels]) }];
    }
    case "average_pool":
    case "max_pool": {
      const window = windowOf(spec, height, width);
      const output = make(
        [...outputSize(window, height, width), channels],
        inputScale,
        input.quantization!.zeroPoint[0]!,
      );
      return [{ ...base, ...window, ...fused, kind: spec.kind, output, unsignedRounding: spec.unsigned }];
    }
    case "whole_pool": {
      const window = windowOf({ ...spec, padding: [0, 0, 0, 0], stride: [1, 1] }, height, width);
      const whole = { ...window, kernelHeight: height, kernelWidth: width };
      const output = make([1, 1, channels], inputScale, input.quantization!.zeroPoint[0]!);
      return [{ ...base, ...whole, ...fused, kind: "average_pool", output, unsignedRounding: spec.unsigned }];
    }
    case "mean":
      return [
        { ...base, kind: "mean", axes: SPATIAL, output: make([1, 1, channels], inputScale * 2 ** (-spec.gain / 4)) },
      ];
    case "transpose": {
      const shape = [height, width, channels];
      const order = ORDERS[spec.seed % ORDERS.length]!;
      const turned = order.map((d) => shape[d]!) as [number, number, number];
      const output = make(turned, inputScale, inputZero);
      return [{ ...base, kind: "transpose", permutation: [0, ...order.map((d) => d + 1)], output }];
    }
    case "reshape":
      return [{ ...base, kind: "reshape", output: make([width, channels, height], inputScale, inputZero) }];
    case "pad_channels": {
      const [before, after] = spec.padding;
      const output = make([height, width, channels + before + after], inputScale, inputZero);
      return [{ ...base, kind: "pad_channels", before, after, output }];
    }
    case "softmax": {
      const group = channels % spec.kernel[0] === 0 ? channels / spec.kernel[0] : channels;
      return [{ ...base, kind: "softmax", beta: 1, group, output: make([height, width, channels], 1 / 256, -128) }];
    }
    case "requantise":
      return [
        { ...base, kind: "requantise", output: make([height, width, channels], inputScale * 2 ** (-spec.gain / 4)) },
      ];
  }
}

/** The graph of a specification. */
export function randomGraph(spec: NetworkSpec): Graph {
  const input = activation("input", [spec.height, spec.width, spec.channels], 0.04, spec.zeroPoint);
  const operators: Operator[] = [];
  for (const step of spec.steps) {
    operators.push(...operatorsOf(step, operators.length, operators.at(-1)?.output ?? input));
  }
  const last = operators.at(-1)!.output;
  const first = operators[0]!.output;
  return graphOf(operators, input, spec.second && first !== last ? [last, first] : [last]);
}

/** Inputs for a graph: noise, and the least and greatest values in turns. */
export function randomInputs(graph: Graph, seed: number): Uint8Array[] {
  const length = elements(graph.input.shape);
  return [noise(length, seed), noise(length, seed + 1).map((byte) => (byte & 1 ? 0x80 : 0x7f))];
}
