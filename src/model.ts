import { type Classification, Classifier, type ClassifyOptions, type OutputOptions } from "./classifier.js";
import { type Detection, type DetectOptions, detections } from "./detect.js";
import { type DetectionResults, postProcess } from "./detection.js";
import type { DetectionInfo } from "./detection-info.js";
import { InputError } from "./errors.js";
import { type Pixels, rectangleOf } from "./image.js";
import { isWide, type TensorInfo } from "./info.js";
import { gather } from "./parts.js";
import { type Drawable, drawPixels, isPixels } from "./pixels.js";
import { classMap, type Segmentation, type SegmentOptions, stretch } from "./segment.js";
import type { SharedSession } from "./shared-session.js";
import { RowStream, type StreamSource } from "./stream.js";
import { narrow, type Tensor } from "./tensor.js";

/** All that a model can do: what a classifier can, detection, segmentation, and images that come as rows of pixels. */
export class Model extends Classifier {
  declare protected readonly session: SharedSession;

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
    return new RowStream(this.session, this.info, this.table, source, () => this.outputs());
  }

  override outputs(options: OutputOptions = {}): Tensor[] {
    const { detection } = this.info;
    if (!detection) return super.outputs(options);
    this.assertDone();
    const results = this.#results(detection);
    return detection.results.map((result) =>
      typeof result === "number" ? this.output(detection.others[result]!, options) : results[result],
    );
  }

  override classify(image: Pixels | Drawable, options: ClassifyOptions = {}): Classification[] {
    if (this.info.detection) throw new InputError("the model is a detector: use detect");
    return super.classify(image, options);
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
    this.complete(this.image(pixels, crop));
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
    this.complete(this.image(image, crop));
    const classes = classMap(this.bytes(output), output);
    const { width, height } = output;
    return stretch({ width, height, classes, labels: this.info.labels }, size);
  }

  protected override bytes(output: TensorInfo): Uint8Array<ArrayBuffer> {
    return gather(this.session, output);
  }

  /** What the post-process makes of a run's box encodings and scores. */
  #results(detection: DetectionInfo): DetectionResults {
    const values = (output: TensorInfo) => narrow(this.bytes(output), output.quantisedType);
    return postProcess(values(detection.boxes), values(detection.scores), detection);
  }
}
