/** The detection section of a packed file. */
import * as layout from "../../../assembly/layout.js";
import { type DetectionParameters, RESULTS } from "../../../src/detection-info.js";

/** The section's bytes, little-endian; src/detection-info.ts reads them. */
export function detectionSection(parameters: DetectionParameters): Uint8Array {
  const { scales, anchors, results } = parameters;
  const bytes = new Uint8Array(layout.DETECTION_ANCHORS + 4 * anchors.length);
  const view = new DataView(bytes.buffer);
  const word = (field: number, value: number) => view.setUint32(field, value, true);
  const floats = (field: number, values: ArrayLike<number>) => {
    for (let i = 0; i < values.length; i++) view.setFloat32(field + 4 * i, values[i]!, true);
  };
  floats(layout.DETECTION_Y_SCALE, scales);
  floats(layout.DETECTION_SCORE_THRESHOLD, [parameters.scoreThreshold, parameters.iouThreshold]);
  word(layout.DETECTION_MAX_BOXES, parameters.maxBoxes);
  word(layout.DETECTION_CLASSES_PER_BOX, parameters.classesPerBox);
  word(layout.DETECTION_BOXES_PER_CLASS, parameters.boxesPerClass);
  word(layout.DETECTION_CLASSES, parameters.classes);
  word(layout.DETECTION_REGULAR, parameters.regular ? 1 : 0);
  word(layout.DETECTION_ANCHOR_COUNT, anchors.length / 4);
  word(layout.DETECTION_RESULT_COUNT, results.length);
  for (const [k, result] of results.entries()) {
    const code = typeof result === "number" ? RESULTS.length + result : RESULTS.indexOf(result);
    word(layout.DETECTION_RESULTS + 4 * k, code);
  }
  floats(layout.DETECTION_ANCHORS, anchors);
  return bytes;
}
