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
  /** In pixels of the image, not rounded; may reach over the image's edges. */
  readonly box: Rectangle;
  /** Index of the class, background not counted. */
  readonly index: number;
  /** The class's name; undefined if the file carries no labels. */
  readonly label: string | undefined;
  /** 0..1. */
  readonly score: number;
}

/**
 * Detections from the post-process's results, the highest score first.
 *
 * @param part the part of the image that the model saw, in pixels
 */
export function detections(
  results: DetectionResults,
  part: Rectangle,
  threshold: number,
  labels: readonly string[],
): Detection[] {
  return results.rows
    .filter((row) => results.scores[row]! >= threshold)
    .sort((a, b) => results.scores[b]! - results.scores[a]! || a - b)
    .map((row) => {
      const [top, left, bottom, right] = results.boxes.subarray(row * 4, row * 4 + 4) as unknown as number[];
      const index = results.classes[row]!;
      return {
        box: {
          x: part.x + left! * part.width,
          y: part.y + top! * part.height,
          width: (right! - left!) * part.width,
          height: (bottom! - top!) * part.height,
        },
        index,
        label: labels[index],
        score: results.scores[row]!,
      };
    });
}
