import type { Preprocessing, TensorInfo } from "./info.js";
import { clamp } from "./tensor.js";

/**
 * The input bytes for each pixel value: 256 entries for each channel of the input, as raw bytes (two's complement for
 * int8). q = round((pixel - mean) * scale / input scale) + input zero point, clamped; the quotient is rounded half up
 * in double precision, so every host gives the same bytes. For most models this is the identity (uint8) or the flip of
 * the highest bit (int8).
 */
export function pixelTable(input: TensorInfo, preprocessing: Preprocessing): Uint8Array {
  const channels = input.channels;
  const table = new Uint8Array(channels * 256);
  for (let c = 0; c < channels; c++) {
    for (let pixel = 0; pixel < 256; pixel++) {
      const real = (pixel - preprocessing.mean[c]!) * preprocessing.scale[c]!;
      const q = Math.round(real / input.scale) + input.zeroPoint;
      table[c * 256 + pixel] = clamp(q, input.quantisedType);
    }
  }
  return table;
}

/**
 * Turns RGB or grey pixels into input bytes, in place.
 *
 * @param pixels interleaved, as many channels as the input has; in RGB order
 * @param table from pixelTable, in the input's channel order
 * @param swap the input wants BGR
 */
export function quantisePixels(pixels: Uint8Array, table: Uint8Array, channels: number, swap: boolean): void {
  for (let i = 0; i < pixels.length; i += channels) {
    if (swap && channels === 3) {
      const red = pixels[i]!;
      pixels[i] = pixels[i + 2]!;
      pixels[i + 2] = red;
    }
    for (let c = 0; c < channels; c++) pixels[i + c] = table[c * 256 + pixels[i + c]!]!;
  }
}
