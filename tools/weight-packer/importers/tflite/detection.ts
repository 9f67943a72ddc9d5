/** TFLite_Detection_PostProcess, the custom operator in which detectors end: the host's work, not the engine's. */
import {
  type DetectionParameters,
  MOST_RESULTS,
  MOST_ROWS,
  RESULTS,
  resultRows,
} from "../../../../src/detection-info.js";
import type { Problem } from "../../graph/errors.js";
import { elements, type Tensor } from "../../graph/graph.js";
import { show } from "../../graph/rewrite.js";
import { readNumberMap } from "./flexbuffer.js";
import type { SourceModel, SourceOperator } from "./model.js";
import { quantisationFault } from "./operator.js";

const NAME = "TFLite_Detection_PostProcess";
/** TFLite's default of detections_per_class. */
const BOXES_PER_CLASS = 100;

/** A model without its post-process. */
export interface Cut {
  /** Its outputs are the box encodings, the class scores and what else the whole model gives. */
  model: SourceModel;
  detection?: DetectionParameters;
  problems: Problem[];
}

/** The tensor behind a DEQUANTIZE, for models whose post-process takes float32. */
function behindDequantize(model: SourceModel, tensor: number): number {
  const maker = model.operators.find((op) => op.outputs.includes(tensor));
  return maker?.name === "DEQUANTIZE" ? (maker.inputs[0] ?? tensor) : tensor;
}

/** Anchors as real values, [n, 4]; a reason where they are none. */
function readAnchors({ name, type, shape, data, quantization }: Tensor): Float32Array | string {
  if (!data) return `its anchors '${name}' are no constant`;
  if (shape.length !== 2 || shape[1] !== 4 || !shape[0]) return `its anchors '${name}' are not [n, 4]`;
  if (data.length !== elements(shape)) return `its anchors '${name}' have ${data.length} elements`;
  if (type === "float32") return Float32Array.from(data as Float32Array);
  const fault = quantisationFault({ name, type, shape, ...(quantization && { quantization }) });
  if (type !== "uint8" || fault) return fault ?? `its anchors '${name}' are ${type}, only uint8 and float32 run`;
  const { scale, zeroPoint } = quantization!;
  return Float32Array.from(data as Uint8Array, (q) => (q - zeroPoint[0]!) * scale[0]!);
}

/** The model's outputs beside the post-process's own. */
function others(model: SourceModel, op: SourceOperator): number[] {
  return [...new Set(model.outputs.filter((output) => !op.outputs.includes(output)))];
}

/** Options and anchors; a list of what is wrong where they do not fit. TFLite's Init, Prepare and checks in Eval. */
function readParameters(model: SourceModel, op: SourceOperator): DetectionParameters | string[] {
  const tensor = (index: number) => model.tensors[op.inputs[index]!]!.tensor;
  if (op.inputs.length !== 3 || op.inputs.some((i) => i < 0)) return [`it has ${op.inputs.length} inputs instead of 3`];
  if (op.outputs.length !== RESULTS.length) return [`it has ${op.outputs.length} outputs instead of 4`];
  const options = readNumberMap(op.customOptions);
  if (!options) return ["its options are no FlexBuffer map"];
  const wrong: string[] = [];
  const number = (key: string, absent = 0) => Math.fround(options.get(key) ?? absent);
  const [boxes, scores] = [tensor(0), tensor(1)];
  const anchors = readAnchors(tensor(2));
  if (typeof anchors === "string") return [anchors];
  const count = anchors.length / 4;
  const parameters: DetectionParameters = {
    scales: [number("y_scale"), number("x_scale"), number("h_scale"), number("w_scale")],
    scoreThreshold: number("nms_score_threshold"),
    iouThreshold: number("nms_iou_threshold"),
    maxBoxes: number("max_detections"),
    classesPerBox: number("max_classes_per_detection"),
    boxesPerClass: number("detections_per_class", BOXES_PER_CLASS),
    classes: number("num_classes"),
    regular: number("use_regular_nms") !== 0,
    anchors,
    results: model.outputs.map((output) => RESULTS[op.outputs.indexOf(output)] ?? others(model, op).indexOf(output)),
  };
  const { maxBoxes, classesPerBox, classes, boxesPerClass, scales, iouThreshold } = parameters;
  const isCount = (n: number, most: number) => Number.isInteger(n) && n >= 1 && n <= most;
  if (boxes.shape.length !== 3 || boxes.shape[1] !== count || boxes.shape[2]! < 4)
    wrong.push(`its box encodings [${boxes.shape.join(", ")}] are not [1, ${count}, 4 or more]`);
  const background = (scores.shape[2] ?? 0) - classes;
  if (scores.shape.length !== 3 || scores.shape[1] !== count || (background !== 0 && background !== 1))
    wrong.push(`its class scores [${scores.shape.join(", ")}] are not [1, ${count}, ${classes} or ${classes + 1}]`);
  const counts = { maxBoxes, classesPerBox, classes, boxesPerClass };
  if (!Object.values(counts).every((n) => isCount(n, MOST_ROWS)) || resultRows(parameters) > MOST_ROWS)
    wrong.push(
      `its limits are ${Object.values(counts).join(", ")} (max_detections, classes of one, num_classes, of a class)`,
    );
  if (!scales.every((s) => s > 0 && Number.isFinite(s))) wrong.push(`its box scales are ${scales.join(", ")}`);
  if (model.outputs.length > MOST_RESULTS) wrong.push(`the model has ${model.outputs.length} outputs`);
  if (!(iouThreshold > 0 && iouThreshold <= 1)) wrong.push(`its nms_iou_threshold is ${iouThreshold}`);
  // TFLite stops at boxes that end before they begin; no other anchors make them.
  if (anchors.some((size, i) => i % 4 > 1 && !(size >= 0))) wrong.push("it has anchors of a negative size");
  if ((boxes.type === "float32") !== (tensor(2).type === "float32"))
    wrong.push(`its box encodings are ${boxes.type} and its anchors ${tensor(2).type}`);
  return wrong.length ? wrong : parameters;
}

/**
 * Takes the post-process off a model: what is left ends in the box encodings and the class scores, which may be uint8
 * or come out of a DEQUANTIZE. A model without one stays as it is.
 */
export function cutDetection(model: SourceModel): Cut {
  const op = model.operators.find(
    ({ name, outputs }) => name === NAME && model.outputs.some((o) => outputs.includes(o)),
  );
  if (!op) return { model, problems: [] };
  const found = readParameters(model, op);
  if (Array.isArray(found)) {
    const tensors = [...op.inputs, ...op.outputs].filter((i) => i >= 0).map((i) => show(model.tensors[i]!.tensor));
    return {
      model: rest(model, op),
      problems: [{ operator: op.index, name: NAME, tensors, reason: found.join("; ") }],
    };
  }
  return { model: rest(model, op), detection: found, problems: [] };
}

/** The model that ends where the post-process begins. */
function rest(model: SourceModel, op: SourceOperator): SourceModel {
  const ends = op.inputs.slice(0, 2).filter((input) => input >= 0);
  return {
    ...model,
    operators: model.operators.filter((other) => other !== op),
    outputs: [...ends.map((input) => behindDequantize(model, input)), ...others(model, op)],
  };
}
