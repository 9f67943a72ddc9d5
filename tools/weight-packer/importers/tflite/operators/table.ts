/** The operators that the importer takes: one row each. */
import type { Operator } from "../../../graph/graph.js";
import { OPTIONS } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { readArgMax } from "./arg-max.js";
import { readBatchToSpace, readSpaceToBatch } from "./batch.js";
import { readAdd, readMul, readSub } from "./binary.js";
import { blocksReader } from "./blocks.js";
import { readConcatenation } from "./concatenation.js";
import { readConvolution, readDepthwise } from "./convolution.js";
import { readFullyConnected } from "./fully-connected.js";
import { readL2Normalization } from "./l2-normalization.js";
import { readPack } from "./pack.js";
import { readPad } from "./pad.js";
import { readAveragePool, readMaxPool } from "./pool.js";
import { readDequantize, readQuantize } from "./quantize.js";
import { reductionReader } from "./reduce.js";
import { readReshape, readSameElements } from "./reshape.js";
import { readResizeBilinear, readResizeNearest } from "./resize.js";
import { readSlice, readSplit, readSplitV, readStridedSlice, readUnpack } from "./slice.js";
import { readSoftmax } from "./softmax.js";
import { readTranspose } from "./transpose.js";
import { readTransposedConvolution } from "./transposed-convolution.js";
import {
  extremumReader,
  readDiv,
  readGelu,
  readHardSwish,
  readLeakyRelu,
  readLogistic,
  readPrelu,
  reluReader,
  unaryReader,
} from "./unary.js";

/** How an operator is read. */
export interface Row {
  name: string;
  /** Number of the options' table type; operators without options have none. */
  options?: number;
  /** What is not taken, for people; for all operators: batches, more than four dimensions, other types than 8 bits. */
  limits?: string;
  /** Notes problems in the view; may throw Refused. */
  read: (op: OperatorView) => Operator | Operator[];
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
      limits:
        "a second operand may be a constant (a scalar or one element per channel) or spread over rows, pixels or channels",
      options: OPTIONS.add,
      read: readAdd,
    },
  ],
  [1, { name: "AVERAGE_POOL_2D", options: OPTIONS.pool2d, read: readAveragePool }],
  [
    2,
    {
      name: "CONCATENATION",
      limits: "along height, width or channels",
      options: OPTIONS.concatenation,
      read: readConcatenation,
    },
  ],
  [3, { name: "CONV_2D", options: OPTIONS.conv2d, read: readConvolution, batches: "keeps" }],
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
  [40, { name: "MEAN", limits: "not over the batch", options: OPTIONS.reducer, read: reductionReader("mean") }],
  [41, { name: "SUB", limits: "as ADD", options: OPTIONS.sub, read: readSub }],
  [43, { name: "SQUEEZE", options: OPTIONS.squeeze, read: readSameElements }],
  [
    55,
    {
      name: "MAXIMUM",
      limits: "with a constant scalar, or of two activations of one shape",
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
      limits: "with a constant scalar, or of two activations of one shape",
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
  // Further members of the family's networks.
  [5, { name: "DEPTH_TO_SPACE", options: OPTIONS.depthToSpace, read: blocksReader("depth_to_space") }],
  [11, { name: "L2_NORMALIZATION", limits: "over channels", options: OPTIONS.l2Norm, read: readL2Normalization }],
  [26, { name: "SPACE_TO_DEPTH", options: OPTIONS.spaceToDepth, read: blocksReader("space_to_depth") }],
  [28, { name: "TANH", read: unaryReader("tanh", false) }],
  [42, { name: "DIV", limits: "with a constant scalar", options: OPTIONS.div, read: readDiv }],
  [
    45,
    {
      name: "STRIDED_SLICE",
      limits: "constant; strides above 0, no ellipsis, no new axis",
      options: OPTIONS.stridedSlice,
      read: readStridedSlice,
    },
  ],
  [47, { name: "EXP", limits: "int8", options: OPTIONS.exp, read: unaryReader("exp", true) }],
  [49, { name: "SPLIT", options: OPTIONS.split, read: readSplit }],
  [54, { name: "PRELU", limits: "alpha a constant scalar or one element per channel", read: readPrelu }],
  [59, { name: "NEG", limits: "int8", options: OPTIONS.neg, read: unaryReader("neg", true) }],
  [65, { name: "SLICE", limits: "constant", options: OPTIONS.slice, read: readSlice }],
  [73, { name: "LOG", limits: "int8", read: unaryReader("log", true) }],
  [
    74,
    {
      name: "SUM",
      limits: "as MEAN; int8 as uint8, for TFLite's own takes it for that",
      options: OPTIONS.reducer,
      read: reductionReader("sum"),
    },
  ],
  [75, { name: "SQRT", limits: "int8", read: unaryReader("sqrt", true) }],
  [76, { name: "RSQRT", limits: "int8", read: unaryReader("rsqrt", true) }],
  [82, { name: "REDUCE_MAX", limits: "as MEAN", options: OPTIONS.reducer, read: reductionReader("reduce_max") }],
  [83, { name: "PACK", limits: "as CONCATENATION behind RESHAPE", options: OPTIONS.pack, read: readPack }],
  [88, { name: "UNPACK", limits: "as SLICE in front of RESHAPE", options: OPTIONS.unpack, read: readUnpack }],
  [89, { name: "REDUCE_MIN", limits: "as MEAN", options: OPTIONS.reducer, read: reductionReader("reduce_min") }],
  [101, { name: "ABS", limits: "int8", options: OPTIONS.abs, read: unaryReader("abs", true) }],
  [102, { name: "SPLIT_V", options: OPTIONS.splitV, read: readSplitV }],
  [150, { name: "GELU", options: OPTIONS.gelu, read: readGelu }],
]);
