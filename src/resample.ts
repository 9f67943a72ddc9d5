/**
 * Bilinear resampling with a triangle filter that widens when it shrinks (so nothing aliases), in fixed point: the same
 * bytes on every host. Two passes, columns first, each rounded to 8 bits, with coefficients of 22 fractional bits: the
 * arithmetic of Pillow's Image.resize(..., BILINEAR), whose bytes it equals (Pillow 13 takes rows first where the two
 * ratios differ in a certain way: there some bytes differ by one).
 */

/** Fractional bits of a coefficient: 32 less 8 for the pixel and 2 for overshoot and sign. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** The taps of one output position: `count` weights from `offset` on in `weights`, for the source from `start` on. */
interface Taps {
  start: Int32Array;
  count: Int32Array;
  weights: Int32Array;
  /** Weights kept for each output position. */
  stride: number;
}

/** Triangle filter weights that map `from` source positions onto `to`, with pixel centres at one half. */
function taps(from: number, to: number): Taps {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * stride);
  const real = new Float64Array(stride);
  for (let x = 0; x < to; x++) {
    const centre = (x + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const n = Math.min(Math.trunc(centre + support + 0.5), from) - first;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      // The factor 1 / support, not a division: the last bit of the quotient decides some weights.
      const weight = Math.max(0, 1 - Math.abs((i + first - centre + 0.5) * (1 / support)));
      real[i] = weight;
      sum += weight;
    }
    for (let i = 0; i < n; i++) weights[x * stride + i] = Math.trunc(0.5 + (real[i]! / sum) * (1 << PRECISION));
    start[x] = first;
    count[x] = n;
  }
  return { start, count, weights, stride };
}

/** A rectangle of 8-bit pixels, `channels` of each of which count, somewhere in a larger buffer. */
export interface Plane {
  data: Uint8Array | Uint8ClampedArray;
  /** Index of the first pixel's first channel. */
  offset: number;
  /** Bytes from a pixel to the next. */
  pixelStride: number;
  /** Bytes from a row to the next. */
  rowStride: number;
  width: number;
  height: number;
  /** Channels taken of each pixel, at most pixelStride. */
  channels: number;
}

/**
 * Resamples a plane to width x height.
 *
 * @returns height x width x channels bytes, rows of interleaved pixels
 */
export function resample(source: Plane, width: number, height: number): Uint8Array<ArrayBuffer> {
  return down(across(source, width), width, height, source.height, source.channels);
}

/** First pass: source.height rows of `width` pixels. */
function across(source: Plane, width: number): Uint8Array<ArrayBuffer> {
  const { data, channels, pixelStride } = source;
  const out = new Uint8Array(source.height * width * channels);
  const { start, count, weights, stride } = taps(source.width, width);
  let o = 0;
  for (let y = 0; y < source.height; y++) {
    const row = source.offset + y * source.rowStride;
    for (let x = 0; x < width; x++) {
      const n = count[x]!;
      const first = row + start[x]! * pixelStride;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let i = 0, w = x * stride, p = first + c; i < n; i++, p += pixelStride) sum += data[p]! * weights[w + i]!;
        out[o++] = sum >> PRECISION;
      }
    }
  }
  return out;
}

/** Second pass: `height` rows out of `rows`. Weights are positive and add up to about one, so no sum leaves 0..255. */
function down(
  data: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
  rows: number,
  channels: number,
): Uint8Array<ArrayBuffer> {
  if (rows === height) return data;
  const line = width * channels;
  const out = new Uint8Array(height * line);
  const sums = new Int32Array(line);
  const { start, count, weights, stride } = taps(rows, height);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let i = 0; i < count[y]!; i++) {
      const weight = weights[y * stride + i]!;
      const row = (start[y]! + i) * line;
      for (let x = 0; x < line; x++) sums[x]! += data[row + x]! * weight;
    }
    for (let x = 0; x < line; x++) out[y * line + x] = sums[x]! >> PRECISION;
  }
  return out;
}
