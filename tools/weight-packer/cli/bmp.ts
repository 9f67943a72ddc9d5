import type { Pixels } from "../../../src/image.js";

/** Whether bytes begin as a BMP file does. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Decodes an uncompressed BMP of 8 (palette), 24 or 32 bits: sharp does not read BMP.
 *
 * @param path for messages
 * @returns RGB pixels, rows from the top
 * @throws Error on other kinds
 */
export function decodeBmp(bytes: Uint8Array, path: string): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const start = view.getUint32(10, true);
    const header = view.getUint32(14, true);
    const width = view.getInt32(18, true);
    const signedHeight = view.getInt32(22, true);
    const bits = view.getUint16(28, true);
    const compression = view.getUint32(30, true);
    // BI_BITFIELDS is fine for 32 bits: the masks are B, G, R, A in practice.
    if (![8, 24, 32].includes(bits) || (compression !== 0 && !(compression === 3 && bits === 32)) || width < 1) {
      throw new Error(`cannot decode ${path}: only uncompressed BMPs of 8, 24 or 32 bits are supported`);
    }
    const height = Math.abs(signedHeight);
    const rowStride = Math.ceil((width * bits) / 32) * 4;
    const palette = 14 + header;
    const data = new Uint8Array(width * height * 3);
    for (let y = 0, o = 0; y < height; y++) {
      // A positive height means that the last row comes first.
      const row = start + (signedHeight > 0 ? height - 1 - y : y) * rowStride;
      for (let x = 0; x < width; x++) {
        const at = bits === 8 ? palette + view.getUint8(row + x) * 4 : row + (x * bits) / 8;
        data[o++] = view.getUint8(at + 2);
        data[o++] = view.getUint8(at + 1);
        data[o++] = view.getUint8(at);
      }
    }
    return { data, width, height, channels: 3 };
  } catch (error) {
    if (error instanceof RangeError) throw new Error(`cannot decode ${path}: the file is cut short`, { cause: error });
    throw error;
  }
}
