/**
 * TFLite_Detection_PostProcess (kernels/detection_postprocess.cc of LiteRT): the box encodings and class scores that the
 * engine gives become boxes, classes and scores, rounded to float32 where the reference is in float, in double where
 * that is.
 */
import { type DetectionInfo, resultRows } from "./detection-info.js";
import type { TensorInfo } from "./info.js";
import { greatest } from "./partial-sort.js";
import { type Candidate, mergeBest, suppress } from "./suppression.js";
import { dequantise } from "./tensor.js";

/** The results; rows that hold no detection are 0. */
export interface DetectionResults {
  /** ymin, xmin, ymax, xmax of each row, in parts of the image: 0..1, or a little outside. */
  readonly boxes: Float32Array<ArrayBuffer>;
  /** Index of the class of each row, background not counted. */
  readonly classes: Float32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
  /** Number of boxes, as one element. */
  readonly count: Float32Array<ArrayBuffer>;
  /** Rows that hold a detection, ascending. */
  readonly rows: readonly number[];
}

type Bytes = Int8Array | Uint8Array;

/** Scores of uint8 that the reference's vector code dequantises at a time. */
const VECTOR = 8;

/**
 * The scores' real values. Those of uint8 go through optimized_ops::Dequantize: whole vectors of it round twice, q * scale
 * and the sum with -zero point * scale. (Where the scale is 1/256, as behind a LOGISTIC, nothing is rounded.)
 */
function dequantiseScores(values: Bytes, info: TensorInfo): Float32Array {
  const real = dequantise(values, info);
  if (info.type !== "uint8") return real;
  const offset = Math.fround(-info.zeroPoint * info.scale);
  const end = values.length - (values.length % VECTOR);
  for (let i = 0; i < end; i++) real[i] = Math.fround(values[i]! * info.scale) + offset;
  return real;
}

/**
 * Boxes from encodings relative to anchors: the reference's DecodeCenterSizeBoxes.
 *
 * @param encodings `size` values for each anchor, of which the first four count: y, x, height, width
 * @returns ymin, xmin, ymax, xmax for each anchor
 */
export function decodeBoxes(
  encodings: Float32Array,
  { anchors, scales }: Pick<DetectionInfo, "anchors" | "scales">,
): Float32Array {
  const { fround, exp } = Math;
  const size = (encodings.length / anchors.length) * 4;
  const boxes = new Float32Array(anchors.length);
  const [yScale, xScale, hScale, wScale] = scales;
  for (let at = 0, from = 0; at < anchors.length; at += 4, from += size) {
    const [height, width] = [anchors[at + 2]!, anchors[at + 3]!];
    const y = fround((encodings[from]! / yScale) * height + anchors[at]!);
    const x = fround((encodings[from + 1]! / xScale) * width + anchors[at + 1]!);
    const halfHeight = fround(0.5 * exp(encodings[from + 2]! / hScale) * height);
    const halfWidth = fround(0.5 * exp(encodings[from + 3]! / wScale) * width);
    boxes[at] = y - halfHeight;
    boxes[at + 1] = x - halfWidth;
    boxes[at + 2] = y + halfHeight;
    boxes[at + 3] = x + halfWidth;
  }
  return boxes;
}

/** Scores of the classes of one anchor, background left out. */
type ScoresOf = (anchor: number) => Float32Array;

/** A detection and its row in the results. */
interface Detected extends Candidate {
  readonly category: number;
  readonly row: number;
}

/** What suppression leaves; `count` is the number of boxes. */
interface Left {
  readonly detected: readonly Detected[];
  readonly count: number;
}

/** Class by class; the best of all classes. The reference's NonMaxSuppressionMultiClassRegularHelper, one thread. */
function regular(boxes: Float32Array, scoresOf: ScoresOf, info: DetectionInfo): Left {
  const { classes, maxBoxes } = info;
  const most = Math.min(info.boxesPerClass, maxBoxes);
  const anchors = boxes.length / 4;
  let best: (Candidate & { category: number })[] = [];
  for (let category = 0; category < classes; category++) {
    const scores = Float32Array.from({ length: anchors }, (_, anchor) => scoresOf(anchor)[category]!);
    const found = suppress(boxes, scores, info, most).map((anchor) => ({ anchor, category, score: scores[anchor]! }));
    best = mergeBest(best, found, maxBoxes);
  }
  return { detected: best.map((found, row) => ({ ...found, row })), count: best.length };
}

/** Each anchor by its best class; the reference's NonMaxSuppressionMultiClassFastHelper. */
function fast(boxes: Float32Array, scoresOf: ScoresOf, info: DetectionInfo): Left {
  const { classesPerBox, classes, maxBoxes } = info;
  const most = Math.min(classesPerBox, classes);
  const scores = Float32Array.from({ length: boxes.length / 4 }, (_, anchor) => Math.max(...scoresOf(anchor)));
  const selected = suppress(boxes, scores, info, maxBoxes);
  const detected = selected.flatMap((anchor, place) =>
    greatest(scoresOf(anchor), most).map((category, k) => ({
      anchor,
      category,
      score: scoresOf(anchor)[category]!,
      row: place * classesPerBox + k,
    })),
  );
  return { detected, count: selected.length };
}

/**
 * The post-process.
 *
 * @param encodings the engine's box encodings, as info.boxes describes them
 * @param scores the engine's class scores, as info.scores describes them
 */
export function postProcess(encodings: Bytes, scores: Bytes, info: DetectionInfo): DetectionResults {
  const boxes = decodeBoxes(dequantise(encodings, info.boxes), info);
  const all = dequantiseScores(scores, info.scores);
  const perAnchor = (all.length / boxes.length) * 4;
  const background = perAnchor - info.classes;
  const scoresOf = (anchor: number) => all.subarray(anchor * perAnchor + background, (anchor + 1) * perAnchor);
  const { detected, count } = (info.regular ? regular : fast)(boxes, scoresOf, info);
  const rows = resultRows(info);
  const results = {
    boxes: new Float32Array(rows * 4),
    classes: new Float32Array(rows),
    scores: new Float32Array(rows),
    count: Float32Array.of(count),
    rows: detected.map(({ row }) => row),
  };
  for (const { row, anchor, category, score } of detected) {
    results.boxes.set(boxes.subarray(anchor * 4, anchor * 4 + 4), row * 4);
    results.classes[row] = category;
    results.scores[row] = score;
  }
  return results;
}
