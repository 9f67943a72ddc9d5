/** The operators that the importer takes: one row each. */
import type { Operator } from "../../../graph/graph.js";
import { OPTIONS } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { readArgMax } from "./arg-max.js";
import { readBatchToSpace, readSpaceToBatch } from "./batch.js";
import { readAdd, readMul, readSub } from "./binary.js";
import { readConcatenation } from "./concatenation.js";
import { readConvolution, readDepthwise } from "./convolution.js";
import { readFullyConnected } from "./fully-connected.js";
import { readMean } from "./mean.js";
import { readPad } from "./pad.js";
import { readAveragePool, readMaxPool } from "./pool.js";
import { readDequantize, readQuantize } from "./quantize.js";
import { readReshape, readSameElements } from "./reshape.js";
import { readResizeBilinear, readResizeNearest } from "./resize.js";
import { readSoftmax } from "./softmax.js";
import { readTranspose } from "./transpose.js";
import { readTransposedConvolution } from "./transposed-convolution.js";
import { extremumReader, readHardSwish, readLeakyRelu, readLogistic, reluReader } from "./unary.js";

/** How an operator is read. */
export interface Row {
  name: string;
  /** Number of the options' table type; operators without options have none. */
  options?: number;
  /** What is not taken, for people; for all operators: batches, more than four dimensions, other types than 8 bits. */
  limits?: string;
  /** Notes problems in the view; may throw Refused. */
  read: (op: OperatorView) => Operator;
  /** Inputs that say nothing which the output's shape does not: what computes them need not be taken. */
  shapeInputs?: readonly number[];
  /** Makes batches, or gives as many as it takes. */
  batches?: "deals" | "keeps";
}

/** By builtin operator code. */
export const OPERATORS: ReadonlyMap<number, Row> = new Map<number, Row>([
  [
    0,
    {
      name: "ADD",
      limits: "a second operand may be a constant (a scalar or one element per channel) or spread over rows or pixels",
      options: OPTIONS.add,
      read: readAdd,
    },
  ],
  [1, { name: "AVERAGE_POOL_2D", options: OPTIONS.pool2d, read: readAveragePool }],
  [
    2,
    {
      name: "CONCATENATION",
      limits: "along channels; of outputs, along the first dimension that is not 1",
      options: OPTIONS.concatenation,
      read: readConcatenation,
    },
  ],
  [3, { name: "CONV_2D", limits: "no groups", options: OPTIONS.conv2d, read: readConvolution, batches: "keeps" }],
  [4, { name: "DEPTHWISE_CONV_2D", options: OPTIONS.depthwiseConv2d, read: readDepthwise, batches: "keeps" }],
  [
    6,
    { name: "DEQUANTIZE", limits: "to a float output of the model", options: OPTIONS.dequantize, read: readDequantize },
  ],
  [
    9,
    {
      name: "FULLY_CONNECTED",
      limits: "weights not shuffled",
      options: OPTIONS.fullyConnected,
      read: readFullyConnected,
    },
  ],
  [14, { name: "LOGISTIC", limits: "output scale 1/256", read: readLogistic }],
  [17, { name: "MAX_POOL_2D", options: OPTIONS.pool2d, read: readMaxPool }],
  [18, { name: "MUL", limits: "as ADD", options: OPTIONS.mul, read: readMul }],
  [19, { name: "RELU", read: reluReader("relu") }],
  [20, { name: "RELU_N1_TO_1", read: reluReader("relu_n1_to_1") }],
  [21, { name: "RELU6", read: reluReader("relu6") }],
  [
    22,
    {
      name: "RESHAPE",
      options: OPTIONS.reshape,
      read: readReshape,
      shapeInputs: [1],
    },
  ],
  [23, { name: "RESIZE_BILINEAR", limits: "constant size", options: OPTIONS.resizeBilinear, read: readResizeBilinear }],
  [25, { name: "SOFTMAX", limits: "over at most 4095 channels", options: OPTIONS.softmax, read: readSoftmax }],
  [34, { name: "PAD", limits: "not the batch", options: OPTIONS.pad, read: readPad }],
  [
    37,
    {
      name: "BATCH_TO_SPACE_ND",
      limits: "behind a convolution behind SPACE_TO_BATCH_ND of the same block",
      options: OPTIONS.batchToSpaceNd,
      read: readBatchToSpace,
    },
  ],
  [
    38,
    {
      name: "SPACE_TO_BATCH_ND",
      limits: "in front of a convolution and BATCH_TO_SPACE_ND",
      options: OPTIONS.spaceToBatchNd,
      read: readSpaceToBatch,
      batches: "deals",
    },
  ],
  [39, { name: "TRANSPOSE", options: OPTIONS.transpose, read: readTranspose }],
  [40, { name: "MEAN", limits: "over height and width together", options: OPTIONS.reducer, read: readMean }],
  [41, { name: "SUB", limits: "as ADD", options: OPTIONS.sub, read: readSub }],
  [43, { name: "SQUEEZE", options: OPTIONS.squeeze, read: readSameElements }],
  [
    55,
    {
      name: "MAXIMUM",
      limits: "with a constant scalar",
      options: OPTIONS.maximumMinimum,
      read: extremumReader("maximum"),
    },
  ],
  [
    56,
    {
      name: "ARG_MAX",
      limits: "over at most 256 channels, as an output",
      options: OPTIONS.argMax,
      read: readArgMax,
    },
  ],
  [
    57,
    {
      name: "MINIMUM",
      limits: "with a constant scalar",
      options: OPTIONS.maximumMinimum,
      read: extremumReader("minimum"),
    },
  ],
  [60, { name: "PADV2", limits: "as PAD", options: OPTIONS.padV2, read: readPad }],
  [67, { name: "TRANSPOSE_CONV", options: OPTIONS.transposeConv, read: readTransposedConvolution, shapeInputs: [0] }],
  [
    70,
    {
      name: "EXPAND_DIMS",
      options: OPTIONS.expandDims,
      read: readSameElements,
      shapeInputs: [1],
    },
  ],
  [
    97,
    {
      name: "RESIZE_NEAREST_NEIGHBOR",
      limits: "constant size",
      options: OPTIONS.resizeNearestNeighbor,
      read: readResizeNearest,
    },
  ],
  [98, { name: "LEAKY_RELU", limits: "alpha of 0 or more", options: OPTIONS.leakyRelu, read: readLeakyRelu }],
  [
    114,
    {
      name: "QUANTIZE",
      limits: "between int8 and uint8; from float at the input",
      options: OPTIONS.quantize,
      read: readQuantize,
    },
  ],
  [117, { name: "HARD_SWISH", options: OPTIONS.hardSwish, read: readHardSwish }],
  [152, { name: "RELU_0_TO_1", read: reluReader("relu_0_to_1") }],
]);
