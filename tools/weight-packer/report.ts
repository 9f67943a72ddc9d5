import * as layout from "../../assembly/layout.js";
import { readAnyInfo } from "../../src/detection-info.js";
import { recordedWindow } from "./plan/windows.js";
import { Records } from "./records.js";
import { followFirings, peaksOf } from "./report-firings.js";

/** What one step costs. Shapes are height x width x channels. */
export interface LayerReport {
  /** Index of the step. */
  step: number;
  /** The operator's name, TFLite's for what the step does. */
  operator: string;
  /** Index of the operator in the source model. */
  sourceOperator: number;
  /** The engine's row kernel. */
  kind: string;
  input: [number, number, number];
  output: [number, number, number];
  /** Height and width. */
  kernel: [number, number];
  /** Vertical and horizontal. */
  stride: [number, number];
  macs: number;
  /** Weights and biases, as in the source. */
  parameters: number;
  /** Output rows of one firing. */
  rows: number;
  /** Rows of the output's ring. */
  ringRows: number;
  /** Bytes of the output's ring, pads included. */
  ringBytes: number;
  segment: number;
  /** Bytes of weights that one inference reads, where they are streamed. */
  readBytes?: number;
  /** On a pointwise step that follows a depthwise one: the pair's MACs over those of the plain convolution it stands for. */
  costRatio?: number;
}

/** What a packed model costs. */
export interface PackReport {
  name: string;
  arenaBytes: number;
  /** Bytes of the file that hold weights, biases, multipliers and shifts. */
  weightBytes: number;
  fileBytes: number;
  macs: number;
  parameters: number;
  /** The segment with the most bytes of the arena in use at one firing, and how many. */
  peak: { segment: number; bytes: number };
  /** What streaming the weights costs, where they are. */
  streamed?: StreamingReport;
  layers: LayerReport[];
}

/** Weights that are read as they are needed. */
export interface StreamingReport {
  /** Bytes of the file that lie in RAM beside the arena. */
  residentBytes: number;
  /** Bytes of the largest window through which weights are read, of those that steps share; part of the arena. */
  windowBytes: number;
  /** Bytes of all weights that are read, once each. */
  weightBytes: number;
  /** Bytes that one inference reads. */
  readBytes: number;
}

/** Names by opcode: the row kernel and TFLite's operator. */
const OPERATORS: Record<number, [kind: string, operator: string]> = {
  [layout.OPCODE_CONVOLUTION]: ["convolution", "CONV_2D"],
  [layout.OPCODE_POINTWISE]: ["pointwise", "CONV_2D"],
  [layout.OPCODE_DEPTHWISE]: ["depthwise", "DEPTHWISE_CONV_2D"],
  [layout.OPCODE_ADD]: ["add", "ADD"],
  [layout.OPCODE_AVERAGE_POOL]: ["average_pool", "AVERAGE_POOL_2D"],
  [layout.OPCODE_MAX_POOL]: ["max_pool", "MAX_POOL_2D"],
  [layout.OPCODE_MEAN]: ["mean", "MEAN"],
  [layout.OPCODE_GLOBAL_AVERAGE_POOL]: ["global_average_pool", "AVERAGE_POOL_2D"],
  [layout.OPCODE_SOFTMAX]: ["softmax", "SOFTMAX"],
  [layout.OPCODE_CONCATENATE]: ["concatenate", "CONCATENATION"],
  [layout.OPCODE_ARG_MAX]: ["arg_max", "ARG_MAX"],
  [layout.OPCODE_REARRANGE]: ["rearrange", "TRANSPOSE"],
  [layout.OPCODE_RESIZE]: ["resize", "RESIZE"],
  [layout.OPCODE_LOOKUP]: ["lookup", "LOOKUP"],
  [layout.OPCODE_MULTIPLY]: ["multiply", "MUL"],
};

/**
 * What a packed model costs, from its bytes alone.
 *
 * @param file a whole packed file
 * @throws Error if it is no packed file, its records lead out of it, or its plan stalls
 */
export function report(file: Uint8Array): PackReport {
  const records = new Records(file);
  const { name, arenaBytes, fileBytes } = readAnyInfo(file);
  const layers: LayerReport[] = [];
  for (let step = 0; step < records.stepCount; step++) layers.push(layer(records, step, layers));
  const streamed = streaming(records, layers);
  return {
    name,
    arenaBytes,
    weightBytes: streamed?.weightBytes ?? weightBytes(records),
    fileBytes,
    macs: sum(layers.map((l) => l.macs)),
    parameters: sum(layers.map((l) => l.parameters)),
    peak: peak(records),
    streamed,
    layers,
  };
}

/** Sums over the layers of a file whose weights are streamed; undefined for other files. */
function streaming(records: Records, layers: readonly LayerReport[]): StreamingReport | undefined {
  if (!(records.header(layout.HEADER_FEATURES) & layout.FEATURE_STREAMED_WEIGHTS)) return undefined;
  const reading = layers
    .filter(({ readBytes }) => readBytes !== undefined)
    .map(({ step }) => recordedWindow(records, step));
  return {
    residentBytes: records.header(layout.HEADER_FILE_BYTES),
    windowBytes: Math.max(0, ...reading.filter(({ kept }) => !kept).map(({ bytes }) => bytes)),
    weightBytes: sum(reading.map((window) => window.readBytes)),
    readBytes: sum(layers.map(({ readBytes = 0 }) => readBytes)),
  };
}

function layer(records: Records, step: number, before: readonly LayerReport[]): LayerReport {
  const opcode = records.step(step, layout.STEP_OPCODE);
  const [kind, name] = OPERATORS[opcode] ?? [`opcode ${opcode}`, "?"];
  // TFLite requantises in double in this operator only.
  const double = records.step(step, layout.STEP_FLAGS) & layout.FLAG_DOUBLE;
  const operator = double ? "FULLY_CONNECTED" : name;
  const inputTensor = records.step(step, layout.STEP_INPUT);
  const outputTensor = records.step(step, layout.STEP_OUTPUT);
  const input = records.extent(inputTensor);
  const output = records.extent(outputTensor);
  const reduces = opcode === layout.OPCODE_MEAN || opcode === layout.OPCODE_GLOBAL_AVERAGE_POOL;
  const kernel: [number, number] = reduces
    ? [input[0], input[1]]
    : [records.step(step, layout.STEP_KERNEL_HEIGHT), records.step(step, layout.STEP_KERNEL_WIDTH)];
  const weights = weightsOfAnOutput(opcode, kernel, input[2], records.step(step, layout.STEP_DEPTH));
  const ring = records.ring(outputTensor);
  const result: LayerReport = {
    step,
    operator,
    sourceOperator: records.step(step, layout.STEP_SOURCE_OPERATOR),
    kind,
    input,
    output,
    kernel,
    stride: [records.step(step, layout.STEP_STRIDE_Y), records.step(step, layout.STEP_STRIDE_X)],
    macs: output[0] * output[1] * output[2] * weights,
    parameters: weights > 0 ? output[2] * (weights + 1) : 0,
    rows: records.step(step, layout.STEP_ROWS),
    ringRows: ring.rows,
    ringBytes: ring.bytes,
    segment: records.segments.findIndex((end) => step < end),
  };
  if (records.step(step, layout.STEP_WINDOW)) {
    const { readBytes, kept } = recordedWindow(records, step);
    result.readBytes = readBytes * (kept ? 1 : Math.ceil(output[0] / result.rows));
  }
  const producer = before[records.tensor(inputTensor, layout.TENSOR_PRODUCER)];
  if (opcode === layout.OPCODE_POINTWISE && producer?.kind === "depthwise") {
    const plain = output[0] * output[1] * output[2] * producer.kernel[0] * producer.kernel[1] * producer.input[2];
    result.costRatio = (producer.macs + result.macs) / plain;
  }
  return result;
}

/** Weights that one output element multiplies with. */
function weightsOfAnOutput(opcode: number, kernel: [number, number], channels: number, depth: number): number {
  if (opcode === layout.OPCODE_CONVOLUTION) return kernel[0] * kernel[1] * channels;
  if (opcode === layout.OPCODE_POINTWISE) return depth;
  if (opcode === layout.OPCODE_DEPTHWISE) return kernel[0] * kernel[1];
  return 0;
}

/** Bytes from each table of weights, biases, multipliers or shifts to whatever comes next in the file. */
function weightBytes(records: Records): number {
  const fields = [
    layout.STEP_WEIGHTS,
    layout.STEP_BIASES,
    layout.STEP_MULTIPLIERS,
    layout.STEP_SHIFTS,
    layout.STEP_BLOCKS,
  ];
  const tables = new Set<number>();
  for (let step = 0; step < records.stepCount; step++) {
    for (const field of fields) tables.add(records.step(step, field));
  }
  tables.delete(0);
  const others = [
    layout.HEADER_TENSORS,
    layout.HEADER_STEPS,
    layout.HEADER_SEGMENTS,
    layout.HEADER_CONSUMERS,
    layout.HEADER_OUTPUTS,
    layout.HEADER_LABELS,
    layout.HEADER_NAME,
    layout.HEADER_DETECTION,
  ].map((field) => records.header(field));
  const starts = [...new Set([...tables, ...others, records.file.length - layout.SLACK_BYTES])].sort((a, b) => a - b);
  return sum(starts.map((start, i) => (tables.has(start) ? (starts[i + 1] ?? records.file.length) - start : 0)));
}

/** The segment with the most bytes in use at one firing, the state included. */
function peak(records: Records): { segment: number; bytes: number } {
  const peaks = peaksOf(followFirings(records), records.stateBytes);
  const bytes = Math.max(...peaks);
  return { segment: peaks.indexOf(bytes), bytes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
