/**
 * Field numbers (slots) and enumerations of the TFLite schema, version 3: only those that the importer reads. A field
 * that the schema adds later takes a new number at a table's end, so these never change.
 */
import type { Activation, ElementType } from "../../graph/graph.js";

export const IDENTIFIER = "TFL3";
export const SCHEMA_VERSION = 3;

export const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4 } as const;
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;
export const TENSOR = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  isVariable: 5,
  sparsity: 6,
  shapeSignature: 7,
  externalBuffer: 10,
} as const;
export const QUANTIZATION = { scale: 2, zeroPoint: 3, detailsType: 4, quantizedDimension: 6 } as const;
export const OPERATOR = {
  opcodeIndex: 0,
  inputs: 1,
  outputs: 2,
  optionsType: 3,
  options: 4,
  customOptions: 5,
} as const;
export const OPERATOR_CODE = { deprecatedBuiltinCode: 0, customCode: 1, version: 2, builtinCode: 3 } as const;
export const BUFFER = { data: 0, offset: 1, size: 2 } as const;

export const CONV_2D = { padding: 0, strideX: 1, strideY: 2, activation: 3, dilationX: 4, dilationY: 5 } as const;
export const DEPTHWISE_CONV_2D = {
  padding: 0,
  strideX: 1,
  strideY: 2,
  channelMultiplier: 3,
  activation: 4,
  dilationX: 5,
  dilationY: 6,
} as const;
export const POOL_2D = { padding: 0, strideX: 1, strideY: 2, kernelWidth: 3, kernelHeight: 4, activation: 5 } as const;
export const FULLY_CONNECTED = { activation: 0, weightsFormat: 1, keepNumDims: 2 } as const;
export const ADD = { activation: 0 } as const;
export const SUB = { activation: 0 } as const;
export const CONCATENATION = { axis: 0, activation: 1 } as const;
export const RESIZE_BILINEAR = { alignCorners: 2, halfPixelCenters: 3 } as const;
export const RESIZE_NEAREST_NEIGHBOR = { alignCorners: 0, halfPixelCenters: 1 } as const;
export const TRANSPOSE_CONV = { padding: 0, strideX: 1, strideY: 2, activation: 3 } as const;
export const MUL = { activation: 0 } as const;
export const LEAKY_RELU = { alpha: 0 } as const;
export const SOFTMAX = { beta: 0 } as const;
export const REDUCER = { keepDims: 0 } as const;
export const RESHAPE = { newShape: 0 } as const;
export const SQUEEZE = { squeezeDims: 0 } as const;
export const DIV = { activation: 0 } as const;
export const GELU = { approximate: 0 } as const;
export const L2_NORMALIZATION = { activation: 0 } as const;
export const STRIDED_SLICE = {
  beginMask: 0,
  endMask: 1,
  ellipsisMask: 2,
  newAxisMask: 3,
  shrinkMask: 4,
  offset: 5,
} as const;
export const PACK = { axis: 1 } as const;
export const UNPACK = { axis: 1 } as const;
export const BLOCK = { size: 0 } as const;

/** Numbers of the option tables in the union that operators refer to. */
export const OPTIONS = {
  conv2d: 1,
  depthwiseConv2d: 2,
  pool2d: 5,
  fullyConnected: 8,
  softmax: 9,
  concatenation: 10,
  add: 11,
  resizeBilinear: 15,
  reshape: 17,
  mul: 21,
  pad: 22,
  transpose: 26,
  reducer: 27,
  sub: 28,
  batchToSpaceNd: 23,
  spaceToBatchNd: 24,
  squeeze: 30,
  dequantize: 38,
  maximumMinimum: 39,
  argMax: 40,
  padV2: 43,
  transposeConv: 49,
  expandDims: 52,
  resizeNearestNeighbor: 74,
  leakyRelu: 75,
  quantize: 89,
  hardSwish: 91,
  l2Norm: 12,
  spaceToDepth: 19,
  div: 29,
  stridedSlice: 32,
  exp: 33,
  split: 35,
  neg: 42,
  slice: 48,
  pack: 59,
  unpack: 64,
  abs: 78,
  splitV: 79,
  depthToSpace: 94,
  gelu: 116,
} as const;

/** TensorType by number. */
export const ELEMENT_TYPES: readonly ElementType[] = [
  "float32",
  "float16",
  "int32",
  "uint8",
  "int64",
  "string",
  "bool",
  "int16",
  "complex64",
  "int8",
  "float64",
  "complex128",
  "uint64",
  "resource",
  "variant",
  "uint32",
  "uint16",
  "int4",
  "bfloat16",
  "int2",
  "uint4",
  "float8",
  "float8",
];

/** Padding by number. */
export const PADDINGS = ["SAME", "VALID"] as const;

/** ActivationFunctionType by number; null for those that no kernel of ours has. */
export const ACTIVATIONS: readonly (Activation | null)[] = ["none", "relu", "relu_n1_to_1", "relu6", null, null];
export const ACTIVATION_NAMES: readonly string[] = ["NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"];

/** FullyConnectedOptionsWeightsFormat: plain [O, I]. */
export const WEIGHTS_FORMAT_DEFAULT = 0;
/** BuiltinOperator: the operator is named by its code's custom_code. */
export const CUSTOM = 32;
