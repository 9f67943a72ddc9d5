/** The last step of the packer: a planned program becomes the bytes of a .midge file. */
import * as layout from "../../../assembly/layout.js";
import { checksum } from "../../../src/checksum.js";
import type { Port } from "../graph/graph.js";
import { held } from "../lower/held.js";
import type { Program, Step } from "../lower/program.js";
import { rowStride } from "../plan/request.js";
import type { Plan, PlannedWindow } from "../plan/types.js";
import { Records } from "../records.js";
import { followFirings } from "../report-firings.js";
import { detectionSection } from "./detection.js";
import { windowsOf } from "./windows.js";

/** What a file says about images, and names. */
export interface Description {
  name: string;
  /** UTF-8, one class a line; empty = none. */
  labels: string;
  colours: "RGB" | "BGR" | "grey";
  crop: "centre" | "full";
  /** Per channel: real input = (pixel - mean) * scale. */
  mean: [number, number, number];
  scale: [number, number, number];
}

/** Grows a file section by section; sections start at multiples of 16. */
class FileBuilder {
  #chunks: { offset: number; bytes: Uint8Array }[] = [];
  #end: number = layout.HEADER_BYTES;

  /** Adds a section and gives its offset. */
  section(bytes: Uint8Array): number {
    const offset = Math.ceil(this.#end / 16) * 16;
    this.#chunks.push({ offset, bytes });
    this.#end = offset + bytes.length;
    return offset;
  }

  /** The file, slack behind the last section, header and checksum written. */
  build(header: Words): Uint8Array {
    const file = new Uint8Array(Math.ceil((this.#end + layout.SLACK_BYTES) / 16) * 16);
    for (const { offset, bytes } of this.#chunks) file.set(bytes, offset);
    header.set(layout.HEADER_FILE_BYTES, file.length);
    file.set(header.bytes, 0);
    new DataView(file.buffer).setUint32(layout.HEADER_CHECKSUM, checksum(file), true);
    return file;
  }
}

/** Records of 32-bit words, little-endian. */
class Words {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  set(offset: number, value: number): void {
    this.#view.setUint32(offset, value >>> 0, true);
  }

  setFloat(offset: number, value: number): void {
    this.#view.setFloat32(offset, value, true);
  }
}

const PORT_TYPES: Partial<Record<Port["type"], number>> = {
  int8: layout.TYPE_INT8,
  uint8: layout.TYPE_UINT8,
  int32: layout.TYPE_INT32,
  int64: layout.TYPE_INT64,
};

function writePort(words: Words, at: number, port: Port, ring: number): void {
  words.set(at + layout.PORT_TENSOR, ring);
  words.set(at + layout.PORT_TYPE, PORT_TYPES[port.type] ?? layout.TYPE_INT8);
  words.setFloat(at + layout.PORT_SCALE, port.scale);
  words.set(at + layout.PORT_ZERO_POINT, port.zeroPoint);
  const shape = port.shape.length ? port.shape.slice(-4) : [1];
  words.set(at + layout.PORT_RANK, shape.length);
  shape.forEach((extent, d) => {
    words.set(at + layout.PORT_SHAPE + 4 * d, extent);
  });
  // A port shows the last four dimensions.
  const first = port.shape.length - shape.length;
  words.set(at + layout.PORT_FLOAT, Number(port.float ?? false));
  words.set(at + layout.PORT_PLANAR, Number(port.planar ?? false));
  if (port.continues !== undefined) words.set(at + layout.PORT_CONTINUES, port.continues - first + 1);
}

function tensorRecords(program: Program, plan: Plan): { records: Words; consumers: Words } {
  const records = new Words(program.rings.length * layout.TENSOR_BYTES);
  const entries = program.rings.flatMap((ring) => ring.consumers);
  const consumers = new Words(entries.length * 4);
  entries.forEach((step, i) => {
    consumers.set(4 * i, step);
  });
  let first = 0;
  program.rings.forEach((ring, index) => {
    const at = index * layout.TENSOR_BYTES;
    const { offset, ringRows } = plan.tensors[index]!;
    records.set(at + layout.TENSOR_OFFSET, offset);
    records.set(at + layout.TENSOR_RING_ROWS, ringRows);
    records.set(at + layout.TENSOR_HEIGHT, ring.height);
    records.set(at + layout.TENSOR_WIDTH, ring.width);
    records.set(at + layout.TENSOR_CHANNELS, ring.channels);
    records.set(at + layout.TENSOR_PIXEL_STRIDE, ring.channels);
    records.set(at + layout.TENSOR_ROW_STRIDE, rowStride(ring));
    records.set(at + layout.TENSOR_PAD_LEFT, ring.padLeft);
    records.set(at + layout.TENSOR_PAD_RIGHT, ring.padRight);
    records.set(at + layout.TENSOR_ZERO_POINT, held(ring.zeroPoint));
    records.setFloat(at + layout.TENSOR_SCALE, ring.scale);
    records.set(at + layout.TENSOR_PRODUCER, ring.producer < 0 ? layout.NONE : ring.producer);
    records.set(at + layout.TENSOR_CONSUMERS, first);
    records.set(at + layout.TENSOR_CONSUMER_COUNT, ring.consumers.length);
    first += ring.consumers.length;
  });
  return { records, consumers };
}

function windowFlags(window: PlannedWindow | undefined): number {
  return (window?.kept ? layout.FLAG_KEPT : 0) | (window?.cut ? layout.FLAG_CUT : 0);
}

function windowWords({ constants }: Step, window: PlannedWindow | undefined): Record<number, number> {
  if (!window) return {};
  return {
    [layout.STEP_WINDOW]: window.offset,
    [layout.STEP_WINDOW_SIZE]: window.cut ? window.depth : window.channels,
    [layout.STEP_BLOCKS]: constants.some(({ field }) => field === layout.STEP_BLOCKS) ? 1 : 0,
  };
}

function stepRecord(records: Words, at: number, step: Step, planned: Plan["steps"][number], file: FileBuilder): void {
  const { window } = step;
  const words: Record<number, number> = {
    [layout.STEP_OPCODE]: step.opcode,
    [layout.STEP_FLAGS]: step.flags | windowFlags(planned.window),
    [layout.STEP_INPUT]: step.inputs[0]!,
    [layout.STEP_INPUT_2]: step.inputs[1] ?? layout.NONE,
    [layout.STEP_OUTPUT]: step.output,
    [layout.STEP_ROWS]: planned.rows,
    [layout.STEP_KERNEL_HEIGHT]: window.kernelHeight,
    [layout.STEP_KERNEL_WIDTH]: window.kernelWidth,
    [layout.STEP_STRIDE_Y]: window.strideY,
    [layout.STEP_STRIDE_X]: window.strideX,
    [layout.STEP_DILATION_Y]: window.dilationY,
    [layout.STEP_DILATION_X]: window.dilationX,
    [layout.STEP_PAD_TOP]: window.padTop,
    [layout.STEP_PAD_LEFT]: window.padLeft,
    [layout.STEP_CLAMP_MIN]: held(step.clamp.min),
    [layout.STEP_CLAMP_MAX]: held(step.clamp.max),
    [layout.STEP_SCRATCH]: planned.scratchOffset,
    [layout.STEP_SCRATCH_BYTES]: planned.scratchBytes,
    [layout.STEP_LAST_CONSUMER]: planned.lastConsumer,
    [layout.STEP_SOURCE_OPERATOR]: step.operator.index,
    ...windowWords(step, planned.window),
    ...step.words,
  };
  for (const [field, value] of Object.entries(words)) records.set(at + Number(field), value);
  if (planned.window) return;
  for (const { field, bytes } of step.constants) records.set(at + field, file.section(bytes));
}

/** Writes a program under a plan; `streamed`: the plan has windows, and the weights follow the file. */
export function writeMidge(program: Program, plan: Plan, description: Description, streamed = false): Uint8Array {
  const file = new FileBuilder();
  const header = new Words(layout.HEADER_BYTES);
  const encode = (text: string, offset: number, bytes: number) => {
    if (!text) return;
    const encoded = new TextEncoder().encode(text);
    header.set(offset, file.section(encoded));
    header.set(bytes, encoded.length);
  };
  header.set(layout.HEADER_MAGIC, layout.MAGIC);
  header.set(layout.HEADER_VERSION, layout.VERSION);
  header.set(layout.HEADER_ARENA_BYTES, plan.arenaBytes);
  if (streamed) header.set(layout.HEADER_FEATURES, layout.FEATURE_STREAMED_WEIGHTS);
  encode(description.name, layout.HEADER_NAME, layout.HEADER_NAME_BYTES);
  encode(description.labels, layout.HEADER_LABELS, layout.HEADER_LABELS_BYTES);
  header.set(layout.HEADER_COLOUR_ORDER, { RGB: 0, BGR: 1, grey: 2 }[description.colours]);
  header.set(layout.HEADER_RESIZE_RULE, { centre: 0, full: 1 }[description.crop]);
  description.mean.forEach((value, c) => {
    header.setFloat(layout.HEADER_MEAN + 4 * c, value);
  });
  description.scale.forEach((value, c) => {
    header.setFloat(layout.HEADER_SCALE + 4 * c, value);
  });

  const { detection } = program.graph;
  if (detection) {
    const bytes = detectionSection(detection);
    header.set(layout.HEADER_DETECTION, file.section(bytes));
    header.set(layout.HEADER_DETECTION_BYTES, bytes.length);
  }

  const section = (field: number, records: Words, count: number) => {
    header.set(field, count);
    header.set(field + 4, file.section(records.bytes));
  };
  const { records, consumers } = tensorRecords(program, plan);
  section(layout.HEADER_TENSOR_COUNT, records, program.rings.length);
  section(layout.HEADER_CONSUMER_COUNT, consumers, consumers.bytes.length / 4);
  const segments = new Words(plan.segments.length * 4);
  plan.segments.forEach((end, i) => {
    segments.set(4 * i, end);
  });
  section(layout.HEADER_SEGMENT_COUNT, segments, plan.segments.length);
  const outputs = new Words(program.outputs.length * layout.PORT_BYTES);
  program.graph.outputPorts.forEach((port, k) => {
    writePort(outputs, k * layout.PORT_BYTES, port, program.outputs[k]!);
  });
  section(layout.HEADER_OUTPUT_COUNT, outputs, program.outputs.length);
  writePort(header, layout.HEADER_INPUT, program.graph.inputPort, program.input);
  const steps = new Words(program.steps.length * layout.STEP_BYTES);
  section(layout.HEADER_STEP_COUNT, steps, program.steps.length);
  program.steps.forEach((step, index) => {
    stepRecord(steps, index * layout.STEP_BYTES, step, plan.steps[index]!, file);
  });
  return streamed ? appendWeights(program, plan, file, header, steps) : file.build(header);
}

/** The steps that read weights, in the order in which a run fires them; those that keep theirs once. */
function prefetchOrder(plan: Plan, file: Uint8Array): Uint8Array {
  const read = new Set<number>();
  const order = followFirings(new Records(file)).steps.filter((step) => {
    const { window } = plan.steps[step]!;
    const reads = window && !(window.kept && read.has(step));
    read.add(step);
    return reads;
  });
  return new Uint8Array(Uint16Array.from(order).buffer);
}

/**
 * The file with its streamed weights behind it: the prefetch order, then the windows of each step. The file proper, which
 * the engine loads, ends where they begin.
 */
function appendWeights(program: Program, plan: Plan, file: FileBuilder, header: Words, steps: Words): Uint8Array {
  const draft = file.build(header);
  const order = prefetchOrder(plan, draft);
  const parts = [{ offset: draft.length, bytes: order }];
  let end = Math.ceil((draft.length + order.length) / 16) * 16;
  program.steps.forEach((step, index) => {
    const { window } = plan.steps[index]!;
    if (!window) return;
    const bytes = windowsOf(step, window.channels);
    steps.set(index * layout.STEP_BYTES + layout.STEP_WEIGHTS, end);
    parts.push({ offset: end, bytes });
    end += bytes.length;
  });
  header.set(layout.HEADER_PREFETCH_COUNT, order.length / 2);
  header.set(layout.HEADER_WEIGHTS_BYTES, end - draft.length);
  const whole = new Uint8Array(end);
  whole.set(file.build(header), 0);
  for (const { offset, bytes } of parts) whole.set(bytes, offset);
  return whole;
}
