import type { Variant } from "./engine.js";
import { EngineError, InputError } from "./errors.js";
import { type Crop, fit, type Pixels } from "./image.js";
import { type FileInfo, isWide, type TensorInfo } from "./info.js";
import { type Drawable, drawPixels, isPixels } from "./pixels.js";
import { pixelTable, quantisePixels } from "./quantise.js";
import type { Session } from "./session.js";
import { type InputTensor, inputBytes, narrow, ordered, quantisedBytes, type Tensor, typed } from "./tensor.js";

/** What is known of a loaded model. */
export interface ModelInfo extends FileInfo {
  /** The engine's build, or "module" for one that was handed over compiled. */
  readonly engine: Variant | "module";
  /** Bytes of the engine's module; undefined if it was handed over compiled. */
  readonly engineBytes: number | undefined;
}

/** How to give outputs. */
export interface OutputOptions {
  /** Give float32 outputs as the quantised values that they are made of; false unless told. */
  readonly quantised?: boolean;
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
 * results are copies, so nothing is to be freed. Models do not share anything, but those of a linked file, which take
 * turns in one arena: an input of one is lost when an input of another begins, and to go on with it is an EngineError.
 * After an error a model can be used again.
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
   * @param input as info.input has it: height x width x channels, or channels x height x width where it is planar. Real
   *   values as a Float32Array, which any model takes, or quantised by scale and zero point, Int8Array or Uint8Array as
   *   info.input.quantisedType says
   * @returns a tensor for each output, as info.outputs describes them
   * @throws InputError if the length or type is wrong or a value is no number; EngineError
   */
  run(input: InputTensor, options: OutputOptions = {}): Tensor[] {
    this.complete(inputBytes(input, this.info.input));
    return this.outputs(options);
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
   * @param rows a whole number of rows of width x channels elements, real or quantised as for run; channels are
   *   interleaved even where the input is planar
   * @returns whether the outputs are complete
   * @throws InputError on what are no rows, or more than are left, of which none is taken; EngineError
   */
  push(rows: InputTensor): boolean {
    const bytes = quantisedBytes(rows, this.info.input);
    this.session.push(bytes);
    return this.session.done;
  }

  /** The outputs after the last row was pushed. @throws InputError if rows are missing */
  outputs(options: OutputOptions = {}): Tensor[] {
    this.assertDone();
    return this.info.outputs.map((output) => this.output(output, options));
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
    const scores = narrow(this.bytes(output), output.quantisedType);
    return Array.from(scores, (quantised, index) => ({
      index,
      label: this.info.labels[index],
      score: output.scale * (quantised - output.zeroPoint),
      quantised,
    }))
      .sort((a, b) => b.quantised - a.quantised || a.index - b.index)
      .slice(0, top);
  }

  /**
   * The input tensor that an image becomes: cropped, resized, its colours ordered, quantised; as run takes it.
   *
   * @throws InputError; EnvironmentError without a canvas
   */
  prepare(image: Pixels | Drawable, crop?: Crop): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
    const { input } = this.info;
    return narrow(ordered(this.image(image, crop), input), input.quantisedType);
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

  /** A copy of an output's bytes. */
  protected bytes({ parts }: TensorInfo): Uint8Array<ArrayBuffer> {
    return this.session.output(parts[0]!);
  }

  /** An output that the engine holds, as the caller wants it. */
  protected output(output: TensorInfo, { quantised = false }: OutputOptions): Tensor {
    const type = quantised && output.type === "float32" ? output.quantisedType : output.type;
    return typed(this.bytes(output), { ...output, type });
  }

  /** @throws InputError if rows are missing */
  protected assertDone(): void {
    if (!this.session.done) {
      throw new InputError(`the outputs are not complete: ${this.session.rowsLeft} more rows are needed`);
    }
  }

  /** Runs the whole input. */
  protected complete(bytes: Uint8Array): void {
    this.session.reset();
    this.session.push(bytes);
    if (!this.session.done) throw new EngineError("the run ended without its outputs");
  }
}
