/** What a detector found on an image, in the image's own pixels. */
import type { DetectionResults } from "./detection.js";
import type { Crop, Rectangle } from "./image.js";

/** How to detect. */
export interface DetectOptions {
  /** Detections of a lower score are left out; 0.5 unless told. */
  readonly threshold?: number;
  /** Which part of the image to look at; what the model was made for unless told (all of it, for detectors). */
  readonly crop?: Crop;
}

/** One thing that was found. */
export interface Detection {
  /** In pixels of the image, not rounded; what reaches over the image's edges is cut off. */
  readonly box: Rectangle;
  /** Index of the class, background not counted. */
  readonly index: number;
  /** The class's name; undefined if the file carries no labels. */
  readonly label: string | undefined;
  /** 0..1. */
  readonly score: number;
}

/** What the first line of TFLite's label files says where it stands for the background, which no detection is of. */
const BACKGROUND = "???";

/** The name of a detection's class: TFLite's label files count from the background on if they begin with it. */
export function detectionLabel(labels: readonly string[], index: number): string | undefined {
  return labels[labels[0] === BACKGROUND ? index + 1 : index];
}

/**
 * Detections from the post-process's results, the highest score first, boxes cut off at the image's edges.
 *
 * @param part the part of the image that the model saw, in pixels
 * @param image the image's size in pixels
 */
export function detections(
  results: DetectionResults,
  part: Rectangle,
  image: Pick<Rectangle, "width" | "height">,
  threshold: number,
  labels: readonly string[],
): Detection[] {
  const within = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  return results.rows
    .filter((row) => results.scores[row]! >= threshold)
    .sort((a, b) => results.scores[b]! - results.scores[a]! || a - b)
    .map((row) => {
      const [top, left, bottom, right] = results.boxes.subarray(row * 4, row * 4 + 4) as unknown as number[];
      const index = results.classes[row]!;
      const x = within(part.x + left! * part.width, image.width);
      const y = within(part.y + top! * part.height, image.height);
      return {
        box: {
          x,
          y,
          width: within(part.x + right! * part.width, image.width) - x,
          height: within(part.y + bottom! * part.height, image.height) - y,
        },
        index,
        label: detectionLabel(labels, index),
        score: results.scores[row]!,
      };
    });
}
