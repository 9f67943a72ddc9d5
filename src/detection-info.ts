import * as layout from "../assembly/layout.js";
import { FormatError } from "./errors.js";
import { type FileInfo, readInfo, type TensorInfo } from "./info.js";
import { joinParts } from "./parts.js";
import { extentOf } from "./shape.js";

/** What TFLite_Detection_PostProcess makes, in its own order. */
export const RESULTS = ["boxes", "classes", "scores", "count"] as const;

/** One of the results of the post-process. */
export type Result = (typeof RESULTS)[number];

/** The options and anchors of TFLite_Detection_PostProcess. All numbers are float32 values. */
export interface DetectionParameters {
  /** What the encodings of y, x, height and width are divided by. */
  readonly scales: readonly [y: number, x: number, height: number, width: number];
  /** Boxes of a lower score are dropped. */
  readonly scoreThreshold: number;
  /** Of two boxes whose intersection over union is greater, the one of the lower score is dropped. */
  readonly iouThreshold: number;
  /** The most boxes that are given. */
  readonly maxBoxes: number;
  /** Classes that are given for each box, where boxes suppress each other whatever their classes. */
  readonly classesPerBox: number;
  /** The most boxes of each class, where suppression is class by class. */
  readonly boxesPerClass: number;
  /** Number of classes, background not counted. */
  readonly classes: number;
  /** Whether suppression is class by class (regular) or of all together (fast). */
  readonly regular: boolean;
  /** y and x of the centre, height and width of each anchor; the image is 0..1. */
  readonly anchors: Float32Array;
  /** What each of the source model's outputs is: a result, or that output of the network's own. */
  readonly results: readonly (Result | number)[];
}

/** What a detector's file says of its post-process. */
export interface DetectionInfo extends DetectionParameters {
  /** Box encodings, as the engine gives them: four or more for each anchor, of which the first four count. */
  readonly boxes: TensorInfo;
  /** Class scores for each anchor, background (if any) first. */
  readonly scores: TensorInfo;
  /** The network's further outputs. */
  readonly others: readonly TensorInfo[];
}

/** Rows of the results of boxes, classes and scores. */
export function resultRows({ maxBoxes, classesPerBox }: DetectionParameters): number {
  return maxBoxes * classesPerBox;
}

/** The most outputs of a model with a post-process: what its section has room for. */
export const MOST_RESULTS = (layout.DETECTION_ANCHORS - layout.DETECTION_RESULTS) / 4;

/** More rows than any post-process has: what keeps a damaged file from asking for gigabytes. */
export const MOST_ROWS = 1 << 20;

/**
 * Reads the detection section of a packed file.
 *
 * @param view the whole file
 * @param raw what the engine gives, parts joined
 * @throws FormatError if the section does not fit itself or the outputs
 */
export function readDetection(view: DataView, at: number, bytes: number, raw: readonly TensorInfo[]): DetectionInfo {
  const damaged = (what: string): never => {
    throw new FormatError(`the model's detection section is damaged: ${what}`);
  };
  if (bytes < layout.DETECTION_ANCHORS) damaged(`it has ${bytes} bytes`);
  const word = (field: number) => view.getUint32(at + field, true);
  const float = (field: number) => view.getFloat32(at + field, true);
  const count = word(layout.DETECTION_ANCHOR_COUNT);
  if (count < 1 || count * 16 + layout.DETECTION_ANCHORS > bytes) damaged(`${count} anchors do not fit`);
  const anchors = Float32Array.from({ length: count * 4 }, (_, i) => float(layout.DETECTION_ANCHORS + 4 * i));
  const resultCount = word(layout.DETECTION_RESULT_COUNT);
  if (resultCount < 1 || resultCount > MOST_RESULTS) damaged(`it has ${resultCount} results`);
  const [boxes, scores, ...others] = raw;
  if (!boxes || !scores) return damaged(`the model has ${raw.length} outputs instead of 2`);
  const results = Array.from({ length: resultCount }, (_, k) => {
    const code = word(layout.DETECTION_RESULTS + 4 * k);
    const other = code - RESULTS.length;
    return RESULTS[code] ?? (other < others.length ? other : damaged(`result ${k} is unknown`));
  });
  const classes = word(layout.DETECTION_CLASSES);
  const background = scores.length / count - classes;
  if (classes < 1 || (background !== 0 && background !== 1)) damaged(`${classes} classes do not fit the scores`);
  if (!Number.isInteger(boxes.length / count) || boxes.length / count < 4) damaged("the boxes do not fit the anchors");
  const info: DetectionInfo = {
    scales: [
      float(layout.DETECTION_Y_SCALE),
      float(layout.DETECTION_X_SCALE),
      float(layout.DETECTION_H_SCALE),
      float(layout.DETECTION_W_SCALE),
    ],
    scoreThreshold: float(layout.DETECTION_SCORE_THRESHOLD),
    iouThreshold: float(layout.DETECTION_IOU_THRESHOLD),
    maxBoxes: word(layout.DETECTION_MAX_BOXES),
    classesPerBox: word(layout.DETECTION_CLASSES_PER_BOX),
    boxesPerClass: word(layout.DETECTION_BOXES_PER_CLASS),
    classes,
    regular: word(layout.DETECTION_REGULAR) === 1,
    anchors,
    results,
    boxes,
    scores,
    others,
  };
  const { maxBoxes, classesPerBox } = info;
  if (maxBoxes < 1 || classesPerBox < 1 || maxBoxes > MOST_ROWS || resultRows(info) > MOST_ROWS)
    damaged(`${maxBoxes} boxes of ${classesPerBox} classes`);
  return info;
}

/** The source model's outputs in its own order; results are float32. */
export function resultInfos(info: DetectionInfo): TensorInfo[] {
  const rows = resultRows(info);
  const described = (shape: number[]): TensorInfo => {
    const length = shape.reduce((product, n) => product * n, 1);
    const values = { type: "float32", quantisedType: "int8", scale: 1, zeroPoint: 0 } as const;
    return { ...values, planar: false, shape, length, ...extentOf(shape), parts: [] };
  };
  const shapes = { boxes: [1, rows, 4], classes: [1, rows], scores: [1, rows], count: [1] };
  return info.results.map((result) => (typeof result === "number" ? info.others[result]! : described(shapes[result])));
}

/** readInfo of any file, detectors as well. @throws FormatError if its detection section is damaged */
export function readAnyInfo(file: Uint8Array): FileInfo {
  return readInfo(file, (view, outputs, continues) => {
    const raw = joinParts(outputs, continues);
    const at = view.getUint32(layout.HEADER_DETECTION, true);
    if (!at) return { outputs: raw, detection: undefined };
    const detection = readDetection(view, at, view.getUint32(layout.HEADER_DETECTION_BYTES, true), raw);
    return { outputs: resultInfos(detection), detection };
  });
}
