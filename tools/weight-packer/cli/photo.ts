import sharp from "sharp";
import type { Pixels } from "../../../src/image.js";
import { decodeBmp, isBmp } from "./bmp.js";
import { read } from "./files.js";

/**
 * Decodes a photograph: JPEG, PNG, WebP, AVIF, GIF, TIFF (by sharp) or BMP; turned as its EXIF data says, in sRGB,
 * without its alpha channel. Cropping and resizing are the wrapper's own work.
 *
 * @throws Error with one clear line
 */
export async function readPhoto(path: string): Promise<Pixels> {
  const bytes = await read(path);
  if (isBmp(bytes)) return decodeBmp(bytes, path);
  try {
    const { data, info } = await sharp(bytes)
      .autoOrient()
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height, channels: info.channels as 1 | 3 };
  } catch (error) {
    throw new Error(`cannot decode ${path}: ${(error as Error).message}`, { cause: error });
  }
}
