/** Plan requests made by hand: a builder, MobileNet V1 and V2 from their block tables, and random graphs. */

import type { PlanRequest, PlanStep, PlanTensor } from "../../tools/weight-packer/plan/types.js";
import fc from "../support/property.js";

/** Builds a request step by step. Tensors are numbered as they are made; 0 is the input. */
export class Network {
  readonly tensors: PlanTensor[] = [];
  readonly steps: PlanStep[] = [];

  constructor(height: number, rowStride: number) {
    this.tensors.push({ height, rowStride, producer: -1, consumers: [] });
  }

  /** Appends a step; returns its output tensor. */
  step(inputs: number[], height: number, rowStride: number, fields: Partial<PlanStep> = {}): number {
    const index = this.steps.length;
    for (const input of new Set(inputs)) this.tensors[input]!.consumers.push(index);
    const output = this.tensors.push({ height, rowStride, producer: index, consumers: [] }) - 1;
    this.steps.push({
      inputs,
      output,
      kernelHeight: 1,
      strideY: 1,
      dilationY: 1,
      padTop: 0,
      reduce: false,
      scratchBytes: 0,
      scratchRowBytes: 0,
      weightBytes: 0,
      blocks: 0,
      scratchPersistent: false,
      ...fields,
    });
    return output;
  }

  request(inputMode: PlanRequest["inputMode"], outputs = [this.tensors.length - 1], stateBytes = 0): PlanRequest {
    return { tensors: this.tensors, steps: this.steps, input: 0, outputs, inputMode, stateBytes, slackBytes: 16 };
  }
}

/** An activation map while a network is built: its tensor, its extent in pixels, and its channels. */
interface Map {
  tensor: number;
  size: number;
  channels: number;
}

/** State and slack as the engine has them: four words, and a word for each step and tensor. */
function finish(network: Network, inputMode: PlanRequest["inputMode"]): PlanRequest {
  const stateBytes = 16 + 4 * (network.steps.length + network.tensors.length);
  return network.request(inputMode, undefined, stateBytes);
}

/** SAME padding on top of a map for a window of 3. */
function padTop(size: number, stride: number): number {
  return stride === 1 || size % 2 === 1 ? 1 : 0;
}

/** Pad columns that a depthwise 3x3 needs in its input rows: left and right with stride 1, else right alone. */
function padColumns(stride: number): number {
  return stride === 1 ? 2 : 1;
}

function stem(network: Network, size: number, channels: number): Map {
  const out = size / 2;
  // The convolution gathers 3 x 3 x 3 bytes, rounded up to 28, for each pixel of a row.
  const window = { kernelHeight: 3, strideY: 2, padTop: 0, scratchBytes: out * 28, weightBytes: 28 * channels };
  return { tensor: network.step([0], out, (out + 2) * channels, window), size: out, channels };
}

function pointwise(network: Network, from: Map, channels: number, pads: number): Map {
  const weightBytes = from.channels * channels;
  const blocks = Math.ceil(channels / 8);
  const tensor = network.step([from.tensor], from.size, (from.size + pads) * channels, { weightBytes, blocks });
  return { tensor, size: from.size, channels };
}

function depthwise(network: Network, from: Map, stride: number): Map {
  const size = Math.ceil(from.size / stride);
  const window = {
    kernelHeight: 3,
    strideY: stride,
    padTop: padTop(from.size, stride),
    weightBytes: 9 * from.channels,
    blocks: Math.ceil(from.channels / 8),
  };
  return { tensor: network.step([from.tensor], size, size * from.channels, window), size, channels: from.channels };
}

function head(network: Network, from: Map, classes: number): void {
  const mean = network.step([from.tensor], 1, from.channels, {
    reduce: true,
    scratchBytes: from.channels * 4,
    scratchPersistent: true,
  });
  network.step([mean], 1, classes, {
    weightBytes: from.channels * classes,
    blocks: Math.ceil(classes / 8),
  });
}

/** MobileNet V1: channels and stride of each block. */
// biome-ignore format: a table
const V1_BLOCKS: readonly (readonly [number, number])[] = [
  [64, 1], [128, 2], [128, 1], [256, 2], [256, 1], [512, 2], [512, 1],
  [512, 1], [512, 1], [512, 1], [512, 1], [1024, 2], [1024, 1],
];

/** MobileNet V1 on a square RGB image (Howard et al. 2017). */
export function mobilenetV1(
  size: number,
  alpha: number,
  classes: number,
  inputMode: PlanRequest["inputMode"],
): PlanRequest {
  // One pad pixel right of the image, for the stem's SAME padding.
  const network = new Network(size, (size + 1) * 3);
  let map = stem(network, size, 32 * alpha);
  V1_BLOCKS.forEach(([channels, stride], index) => {
    const next = V1_BLOCKS[index + 1];
    map = pointwise(network, depthwise(network, map, stride), channels * alpha, next ? padColumns(next[1]) : 0);
  });
  head(network, map, classes);
  return finish(network, inputMode);
}

/** MobileNet V2: expansion, channels, repeats and first stride of each stage. */
// biome-ignore format: a table
const V2_STAGES: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1],
];

/** MobileNet V2 1.0 on a square RGB image (Sandler et al. 2018); `expanded` lists the tensors inside the blocks. */
export function mobilenetV2(
  size: number,
  classes: number,
  inputMode: PlanRequest["inputMode"],
): { request: PlanRequest; expanded: number[] } {
  const network = new Network(size, (size + 1) * 3);
  const expanded: number[] = [];
  let map = stem(network, size, 32);
  for (const [expansion, channels, repeats, firstStride] of V2_STAGES) {
    for (let repeat = 0; repeat < repeats; ++repeat) {
      const stride = repeat === 0 ? firstStride : 1;
      let inner = map;
      if (expansion > 1) {
        inner = pointwise(network, map, map.channels * expansion, padColumns(stride));
        expanded.push(inner.tensor);
      }
      const out = pointwise(network, depthwise(network, inner, stride), channels, 0);
      const adds = stride === 1 && channels === map.channels;
      map = adds ? { ...out, tensor: network.step([map.tensor, out.tensor], out.size, out.size * channels) } : out;
    }
  }
  head(network, pointwise(network, map, 1280, 0), classes);
  return { request: finish(network, inputMode), expanded };
}

/** What shapes a random graph may have. */
export interface GraphShape {
  maxSteps: number;
  maxHeight: number;
  /** Steps read the tensor before them, and adds are the only ones that read a second: chains with skips. */
  chain?: boolean;
}

/**
 * Random graphs: windows of 1 to 7 rows with strides 1 to 3, dilation and pads, adds of two tensors of one height, and
 * reduces; steps may read any tensor, tensors may go unread, and some inner tensors are outputs too.
 */
export function graphs({ maxSteps, maxHeight, chain = false }: GraphShape): fc.Arbitrary<PlanRequest> {
  const number = (max: number): fc.Arbitrary<number> => fc.nat({ max });
  const step = fc.record({
    kind: fc.constantFrom("window", "window", "window", "pointwise", "add", "add", "reduce"),
    back: chain
      ? fc.constant(0)
      : fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: number(5) }),
    other: number(20),
    kernelHeight: fc.integer({ min: 1, max: 7 }),
    strideY: fc.integer({ min: 1, max: 3 }),
    dilationY: fc.integer({ min: 1, max: 2 }),
    padTop: number(6),
    padBottom: number(6),
    rowStride: fc.integer({ min: 1, max: 70 }),
    scratchBytes: fc.oneof(fc.constant(0), number(60)),
    scratchRowBytes: fc.oneof(fc.constant(0), number(20)),
    scratchPersistent: fc.boolean(),
    output: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
  });
  return fc
    .record({
      height: fc.integer({ min: 1, max: maxHeight }),
      rowStride: fc.integer({ min: 1, max: 70 }),
      steps: fc.array(step, { minLength: 1, maxLength: maxSteps }),
      inputMode: fc.constantFrom<PlanRequest["inputMode"]>("image", "rows"),
      stateBytes: number(40),
    })
    .map(({ height, rowStride, steps, inputMode, stateBytes }) => {
      const network = new Network(height, rowStride);
      const outputs: number[] = [];
      for (const [index, { kind, back, other, output, padBottom, ...fields }] of steps.entries()) {
        const input = index === 0 ? 0 : Math.max(0, network.tensors.length - 1 - back);
        const from = network.tensors[input]!.height;
        const { rowStride: stride, scratchBytes, scratchRowBytes, scratchPersistent } = fields;
        const scratch = { scratchBytes, scratchRowBytes, scratchPersistent };
        const equal = [...network.tensors.keys()].filter((tensor) => network.tensors[tensor]!.height === from);
        const { kernelHeight, strideY, dilationY } = fields;
        const reach = (kernelHeight - 1) * dilationY + 1;
        const padTop = Math.min(fields.padTop, reach - 1);
        const padded = from + padTop + Math.min(padBottom, reach - 1);
        let made: number;
        if (kind === "add") {
          made = network.step([input, equal[other % equal.length]!], from, stride, scratch);
        } else if (kind === "reduce" && other % 3 === 0) {
          made = network.step([input], 1, stride, { ...scratch, reduce: true });
        } else if (kind === "window" && padded >= reach) {
          const window = { kernelHeight, strideY, dilationY, padTop };
          made = network.step([input], Math.floor((padded - reach) / strideY) + 1, stride, { ...scratch, ...window });
        } else made = network.step([input], from, stride, scratch);
        if (output) outputs.push(made);
      }
      const last = network.tensors.length - 1;
      if (!outputs.includes(last)) outputs.push(last);
      return network.request(inputMode, outputs, stateBytes);
    });
}
