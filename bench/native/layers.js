/** Layers for bench/native/runner.c: what a packed file says of its pointwise and 3x3 depthwise steps, as words and bytes. */
import * as layout from "../../assembly/layout.ts";

const KINDS = { pointwise: 1, depthwise: 2, requantise: 3 };

/** The fields of kernels.h's Layer, in its order. */
const FIELDS = [
  ...["kind", "height", "width", "channels", "depth", "inputHeight", "rowStride", "pixelStride", "first", "pad"],
  ...["padTop", "padLeft", "strideY", "strideX", "zeroPoint", "clampMin", "clampMax"],
];

/**
 * A step of a file that keeps every tensor whole; undefined where the C kernels do not take it.
 *
 * @param {import("../../tools/weight-packer/records.js").Records} records
 * @param {number} step
 * @param {(tensor: number) => Uint8Array} ring the bytes of a tensor's ring
 */
export function layerOf(records, step, ring) {
  const word = (field) => records.step(step, field);
  const opcode = word(layout.STEP_OPCODE);
  const flags = word(layout.STEP_FLAGS);
  const kernel = [word(layout.STEP_KERNEL_HEIGHT), word(layout.STEP_KERNEL_WIDTH)];
  const dilation = [word(layout.STEP_DILATION_Y), word(layout.STEP_DILATION_X)];
  const isPointwise = opcode === layout.OPCODE_POINTWISE && !(flags & layout.FLAG_DOUBLE);
  const isDepthwise =
    opcode === layout.OPCODE_DEPTHWISE &&
    String([...kernel, ...dilation]) === "3,3,1,1" &&
    word(layout.STEP_DEPTH) === 1;
  if (!isPointwise && !isDepthwise) return undefined;
  const input = word(layout.STEP_INPUT);
  const output = word(layout.STEP_OUTPUT);
  const [height, width, channels] = records.extent(output);
  const [inputHeight, inputWidth] = records.extent(input);
  const pixelStride = records.tensor(input, layout.TENSOR_PIXEL_STRIDE);
  const padLeft = records.tensor(input, layout.TENSOR_PAD_LEFT);
  const padded = (channels + 7) & ~7;
  const depth = word(layout.STEP_DEPTH);
  const constant = (field, bytes) => records.file.subarray(word(field), word(field) + bytes);
  return {
    kind: isPointwise ? "pointwise" : "depthwise",
    step,
    output,
    fields: {
      kind: isPointwise ? KINDS.pointwise : KINDS.depthwise,
      height,
      width,
      channels,
      depth,
      inputHeight,
      rowStride: records.tensor(input, layout.TENSOR_ROW_STRIDE),
      pixelStride,
      first: padLeft * pixelStride,
      pad: padLeft ? 0 : inputWidth * pixelStride,
      padTop: word(layout.STEP_PAD_TOP),
      padLeft: word(layout.STEP_PAD_LEFT),
      strideY: word(layout.STEP_STRIDE_Y),
      strideX: word(layout.STEP_STRIDE_X),
      zeroPoint: records.tensor(output, layout.TENSOR_ZERO_POINT),
      clampMin: word(layout.STEP_CLAMP_MIN),
      clampMax: word(layout.STEP_CLAMP_MAX),
    },
    blobs: [
      ring(input).slice(),
      constant(layout.STEP_WEIGHTS, isPointwise ? padded * ((depth + 3) & ~3) : 9 * padded),
      constant(layout.STEP_BIASES, 4 * padded),
      constant(layout.STEP_MULTIPLIERS, 4 * padded),
      constant(layout.STEP_SHIFTS, padded),
      zeroPoints(records, step, padded),
    ],
  };
}

/** Zero point of the weights of each block of eight channels; empty where there are none. */
function zeroPoints(records, step, padded) {
  const zeroPoint = records.step(step, layout.STEP_WEIGHT_ZERO_POINT);
  if (zeroPoint === 0) return new Uint8Array();
  const blocks = records.step(step, layout.STEP_BLOCKS);
  // Flags stand behind a code of two bytes for each channel.
  const flags = (block) => (blocks ? records.file[blocks + 2 * padded + block] : 0);
  return Uint8Array.from({ length: padded / 8 }, (_, block) => (flags(block) & layout.BLOCK_CENTRED ? 0 : zeroPoint));
}

/** The requantisation of a layer's outputs alone, from pseudo-random accumulators. */
export function requantisationOf({ step, fields, blobs }) {
  const accumulators = new Int32Array(fields.height * fields.width * fields.channels);
  for (let i = 0, state = 20261124; i < accumulators.length; i++) {
    state = (state * 48271) % 0x7fffffff;
    accumulators[i] = (state >> 12) - (1 << 18);
  }
  const empty = new Uint8Array();
  return {
    kind: "requantise",
    step,
    fields: { ...fields, kind: KINDS.requantise },
    blobs: [new Uint8Array(accumulators.buffer), empty, empty, blobs[3], blobs[4], empty],
  };
}

/** The file that the runner reads. @returns {Uint8Array} */
export function layersFile(layers) {
  const parts = [Int32Array.of(layers.length)];
  for (const { fields, blobs } of layers) {
    parts.push(
      Int32Array.from([...FIELDS.map((name) => fields[name]), ...blobs.map(({ length }) => length)]),
      ...blobs,
    );
  }
  return Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)));
}
