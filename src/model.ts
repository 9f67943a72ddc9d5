import { type Detection, type DetectOptions, detections } from "./detect.js";
import { type DetectionResults, postProcess } from "./detection.js";
import type { DetectionInfo } from "./detection-info.js";
import type { Variant } from "./engine.js";
import { EngineError, InputError } from "./errors.js";
import { type Crop, fit, type Pixels, rectangleOf } from "./image.js";
import { type FileInfo, isWide, type TensorInfo } from "./info.js";
import { gather } from "./parts.js";
import { type Drawable, drawPixels, isPixels } from "./pixels.js";
import { pixelTable, quantisePixels } from "./quantise.js";
import { classMap, type Segmentation, type SegmentOptions, stretch } from "./segment.js";
import type { Session } from "./session.js";
import { RowStream, type StreamSource } from "./stream.js";
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
 * A model, ready to run. Everything is synchronous; results are copies, so nothing is to be freed. Models do not share
 * anything, but those of a linked file, which take turns in one arena: an input of one is lost when an input of another
 * begins, and to go on with it is an EngineError. After an error a model can be used again.
 */
export class Model {
  readonly info: ModelInfo;
  readonly #session: Session;
  readonly #table: Uint8Array;

  /** Use load or loadSync. */
  constructor(session: Session, info: ModelInfo) {
    this.info = info;
    this.#session = session;
    this.#table = pixelTable(info.input, info.preprocessing);
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
    this.#complete(inputBytes(input, this.info.input));
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
    this.#session.reset();
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
    this.#session.claim();
    this.#session.push(bytes);
    return this.#session.done;
  }

  /**
   * Begins an image that comes as rows of pixels, as a camera delivers them: they are cropped, resized, their colours
   * ordered and quantised as they come, and no more of them is kept than the resizing needs. The outputs are the same
   * bytes as those of run(prepare(image, crop)). Packed with `--input rows`, the model holds no image either.
   *
   * @example
   * const stream = model.stream({ width: 320, height: 240, format: "rgb565" });
   * while (!stream.push(await camera.nextRows())) {}
   * const [scores] = stream.result();
   * stream.reset(); // the next image
   * @throws InputError on a size, format or crop that does not fit
   */
  stream(source: StreamSource): RowStream {
    return new RowStream(this.#session, this.info, this.#table, source, () => this.outputs());
  }

  /** The outputs after the last row was pushed. @throws InputError if rows are missing */
  outputs({ quantised = false }: OutputOptions = {}): Tensor[] {
    if (!this.#session.done) {
      throw new InputError(`the outputs are not complete: ${this.#session.rowsLeft} more rows are needed`);
    }
    const { detection, outputs } = this.info;
    const own = (output: TensorInfo) => {
      const type = quantised && output.type === "float32" ? output.quantisedType : output.type;
      return typed(gather(this.#session, output), { ...output, type });
    };
    if (!detection) return outputs.map(own);
    const results = this.#results(detection);
    return detection.results.map((result) =>
      typeof result === "number" ? own(detection.others[result]!) : results[result],
    );
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
    if (this.info.detection) throw new InputError("the model is a detector: use detect");
    if (isWide(output.type)) throw new InputError("the model's first output holds indices, not scores");
    this.#complete(this.#image(image, options.crop));
    return this.#best(narrow(gather(this.#session, output), output.quantisedType), top);
  }

  /**
   * Finds things on an image. The model is one that ends in TFLite_Detection_PostProcess.
   *
   * @param image as for classify
   * @returns what was found, the highest score first
   * @throws InputError on an image or option that does not fit, or a model that is no such detector; EnvironmentError
   *   without a canvas; EngineError
   */
  detect(image: Pixels | Drawable, options: DetectOptions = {}): Detection[] {
    const { detection, preprocessing, labels } = this.info;
    const { threshold = 0.5, crop = preprocessing.crop } = options;
    if (!detection) {
      const raw = this.info.outputs.map(({ shape }) => `[${shape.join(", ")}]`).join(", ");
      throw new InputError(
        `the model has no post-process (TFLite_Detection_PostProcess): run gives its raw outputs ${raw}`,
      );
    }
    if (!(threshold >= 0 && threshold <= 1)) throw new InputError(`threshold must be from 0 to 1, not ${threshold}`);
    const pixels = isPixels(image) ? image : drawPixels(image);
    this.#complete(this.#image(pixels, crop));
    const part = rectangleOf(crop, pixels.width, pixels.height);
    return detections(this.#results(detection), part, pixels, threshold, labels);
  }

  /**
   * Tells for each pixel which class it belongs to, by the model's first output: a map of indices, or of at most 256
   * scores a pixel, of which the first greatest counts.
   *
   * @param image as for classify
   * @returns the map, at the output's own resolution unless options.size says another
   * @throws InputError on an image or option that does not fit, or a model that gives no such map; EnvironmentError
   *   without a canvas; EngineError
   */
  segment(image: Pixels | Drawable, options: SegmentOptions = {}): Segmentation {
    const { crop, size } = options;
    const output = this.info.outputs[0]!;
    if (this.info.detection) throw new InputError("the model is a detector: use detect");
    if (!isWide(output.type) && (output.channels < 2 || output.channels > 256 || output.height * output.width === 1)) {
      throw new InputError(`the model's first output [${output.shape.join(", ")}] is no map of classes`);
    }
    this.#complete(this.#image(image, crop));
    const classes = classMap(gather(this.#session, output), output);
    const { width, height } = output;
    return stretch({ width, height, classes, labels: this.info.labels }, size);
  }

  /**
   * The input tensor that an image becomes: cropped, resized, its colours ordered, quantised; as run takes it.
   *
   * @throws InputError; EnvironmentError without a canvas
   */
  prepare(image: Pixels | Drawable, crop?: Crop): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
    const { input } = this.info;
    return narrow(ordered(this.#image(image, crop), input), input.quantisedType);
  }

  #image(image: Pixels | Drawable, crop: Crop | undefined): Uint8Array<ArrayBuffer> {
    const { input, preprocessing } = this.info;
    const { height, width, channels } = input;
    if (channels !== 1 && channels !== 3) throw new InputError(`the model's input of ${channels} channels is no image`);
    const pixels = isPixels(image) ? image : drawPixels(image);
    const bytes = fit(pixels, crop ?? preprocessing.crop, width, height, channels);
    quantisePixels(bytes, this.#table, channels, preprocessing.colours === "BGR");
    return bytes;
  }

  /** Runs the whole input. */
  #complete(bytes: Uint8Array): void {
    this.#session.reset();
    this.#session.push(bytes);
    if (!this.#session.done) throw new EngineError("the run ended without its outputs");
  }

  /** What the post-process makes of a run's box encodings and scores. */
  #results(detection: DetectionInfo): DetectionResults {
    const values = (output: TensorInfo) => narrow(gather(this.#session, output), output.quantisedType);
    return postProcess(values(detection.boxes), values(detection.scores), detection);
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
}
