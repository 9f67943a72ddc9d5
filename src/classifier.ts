import type { Variant } from "./engine.js";
import { EngineError, InputError } from "./errors.js";
import { type Crop, fit, type Pixels } from "./image.js";
import { type FileInfo, isWide } from "./info.js";
import { gather } from "./parts.js";
import { type Drawable, drawPixels, isPixels } from "./pixels.js";
import { pixelTable, quantisePixels } from "./quantise.js";
import type { Session } from "./session.js";
import { narrow, type Tensor, typed } from "./tensor.js";

/** What is known of a loaded model. */
export interface ModelInfo extends FileInfo {
  /** The engine's build, or "module" for one that was handed over compiled. */
  readonly engine: Variant | "module";
  /** Bytes of the engine's module; undefined if it was handed over compiled. */
  readonly engineBytes: number | undefined;
}

/** How to classify. */
export interface ClassifyOptions {
  /** How many classes to give, best first; 5 unless told. */
  readonly top?: number;
  /** Which part of the image to look at; what the model was made for unless told. */
  readonly crop?: Crop;
}

/** One class of a classification. */
export interface Classification {
  /** Index in the model's first output. */
  readonly index: number;
  /** The class's name; undefined if the file carries no labels. */
  readonly label: string | undefined;
  /** The output's real value, scale * (quantised - zero point): a probability if the model ends in a softmax. */
  readonly score: number;
  /** The output's byte. */
  readonly quantised: number;
}

/**
 * A model, ready to run: tensors in and out, rows of tensors, images in and classes out. Everything is synchronous;
 * results are copies, so nothing is to be freed, and models do not share anything. After an error a model can be used
 * again.
 */
export class Classifier {
  readonly info: ModelInfo;
  protected readonly session: Session;
  protected readonly table: Uint8Array;

  /** Use load or loadSync. */
  constructor(session: Session, info: ModelInfo) {
    this.info = info;
    this.session = session;
    this.table = pixelTable(info.input, info.preprocessing);
  }

  /**
   * Runs the model on an input tensor.
   *
   * @param input height x width x channels, Int8Array or Uint8Array as info.input.type says, quantised by its scale and
   *   zero point
   * @returns a tensor for each output, as info.outputs describes them
   * @throws InputError if the length or type is wrong; EngineError
   */
  run(input: Int8Array | Uint8Array | Uint8ClampedArray): Tensor[] {
    const bytes = this.#bytes(input);
    const { length } = this.info.input;
    if (bytes.length !== length) throw new InputError(`the input has ${bytes.length} elements instead of ${length}`);
    return this.#run(bytes);
  }

  /**
   * Begins an input that comes row by row, as from a camera: forgets what was pushed.
   *
   * @example
   * model.reset();
   * for (const line of scanlines) model.push(line);
   * const [scores] = model.outputs();
   */
  reset(): void {
    this.session.reset();
  }

  /**
   * Pushes the next rows of the input and computes all that they make possible.
   *
   * @param rows a whole number of rows of width x channels elements, typed and quantised as for run
   * @returns whether the outputs are complete
   * @throws InputError; EngineError
   */
  push(rows: Int8Array | Uint8Array | Uint8ClampedArray): boolean {
    const bytes = this.#bytes(rows);
    this.session.claim();
    this.session.push(bytes);
    return this.session.done;
  }

  /** The outputs after the last row was pushed. @throws InputError if rows are missing */
  outputs(): Tensor[] {
    this.assertDone();
    return this.info.outputs.map((output) => typed(gather(this.session, output), output.type));
  }

  /**
   * Classifies an image by the model's first output.
   *
   * @param image pixels in memory (ImageData, or {data, width, height}), or where there is a canvas what it can draw
   *   (VideoFrame, ImageBitmap, elements)
   * @returns the classes with the highest scores, best first; of equal ones the lower index first
   * @throws InputError on an image or option that does not fit; EnvironmentError without a canvas; EngineError
   */
  classify(image: Pixels | Drawable, options: ClassifyOptions = {}): Classification[] {
    const { top = 5 } = options;
    if (!Number.isInteger(top) || top < 1) throw new InputError(`top must be a positive integer, not ${top}`);
    const output = this.info.outputs[0]!;
    if (isWide(output.type)) throw new InputError("the model's first output holds indices, not scores");
    this.complete(this.image(image, options.crop));
    return this.#best(narrow(gather(this.session, output), output.type), top);
  }

  /**
   * The input tensor that an image becomes: cropped, resized, its colours ordered, quantised.
   *
   * @throws InputError; EnvironmentError without a canvas
   */
  prepare(image: Pixels | Drawable, crop?: Crop): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
    return narrow(this.image(image, crop), this.info.input.type);
  }

  /** An image as the input's bytes. */
  protected image(image: Pixels | Drawable, crop: Crop | undefined): Uint8Array<ArrayBuffer> {
    const { input, preprocessing } = this.info;
    const { height, width, channels } = input;
    if (channels !== 1 && channels !== 3) throw new InputError(`the model's input of ${channels} channels is no image`);
    const pixels = isPixels(image) ? image : drawPixels(image);
    const bytes = fit(pixels, crop ?? preprocessing.crop, width, height, channels);
    quantisePixels(bytes, this.table, channels, preprocessing.colours === "BGR");
    return bytes;
  }

  #run(bytes: Uint8Array): Tensor[] {
    this.complete(bytes);
    return this.outputs();
  }

  /** @throws InputError if rows are missing */
  protected assertDone(): void {
    if (!this.session.done) throw new InputError("the outputs are not complete: push the rest of the rows");
  }

  /** Runs the whole input. */
  protected complete(bytes: Uint8Array): void {
    this.session.reset();
    this.session.push(bytes);
    if (!this.session.done) throw new EngineError("the run ended without its outputs");
  }

  #best(scores: Int8Array | Uint8Array, top: number): Classification[] {
    const { scale, zeroPoint } = this.info.outputs[0]!;
    return Array.from(scores, (quantised, index) => ({ quantised, index }))
      .sort((a, b) => b.quantised - a.quantised || a.index - b.index)
      .slice(0, top)
      .map(({ quantised, index }) => ({
        index,
        label: this.info.labels[index],
        score: scale * (quantised - zeroPoint),
        quantised,
      }));
  }

  /** The bytes of a typed array of the input's type. */
  #bytes(input: Int8Array | Uint8Array | Uint8ClampedArray): Uint8Array {
    const { type } = this.info.input;
    const fits =
      type === "int8" ? input instanceof Int8Array : input instanceof Uint8Array || input instanceof Uint8ClampedArray;
    if (!fits) throw new InputError(`the input must be ${type === "int8" ? "an Int8Array" : "a Uint8Array"}`);
    return new Uint8Array(input.buffer, input.byteOffset, input.length);
  }
}
