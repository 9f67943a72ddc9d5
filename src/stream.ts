import type { Classifier } from "./classifier.js";
import { InputError } from "./errors.js";
import { type Crop, isBytes, luma, type Rectangle, rectangleOf, repeat } from "./image.js";
import type { FileInfo } from "./info.js";
import { quantisePixels } from "./quantise.js";
import { RowResampler } from "./resample.js";
import type { SharedSession } from "./shared-session.js";

/**
 * How a source's pixels lie in memory: bytes in this order; rgb565 is a 16-bit number, low byte first, red in its highest
 * five bits. Alpha is ignored.
 */
export type PixelFormat = "rgba" | "rgb" | "grey" | "rgb565";

/** An image that comes row by row, from the top. */
export interface StreamSource {
  /** Pixels of a row. */
  readonly width: number;
  /** Rows of the image. */
  readonly height: number;
  readonly format: PixelFormat;
  /** Which part of the image to look at; what the model was made for unless told. */
  readonly crop?: Crop;
}

/** Bytes of a pixel. */
const PIXEL_BYTES: Record<PixelFormat, number> = { rgba: 4, rgb: 3, grey: 1, rgb565: 2 };

/** Rows of pixels on their way into a model. Made by Model.stream; one image after another may come through it. */
export class RowStream {
  readonly #session: SharedSession;
  readonly #info: FileInfo;
  readonly #table: Uint8Array;
  readonly #source: StreamSource;
  readonly #outputs: () => ReturnType<Classifier["outputs"]>;
  readonly #rectangle: Rectangle;
  readonly #resampler: RowResampler;
  /** A row of the crop where it must be converted before it is resized. */
  readonly #line: Uint8Array<ArrayBuffer>;
  readonly #grey: Uint8Array<ArrayBuffer>;
  #rows = 0;
  #claim = 0;

  /** Use Model.stream. */
  constructor(
    session: SharedSession,
    info: FileInfo,
    table: Uint8Array,
    source: StreamSource,
    outputs: () => ReturnType<Classifier["outputs"]>,
  ) {
    const { width, height, format, crop } = source;
    const { input } = info;
    if (input.channels !== 1 && input.channels !== 3) {
      throw new InputError(`the model's input of ${input.channels} channels is no image`);
    }
    if (!Object.hasOwn(PIXEL_BYTES, format)) {
      throw new InputError(`the format must be one of ${Object.keys(PIXEL_BYTES).join(", ")}, not ${format}`);
    }
    if (![width, height].every((n) => Number.isInteger(n) && n > 0)) {
      throw new InputError(`width and height must be positive integers, not ${width} and ${height}`);
    }
    this.#session = session;
    this.#info = info;
    this.#table = table;
    this.#source = { width, height, format };
    this.#outputs = outputs;
    this.#rectangle = rectangleOf(crop ?? info.preprocessing.crop, width, height);
    const colours = format === "grey" || input.channels === 1 ? 1 : 3;
    this.#resampler = new RowResampler(this.#rectangle, input, colours);
    this.#line = new Uint8Array(format === "rgb565" ? this.#rectangle.width * 3 : 0);
    this.#grey = new Uint8Array(format !== "grey" && colours === 1 ? this.#rectangle.width : 0);
    this.reset();
  }

  /** Bytes of a row of the source. */
  get rowBytes(): number {
    return this.#source.width * PIXEL_BYTES[this.#source.format];
  }

  /** Rows of the source that are still to come. */
  get rowsLeft(): number {
    return this.#source.height - this.#rows;
  }

  /** Begins the next image, whatever came of the last. */
  reset(): void {
    this.#rows = 0;
    this.#resampler.reset();
    this.#session.reset();
    this.#claim = this.#session.claim();
  }

  /**
   * Takes the next rows and computes all that they make possible.
   *
   * @param bytes whole rows, without gaps
   * @param rows how many; as many as there are bytes for unless told
   * @returns whether the outputs are complete, which may be before the last row where the crop ends above it
   * @throws InputError if the length is wrong, rows are more than the image has left (then nothing is taken), or the
   *   model was used for something else since the image began; EngineError. After an error of the last two kinds, reset.
   */
  push(bytes: Uint8Array | Uint8ClampedArray, rows?: number): boolean {
    this.#check(bytes, rows ?? bytes.length / this.rowBytes);
    const { x, y, width, height } = this.#rectangle;
    const pixel = PIXEL_BYTES[this.#source.format];
    for (let at = x * pixel; at < bytes.length; at += this.rowBytes, this.#rows++) {
      if (this.#rows >= y && this.#rows < y + height) this.#take(bytes, at, width);
    }
    return this.#session.done;
  }

  /** The outputs. @throws InputError if rows are missing, or the model was used for something else since */
  result(): ReturnType<Classifier["outputs"]> {
    this.#checkClaim();
    if (!this.#session.done) {
      const { y, height } = this.#rectangle;
      throw new InputError(`the outputs are not complete: ${y + height - this.#rows} more rows are needed`);
    }
    return this.#outputs();
  }

  #checkClaim(): void {
    if (this.#session.claimed(this.#claim)) return;
    throw new InputError("the model was used for something else since this image began: reset the stream");
  }

  #check(bytes: Uint8Array | Uint8ClampedArray, rows: number): void {
    if (!isBytes(bytes)) {
      throw new InputError("rows of pixels must be a Uint8Array or Uint8ClampedArray");
    }
    if (!Number.isInteger(rows) || rows < 0 || bytes.length !== rows * this.rowBytes) {
      const wanted = Number.isInteger(rows) && rows >= 0 ? `${rows} rows` : "a whole number of rows";
      throw new InputError(`${bytes.length} bytes are not ${wanted} of ${this.rowBytes} bytes`);
    }
    if (rows > this.rowsLeft) throw new InputError(`${rows} rows are more than the ${this.rowsLeft} that are left`);
    this.#checkClaim();
  }

  /** One row: `width` pixels of the source from index `at` on. */
  #take(bytes: Uint8Array | Uint8ClampedArray, at: number, width: number): void {
    const { input, preprocessing } = this.#info;
    let data = bytes;
    let offset = at;
    let stride = PIXEL_BYTES[this.#source.format];
    if (this.#source.format === "rgb565") {
      expand565(bytes, at, this.#line);
      [data, offset, stride] = [this.#line, 0, 3];
    }
    if (this.#grey.length === width) {
      luma(data, offset, stride, this.#grey);
      [data, offset, stride] = [this.#grey, 0, 1];
    }
    this.#resampler.push(data, offset, stride, (made) => {
      const row = this.#source.format === "grey" && input.channels === 3 ? repeat(made, 3) : made;
      quantisePixels(row, this.#table, input.channels, preprocessing.colours === "BGR");
      this.#session.push(row);
      // Not where it throws: half a push leaves rows in the engine that cannot be taken back.
      this.#claim = this.#session.claim();
    });
  }
}

/** Turns 16-bit pixels from index `at` on into RGB: the highest bits are repeated below, so that all ones give 255. */
function expand565(bytes: Uint8Array | Uint8ClampedArray, at: number, out: Uint8Array): void {
  for (let o = 0, p = at; o < out.length; o += 3, p += 2) {
    const pixel = bytes[p]! | (bytes[p + 1]! << 8);
    const [red, green, blue] = [pixel >> 11, (pixel >> 5) & 63, pixel & 31];
    out[o] = (red << 3) | (red >> 2);
    out[o + 1] = (green << 2) | (green >> 4);
    out[o + 2] = (blue << 3) | (blue >> 2);
  }
}
