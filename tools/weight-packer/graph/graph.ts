/**
 * The typed graph: what importers make, passes simplify and the lowering reads. Nothing here knows of files or of the
 * engine. Batch is always 1 and dropped: an activation is height x width x channels, rows of pixels (NHWC).
 */

import type { DetectionParameters } from "../../../src/detection-info.js";

/** Element types that sources may hold. Only int8 and uint8 activations can be lowered. */
export type ElementType =
  | "int2"
  | "int4"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint4"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "float8"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128"
  | "bool"
  | "string"
  | "resource"
  | "variant";

/** Affine quantisation, real = scale * (q - zeroPoint); one entry, or one for each index of `dimension`. */
export interface Quantization {
  /** Scales, each exactly a float32 value. */
  scale: number[];
  zeroPoint: number[];
  /** The dimension along which scales vary (ignored with one entry). */
  dimension: number;
  /** The source's type was uint8: TFLite multiplies input and weight scale in float there, in double elsewhere. */
  floatProduct?: boolean;
}

/** A tensor: an activation (no data) or a constant (data). */
export interface Tensor {
  name: string;
  /** Shape as in the source, batch included for activations. */
  shape: number[];
  type: ElementType;
  quantization?: Quantization;
  /**
   * Constant elements, little-endian typed view by `type` (raw bytes for types without a view of their own); undefined
   * for activations.
   */
  data?: Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array | BigInt64Array;
}

/** Activations: fused into another operator (all but "relu_0_to_1"), or by themselves. */
export type Activation = "none" | "relu" | "relu6" | "relu_n1_to_1" | "relu_0_to_1";

/** Explicit padding in rows and pixels. */
export interface Padding {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Window geometry shared by convolutions and pools; all in rows (y, height) and pixels (x, width). */
export interface Window {
  kernelHeight: number;
  kernelWidth: number;
  strideY: number;
  strideX: number;
  dilationY: number;
  dilationX: number;
  padding: Padding;
}

interface OperatorBase {
  /** Index in the source model, for messages and golden comparison. */
  index: number;
  /** The operator's name in the source, e.g. "CONV_2D". */
  source: string;
  /** Activation inputs. */
  inputs: Tensor[];
  output: Tensor;
}

/** A factor as multiplier * 2^(-31 - shift), shift to the right. */
export interface Factor {
  multiplier: number;
  shift: number;
}

/** 2-D convolution. weights: [O, H, W, I]; bias: int32 [O] if any. */
export interface Convolution extends OperatorBase, Window {
  kind: "convolution";
  weights: Tensor;
  bias?: Tensor;
  activation: Activation;
  /** From sums of products to the output, where that is not what the scales say: means divide, too. */
  factor?: Factor;
}

/** Depthwise convolution. weights: [1, H, W, C * channelMultiplier]. */
export interface Depthwise extends OperatorBase, Window {
  kind: "depthwise";
  weights: Tensor;
  bias?: Tensor;
  channelMultiplier: number;
  activation: Activation;
  /** As a convolution's. */
  factor?: Factor;
}

/**
 * Fully connected. weights: [O, I]. Either I is height * width * channels of the input, which is taken flattened in
 * that order, or I is the input's channels and every pixel is multiplied by itself (the output has the input's height
 * and width then); see `perPixel`.
 */
export interface FullyConnected extends OperatorBase {
  kind: "fully_connected";
  weights: Tensor;
  bias?: Tensor;
  activation: Activation;
}

/**
 * Element-wise sum, difference or product. Either two activations (the first of the output's shape; the second too, or
 * with a height or width of 1, or both, which then stands for all rows or pixels), or one and a constant of one element
 * or one for each channel.
 */
export interface Binary extends OperatorBase {
  kind: "add" | "sub" | "mul";
  activation: Activation;
  /** Constant operand: int8 or uint8, one scale, 1 element or [channels]. */
  constant?: Tensor;
  /** The operands stand the other way round in the source: second minus first. */
  swapped?: boolean;
}

/** Average or max pool. */
export interface Pool extends OperatorBase, Window {
  kind: "average_pool" | "max_pool";
  activation: Activation;
  /**
   * Average pool of a source whose type was uint8: round half up in the source's terms, that is on values + 128 (int8
   * rounds half away from zero). Set by the pass toSigned.
   */
  unsignedRounding?: boolean;
}

/** Which of height, width and channels a reduction takes away. */
export interface Axes {
  height: boolean;
  width: boolean;
  channels: boolean;
}

/** Mean or sum over some of height, width and channels, whose extents become 1. */
export interface Mean extends OperatorBase {
  kind: "mean" | "sum";
  axes: Axes;
}

/** The greatest or smallest over some of height, width and channels, whose extents become 1; as bytes. Passes make pools of it. */
export interface Reduction extends OperatorBase {
  kind: "reduce_max" | "reduce_min";
  axes: Axes;
}

/** Each pixel's channels over the root of the sum of their squares. */
export interface L2Normalisation extends OperatorBase {
  kind: "l2_normalisation";
  /** The source's type was uint8, which TFLite rounds twice. */
  unsignedRounding?: boolean;
}

/** Softmax over the last dimension. */
export interface Softmax extends OperatorBase {
  kind: "softmax";
  beta: number;
  /** Over each so many channels by themselves; all of them unless told. */
  group?: number;
}

/** Change of quantisation between integer types. */
export interface Requantise extends OperatorBase {
  kind: "requantise";
}

/** x * relu6(x + 3) / 6 for each element. */
export interface HardSwish extends OperatorBase {
  kind: "hard_swish";
}

/** 1 / (1 + exp(-x)) for each element. */
export interface Logistic extends OperatorBase {
  kind: "logistic";
}

/**
 * The larger (maximum) or smaller of each element and a constant of one element, or of the elements of two activations
 * of one shape; as bytes: scales do not matter.
 */
export interface Extremum extends OperatorBase {
  kind: "maximum" | "minimum";
  constant?: Tensor;
}

/** An element over a constant of one element, or (swapped) the constant over each element. */
export interface Quotient extends OperatorBase {
  kind: "div";
  activation: Activation;
  constant: Tensor;
  swapped?: boolean;
}

/** A named function of one element. */
export interface Unary extends OperatorBase {
  kind: "unary";
  function: "abs" | "exp" | "gelu" | "gelu_approximate" | "log" | "neg" | "rsqrt" | "sqrt" | "tanh";
}

/** x, or alpha * x where x is negative; alpha: a constant of one element or one for each channel. */
export interface Prelu extends OperatorBase {
  kind: "prelu";
  constant: Tensor;
}

/** An activation by itself. */
export interface Relu extends OperatorBase {
  kind: "relu";
  activation: Activation;
}

/** x, or alpha * x where x is negative. */
export interface LeakyRelu extends OperatorBase {
  kind: "leaky_relu";
  /** A float32 value. */
  alpha: number;
}

/** Two or more activations side by side in the channels. After the passes: two, of the output's scale and zero point. */
export interface Concatenation extends OperatorBase {
  kind: "concatenation";
}

/**
 * Two or more activations one after the other in memory: a concatenation along a dimension before which all are 1. Not
 * the engine's work: where only functions of one element and reshapes stand between it and outputs, these take the parts.
 */
export interface Join extends OperatorBase {
  kind: "join";
}

/** Two or more activations one below the other (height) or side by side (width). Passes make pads and sums of it. */
export interface Stack extends OperatorBase {
  kind: "stack";
  axis: "height" | "width";
}

/** A range of each dimension: every `stride`th from `begin` on, as many as the output has. */
export interface Slice extends OperatorBase {
  kind: "slice";
  begin: { y: number; x: number; channel: number };
  stride: { y: number; x: number; channel: number };
}

/** Blocks of pixels to channels (block rows, then block columns, then channels), or back. */
export interface Blocks extends OperatorBase {
  kind: "space_to_depth" | "depth_to_space";
  block: number;
}

/**
 * Index of the greatest channel of each pixel, the first of equal ones. The output holds one channel, the index as a
 * byte; its port is of the source's type and shape, int32 or int64 without the channels.
 */
export interface ArgMax extends OperatorBase {
  kind: "arg_max";
}

/**
 * Transposed convolution. weights: [O, H, W, I]; bias: int32 [O] if any. Input pixel y, x adds its products to the output
 * pixels from y * strideY - top, x * strideX - left on. The passes make a spread and a convolution of it.
 */
export interface TransposedConvolution extends OperatorBase {
  kind: "transposed_convolution";
  weights: Tensor;
  bias?: Tensor;
  strideY: number;
  strideX: number;
  top: number;
  left: number;
  activation: Activation;
}

/** Pixels moved apart: strideY - 1 rows and strideX - 1 columns of the zero point between each two. */
export interface Spread extends OperatorBase {
  kind: "spread";
  strideY: number;
  strideX: number;
}

/** Bilinear or nearest resize of rows and pixels; the values keep their quantisation. */
export interface Resize extends OperatorBase {
  kind: "resize";
  method: "bilinear" | "nearest";
  alignCorners: boolean;
  halfPixelCenters: boolean;
  /** Bilinear of a source whose type was uint8: TFLite interpolates in float there, in fixed point elsewhere. */
  unsignedRounding?: boolean;
}

/** Change of scale and zero point in float, in uint8 terms: what TFLite does in front of a CONCATENATION of uint8. */
export interface Rescale extends OperatorBase {
  kind: "rescale";
}

/** Any function of one int8 element. Made by the lowering of what is one. */
export interface Lookup extends OperatorBase {
  kind: "lookup";
  /** 256 results, by the input's byte (0..127, then -128..-1). */
  table: Int8Array;
}

/**
 * Explicit padding. After the passes: of rows and pixels only, with the zero point of its input (which may be another
 * than its output's); where that is the output's, it melts into the convolutions that read it.
 */
export interface Pad extends OperatorBase {
  kind: "pad";
  padding: Padding;
  /** Channels in front of and behind each pixel's. */
  channels?: { before: number; after: number };
  /** What is padded with, in the input's own type; the zero point unless told. */
  value?: number;
}

/** Channels of the input's zero point in front of and behind each pixel's. */
export interface PadChannels extends OperatorBase {
  kind: "pad_channels";
  before: number;
  after: number;
}

/**
 * Rows and pixels dealt out to block.y * block.x batches, padding included: what old converters put around a dilated
 * convolution. Melts with its convolution and batch_to_space into one.
 */
export interface SpaceToBatch extends OperatorBase {
  kind: "space_to_batch";
  block: { y: number; x: number };
  padding: Padding;
}

/** The way back; `padding` is what is cut off. */
export interface BatchToSpace extends OperatorBase {
  kind: "batch_to_space";
  block: { y: number; x: number };
  padding: Padding;
}

/** Dimensions in another order: dimension d of the output is dimension permutation[d] of the input. */
export interface Transpose extends OperatorBase {
  kind: "transpose";
  permutation: number[];
}

/**
 * RESHAPE, SQUEEZE, EXPAND_DIMS, FLATTEN: the same bytes under another shape; melts away, unless readers need another
 * structure of pixels.
 */
export interface Reshape extends OperatorBase {
  kind: "reshape";
}

export type Operator =
  | Convolution
  | Depthwise
  | FullyConnected
  | Binary
  | Pool
  | Mean
  | Reduction
  | L2Normalisation
  | Softmax
  | Requantise
  | HardSwish
  | Logistic
  | Relu
  | Extremum
  | Quotient
  | Unary
  | Prelu
  | LeakyRelu
  | Lookup
  | Concatenation
  | Join
  | Stack
  | Slice
  | Blocks
  | ArgMax
  | Rescale
  | Resize
  | TransposedConvolution
  | Spread
  | Pad
  | PadChannels
  | SpaceToBatch
  | BatchToSpace
  | Transpose
  | Reshape;
export type OperatorKind = Operator["kind"];

/**
 * What the host sees of an input or output: the source model's own terms, whatever passes do to the tensor behind it.
 * The bytes are the tensor's in the same order; where `type` is uint8 and the tensor int8, the host's value is the
 * tensor's + 128. Where it is int32 or int64, the tensor holds indices, each a byte of 0..255.
 */
export interface Port {
  /** The activation that holds it; always the same object as the graph's `input` or `outputs[i]`. */
  tensor: Tensor;
  /** The source tensor's name. */
  name: string;
  type: ElementType;
  /** The source's shape, batch included. */
  shape: number[];
  scale: number;
  zeroPoint: number;
  /** Along which dimension this output continues the one before, of which the source's is joined. */
  continues?: number;
  /** The source's own is float32, of which `type` holds the quantised values; the host converts. */
  float?: boolean;
  /** The source's channels come in front of rows and pixels (`shape` is [1, C, H, W] or [1, C, W]); the host transposes. */
  planar?: boolean;
}

/** A network with one input, operators in execution order. */
export interface Graph {
  name: string;
  operators: Operator[];
  input: Tensor;
  /** Never holds the input after the passes; two outputs may be one tensor. */
  outputs: Tensor[];
  inputPort: Port;
  /** In the order of `outputs`. */
  outputPorts: Port[];
  /** Of a detector: what the host makes of its two outputs, box encodings and class scores. */
  detection?: DetectionParameters;
  /** What is lawful in the source but looks wrong: for people. */
  warnings: string[];
}

/** Height, width and channels of an activation of any rank up to 4 (missing leading dimensions are 1). */
export function extent(tensor: Tensor): { height: number; width: number; channels: number } {
  const shape = tensor.shape.length === 4 ? tensor.shape.slice(1) : tensor.shape.slice(tensor.shape.length > 1 ? 1 : 0);
  const padded = [1, 1, 1, ...shape].slice(-3);
  return { height: padded[0]!, width: padded[1]!, channels: padded[2]! };
}

/** Number of elements of a shape; 1 for a scalar. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Whether a fully connected operator works on each pixel by itself instead of on the flattened input. */
export function perPixel(operator: FullyConnected): boolean {
  const { height, width, channels } = extent(operator.inputs[0]!);
  return height * width > 1 && operator.weights.shape[1] === channels;
}
