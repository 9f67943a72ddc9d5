import { deflateSync } from "node:zlib";

/**
 * A colour for each of 256 classes, 3 bytes each (RGB), all distinct: Pascal VOC's colour map, which spreads the bits of
 * the index over the highest bits of the three colours. Class 0 is black.
 */
export const PALETTE: Uint8Array = Uint8Array.from({ length: 768 }, (_, i) => {
  const [index, colour] = [Math.floor(i / 3), i % 3];
  let value = 0;
  for (let bit = 0; bit < 3; bit++) value |= ((index >> (3 * bit + colour)) & 1) << (7 - bit);
  return value;
});

/** CRC-32 as PNG has it (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const result = Buffer.alloc(12 + data.length);
  result.writeUInt32BE(data.length, 0);
  result.write(type, 4, "latin1");
  result.set(data, 8);
  result.writeUInt32BE(crc32(result.subarray(4, 8 + data.length)), 8 + data.length);
  return result;
}

/** An indexed PNG whose pixels are the class indices themselves and whose colours are PALETTE's. */
export function encodeMask(classes: Uint8Array, width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a pixel, indexed; no interlacing.
  header.set([8, 3, 0, 0, 0], 8);
  // Each row begins with its filter: none.
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(classes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("PLTE", PALETTE),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}

/**
 * Blends the classes' colours half and half over pixels; class 0, the background, shows them as they are.
 *
 * @param pixels RGB or grey, `channels` bytes for each pixel of the mask
 * @returns RGB
 */
export function blend(pixels: Uint8Array | Uint8ClampedArray, channels: number, classes: Uint8Array): Uint8Array {
  const result = new Uint8Array(classes.length * 3);
  for (let i = 0; i < result.length; i++) {
    const [pixel, colour] = [Math.floor(i / 3), i % 3];
    const value = pixels[pixel * channels + (channels === 1 ? 0 : colour)]!;
    const index = classes[pixel]!;
    result[i] = index === 0 ? value : (value + PALETTE[index * 3 + colour]! + 1) >> 1;
  }
  return result;
}
