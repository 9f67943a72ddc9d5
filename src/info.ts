import * as layout from "../assembly/layout.js";
import type { DetectionInfo } from "./detection-info.js";
import { outputPorts, portRows, viewOf } from "./records.js";
import { extentOf } from "./shape.js";

/**
 * Element types of a model's inputs and outputs, as in the source model. Indices are int32 or int64; float32 holds real
 * values.
 */
export type TensorType = "int8" | "uint8" | "int32" | "int64" | "float32";

/** Element types of quantised values. */
export type QuantisedType = "int8" | "uint8";

/** An input or output as the source model has it: real value = scale * (q - zeroPoint). */
export interface TensorInfo {
  readonly type: TensorType;
  /** Type of the quantised values that the engine works on: `type`, but for float32. Indices are bytes of 0..255. */
  readonly quantisedType: QuantisedType;
  /** Whether the tensor has a plane for each channel (NCHW), instead of pixels of interleaved channels (NHWC). */
  readonly planar: boolean;
  /** Batch included, 1 to 4 dimensions. */
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly length: number;
  readonly scale: number;
  readonly zeroPoint: number;
  /**
   * Rows, pixels of a row and channels of a pixel: the shape without its batch, 1 where a dimension is missing. Indices
   * have no dimension for channels: each pixel is one. Of the input, they are as the network reads it: a shape may have
   * been changed by its first operator.
   */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /**
   * Of an output: which of the engine's outputs hold it, their bytes one after the other; none if the wrapper computes
   * it. Most have one, of the same number.
   */
  readonly parts: readonly number[];
}

/** How an image becomes the input: real input = (pixel - mean) * scale for pixels of 0..255. */
export interface Preprocessing {
  readonly colours: "RGB" | "BGR" | "grey";
  /** What the model was made for: the largest centred square, or the whole image squeezed. */
  readonly crop: "centre" | "full";
  /** For each channel of the input. */
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

/** What a packed file says of itself. */
export interface FileInfo {
  /** The model's name; empty if it has none. */
  readonly name: string;
  readonly input: TensorInfo;
  readonly outputs: readonly TensorInfo[];
  readonly preprocessing: Preprocessing;
  /** Names of the classes; empty if the file carries none. */
  readonly labels: readonly string[];
  /** The post-process of a detector that ends in TFLite_Detection_PostProcess; undefined for other models. */
  readonly detection: DetectionInfo | undefined;
  /** Bytes of RAM that the engine works in, beside the file. */
  readonly arenaBytes: number;
  readonly fileBytes: number;
  /** Bytes of the file that the engine holds: all of them, but for streamed weights, which follow these. */
  readonly residentBytes: number;
}

/**
 * Tells the source model's outputs.
 *
 * @param view the whole file
 * @param outputs what the engine gives
 * @param continues for each of these, as PORT_CONTINUES has it
 */
export type OutputsReader = (
  view: DataView,
  outputs: readonly TensorInfo[],
  continues: readonly number[],
) => Pick<FileInfo, "outputs" | "detection">;

/**
 * Reads the description of a packed file. Trusts the file as far as offsets go: use it on one that the engine took, or
 * be ready for a RangeError.
 *
 * @param file a .midge file, any alignment; streamed weights may be missing
 * @throws what readOutputs does
 */
export function readInfo(file: Uint8Array, readOutputs: OutputsReader): FileInfo {
  const view = viewOf(file);
  const word = (offset: number) => view.getUint32(offset, true);
  const floats = (offset: number) =>
    [0, 4, 8].map((at) => view.getFloat32(offset + at, true)) as [number, number, number];
  const text = (offset: number, bytes: number) => new TextDecoder().decode(file.slice(offset, offset + bytes));
  const { height, width, channels } = portRows(view, layout.HEADER_INPUT);
  const ports = outputPorts(view);
  const labels = text(word(layout.HEADER_LABELS), word(layout.HEADER_LABELS_BYTES));
  return {
    name: text(word(layout.HEADER_NAME), word(layout.HEADER_NAME_BYTES)),
    input: { ...readPort(view, layout.HEADER_INPUT), height, width, channels },
    ...readOutputs(
      view,
      ports.map((at, part) => ({ ...readPort(view, at), parts: [part] })),
      ports.map((at) => word(at + layout.PORT_CONTINUES)),
    ),
    preprocessing: {
      colours: (["RGB", "BGR", "grey"] as const)[word(layout.HEADER_COLOUR_ORDER)] ?? "RGB",
      crop: word(layout.HEADER_RESIZE_RULE) === 1 ? "full" : "centre",
      mean: floats(layout.HEADER_MEAN),
      scale: floats(layout.HEADER_SCALE),
    },
    labels: labels ? labels.replace(/\n$/, "").split("\n") : [],
    arenaBytes: word(layout.HEADER_ARENA_BYTES),
    fileBytes: word(layout.HEADER_FILE_BYTES) + word(layout.HEADER_WEIGHTS_BYTES),
    residentBytes: word(layout.HEADER_FILE_BYTES),
  };
}

/** By TYPE constant. */
const TYPES: readonly Exclude<TensorType, "float32">[] = ["int8", "uint8", "int32", "int64"];

/** Whether elements of a type take more bytes than the one that the engine gives: indices. */
export function isWide(type: TensorType): type is "int32" | "int64" {
  return type === "int32" || type === "int64";
}

/** Reads a port record at a byte offset of the file. */
function readPort(view: DataView, at: number): TensorInfo {
  const word = (field: number) => view.getUint32(at + field, true);
  const rank = Math.min(word(layout.PORT_RANK), 4);
  const shape = Array.from({ length: rank }, (_, d) => word(layout.PORT_SHAPE + 4 * d));
  const type = TYPES[word(layout.PORT_TYPE)] ?? "int8";
  const planar = word(layout.PORT_PLANAR) === 1;
  const extent = extentOf(isWide(type) ? [...(rank > 1 ? shape : [1, ...shape]), 1] : shape, planar);
  return {
    type: word(layout.PORT_FLOAT) === 1 ? "float32" : type,
    quantisedType: type === "int8" ? "int8" : "uint8",
    planar,
    shape,
    length: extent.height * extent.width * extent.channels,
    scale: view.getFloat32(at + layout.PORT_SCALE, true),
    zeroPoint: view.getInt32(at + layout.PORT_ZERO_POINT, true),
    ...extent,
    parts: [],
  };
}
