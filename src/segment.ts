import { InputError } from "./errors.js";
import type { Crop } from "./image.js";
import { isWide, type TensorInfo } from "./info.js";
import { narrow } from "./tensor.js";

/** How to segment. */
export interface SegmentOptions {
  /** Which part of the image to look at, and the map to cover; what the model was made for unless told. */
  readonly crop?: Crop;
  /** Width and height of the map, as the image's: by the nearest pixel. The output's own unless told. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** Which class each pixel belongs to. */
export interface Segmentation {
  readonly width: number;
  readonly height: number;
  /** Index of the class for each pixel, rows from the top. */
  readonly classes: Uint8Array<ArrayBuffer>;
  /** Names of the classes; empty if the file carries none. */
  readonly labels: readonly string[];
}

/**
 * The class of each pixel from an output's bytes, height x width x channels: indices as they are, of scores the first
 * greatest.
 */
export function classMap(bytes: Uint8Array<ArrayBuffer>, output: TensorInfo): Uint8Array<ArrayBuffer> {
  if (isWide(output.type)) return bytes;
  const scores = narrow(bytes, output.quantisedType);
  const { channels } = output;
  const classes = new Uint8Array(output.height * output.width);
  for (let pixel = 0, at = 0; pixel < classes.length; pixel++, at += channels) {
    let best = 0;
    for (let c = 1; c < channels; c++) if (scores[at + c]! > scores[at + best]!) best = c;
    classes[pixel] = best;
  }
  return classes;
}

/** A segmentation at another size; each pixel takes the class at its centre. @throws InputError */
export function stretch(from: Segmentation, size: SegmentOptions["size"]): Segmentation {
  if (!size) return from;
  const { width, height } = size;
  if (![width, height].every((n) => Number.isInteger(n) && n > 0)) {
    throw new InputError(`size must be positive integers, not ${width} and ${height}`);
  }
  const classes = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width;
    for (let x = 0; x < width; x++) classes[at++] = from.classes[row + Math.floor(((x + 0.5) * from.width) / width)]!;
  }
  return { ...from, width, height, classes };
}
