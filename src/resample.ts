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
  const { data, offset, pixelStride, rowStride, channels } = source;
  const line = width * channels;
  const columns = taps(source.width, width);
  const wide = new Uint8Array(source.height * line);
  for (let y = 0; y < source.height; y++) {
    across(columns, data, offset + y * rowStride, pixelStride, channels, wide.subarray(y * line, (y + 1) * line));
  }
  const rows = taps(source.height, height);
  const out = new Uint8Array(height * line);
  const sums = new Int32Array(line);
  for (let y = 0; y < height; y++) down(rows, y, wide, source.height, sums, out.subarray(y * line, (y + 1) * line));
  return out;
}

/** Resamples row by row: takes source rows as they come and keeps only those in the filter's reach. */
export class RowResampler {
  readonly #columns: Taps;
  readonly #rows: Taps;
  readonly #channels: number;
  readonly #height: number;
  /** Rows resampled across that are still needed: row y in slot y modulo their number. */
  readonly #ring: Uint8Array<ArrayBuffer>;
  readonly #slots: number;
  readonly #sums: Int32Array;
  readonly #row: Uint8Array<ArrayBuffer>;
  #taken = 0;
  #made = 0;

  /** @param from the source's @param to the result's width and height in pixels */
  constructor(from: Size, to: Size, channels: number) {
    this.#columns = taps(from.width, to.width);
    this.#rows = taps(from.height, to.height);
    this.#channels = channels;
    this.#height = to.height;
    this.#slots = Math.max(...this.#rows.count);
    this.#ring = new Uint8Array(this.#slots * to.width * channels);
    this.#sums = new Int32Array(to.width * channels);
    this.#row = new Uint8Array(to.width * channels);
  }

  /** Bytes of source rows that it keeps. */
  get heldBytes(): number {
    return this.#ring.length;
  }

  /** Begins another image. */
  reset(): void {
    this.#taken = 0;
    this.#made = 0;
  }

  /**
   * Takes the next source row, then calls `made` for each row of the result that it completes. The row given to `made` is
   * used again for the next one; `made` may change it.
   *
   * @param offset index of the row's first pixel in `data`
   * @param pixelStride bytes from a pixel to the next
   */
  push(
    data: Uint8Array | Uint8ClampedArray,
    offset: number,
    pixelStride: number,
    made: (row: Uint8Array) => void,
  ): void {
    const line = this.#sums.length;
    const slot = (this.#taken++ % this.#slots) * line;
    across(this.#columns, data, offset, pixelStride, this.#channels, this.#ring.subarray(slot, slot + line));
    const { start, count } = this.#rows;
    while (this.#made < this.#height && start[this.#made]! + count[this.#made]! <= this.#taken) {
      down(this.#rows, this.#made++, this.#ring, this.#slots, this.#sums, this.#row);
      made(this.#row);
    }
  }
}

/** Width and height in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** First pass: a source row, of which `channels` of each pixel count, to a row of as many pixels as there are taps. */
function across(
  { start, count, weights, stride }: Taps,
  data: Uint8Array | Uint8ClampedArray,
  offset: number,
  pixelStride: number,
  channels: number,
  out: Uint8Array,
): void {
  for (let x = 0, o = 0; x < start.length; x++) {
    const n = count[x]!;
    const first = offset + start[x]! * pixelStride;
    for (let c = 0; c < channels; c++) {
      let sum = HALF;
      for (let i = 0, w = x * stride, p = first + c; i < n; i++, p += pixelStride) sum += data[p]! * weights[w + i]!;
      out[o++] = sum >> PRECISION;
    }
  }
}

/**
 * Second pass: row `y` of the result from rows of the first pass, row r of which lies in slot r modulo `slots` of `data`.
 * Weights are positive and add up to about one, so no sum leaves 0..255.
 */
function down(
  { start, count, weights, stride }: Taps,
  y: number,
  data: Uint8Array,
  slots: number,
  sums: Int32Array,
  out: Uint8Array,
): void {
  const line = sums.length;
  sums.fill(HALF);
  for (let i = 0; i < count[y]!; i++) {
    const weight = weights[y * stride + i]!;
    const row = ((start[y]! + i) % slots) * line;
    for (let x = 0; x < line; x++) sums[x]! += data[row + x]! * weight;
  }
  for (let x = 0; x < line; x++) out[x] = sums[x]! >> PRECISION;
}
