import { InputError } from "./errors.js";
import { type Plane, resample } from "./resample.js";

/** Pixels in memory: ImageData is one of these. Rows from the top, interleaved 8-bit channels, no gaps. */
export interface Pixels {
  /** width * height * channels bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  /** 1 = grey, 3 = RGB, 4 = RGBA (alpha is ignored). Taken from the length of `data` if absent. */
  readonly channels?: 1 | 3 | 4;
}

/** A rectangle in pixels of the image. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Which part of the image the model sees: the largest centred square, all of it (squeezed), or a rectangle. */
export type Crop = "centre" | "full" | Rectangle;

/** Whether something is bytes, unsigned. */
export function isBytes(data: unknown): data is Uint8Array | Uint8ClampedArray {
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray;
}

/** Checks pixels and gives the number of their channels. @throws InputError */
export function channelsOf(image: Pixels): 1 | 3 | 4 {
  const { data, width, height } = image;
  if (!isBytes(data)) throw new InputError("image.data must be a Uint8Array or Uint8ClampedArray");
  const channels = data.length / (width * height);
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0;
  if (!whole || (channels !== 1 && channels !== 3 && channels !== 4) || (image.channels ?? channels) !== channels) {
    const wanted = image.channels ?? "1, 3 or 4";
    throw new InputError(`image.data has ${data.length} bytes, not ${wanted} for each of ${width}x${height} pixels`);
  }
  return channels;
}

/** The rectangle that a crop means on an image of this size. @throws InputError if it does not lie inside. */
export function rectangleOf(crop: Crop, width: number, height: number): Rectangle {
  if (crop === "full") return { x: 0, y: 0, width, height };
  if (crop === "centre") {
    const side = Math.min(width, height);
    return { x: (width - side) >> 1, y: (height - side) >> 1, width: side, height: side };
  }
  const { x, y, width: w, height: h } = crop;
  if (![x, y, w, h].every(Number.isInteger) || x < 0 || y < 0 || w < 1 || h < 1 || x + w > width || y + h > height) {
    throw new InputError(`the crop ${w}x${h} at ${x},${y} does not lie inside the image of ${width}x${height}`);
  }
  return crop;
}

/**
 * Crops and resizes an image (see resample.ts).
 *
 * @param channels 1 for grey, by ITU-R 601 luma (before resizing), or 3 for RGB
 * @returns height x width x channels bytes
 * @throws InputError
 */
export function fit(
  image: Pixels,
  crop: Crop,
  width: number,
  height: number,
  channels: 1 | 3,
): Uint8Array<ArrayBuffer> {
  const pixelStride = channelsOf(image);
  const rectangle = rectangleOf(crop, image.width, image.height);
  const rowStride = image.width * pixelStride;
  const offset = rectangle.y * rowStride + rectangle.x * pixelStride;
  let plane: Plane = { ...rectangle, data: image.data, offset, pixelStride, rowStride, channels };
  if (pixelStride > 1 && channels === 1) plane = grey(plane);
  if (pixelStride === 1) plane.channels = 1;
  const pixels = resample(plane, width, height);
  return plane.channels === channels ? pixels : repeat(pixels, channels);
}

function grey(plane: Plane): Plane {
  const { data, width, height, offset, pixelStride, rowStride } = plane;
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    luma(data, offset + y * rowStride, pixelStride, out.subarray(y * width, (y + 1) * width));
  }
  return { ...plane, data: out, offset: 0, pixelStride: 1, rowStride: width };
}

/** Luma of RGB pixels from `offset` on, a byte each: (19595 R + 38470 G + 7471 B + 2^15) / 2^16, rounded down. */
export function luma(data: Uint8Array | Uint8ClampedArray, offset: number, pixelStride: number, out: Uint8Array): void {
  for (let x = 0, p = offset; x < out.length; x++, p += pixelStride) {
    out[x] = (data[p]! * 19595 + data[p + 1]! * 38470 + data[p + 2]! * 7471 + 0x8000) >> 16;
  }
}

/** Each byte `times` times in a row. */
export function repeat(data: Uint8Array, times: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(data.length * times);
  for (let i = 0, o = 0; i < data.length; i++, o += times) out.fill(data[i]!, o, o + times);
  return out;
}
