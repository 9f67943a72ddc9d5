import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "flatbuffers/js/flexbuffers.js";
import { readNumberMap } from "../../tools/weight-packer/importers/tflite/flexbuffer.js";
import { ImportError, importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { simplify } from "../../tools/weight-packer/passes/index.js";
import { goldenDetectors } from "../support/detectors.js";
import { build, type ModelSpec, type TensorSpec } from "./build.js";
import { sharedModels } from "./models.js";

const OPTIONS = {
  max_detections: 10,
  max_classes_per_detection: 1,
  nms_score_threshold: 0.5,
  nms_iou_threshold: 0.5,
  num_classes: 2,
  y_scale: 10.5,
  x_scale: 10.5,
  h_scale: 5.5,
  w_scale: 5.5,
};
const UINT8 = 3;

/** Two heads of the input, joined, in front of the post-process: boxes [1, 6, 4], scores [1, 6, 3]. */
function detector(change: {
  options?: Record<string, number>;
  raw?: Uint8Array;
  anchors?: Partial<TensorSpec>;
  boxes?: Partial<TensorSpec>;
  scores?: Partial<TensorSpec>;
  outputs?: number[];
}): ModelSpec {
  const plain = { scale: [0.5], zeroPoint: [3], type: UINT8 };
  const float: TensorSpec = { shape: [], type: 0, scale: [] };
  const anchors = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
  return {
    tensors: [
      { name: "input", shape: [1, 6, 4], ...plain },
      { name: "boxes", shape: [1, 6, 4], ...plain, ...change.boxes },
      { name: "scores", shape: [1, 6, 3], ...plain, ...change.scores },
      { name: "anchors", shape: [6, 4], ...plain, scale: [0.01], data: anchors, ...change.anchors },
      ...["a", "b", "c", "d"].map((name) => ({ ...float, name })),
      { name: "weights", shape: [3, 4], ...plain, data: new Uint8Array(12).fill(7) },
      { name: "bias", shape: [3], type: 2, scale: [0.25], data: new Uint8Array(12) },
    ],
    operators: [
      { code: 117, inputs: [0], outputs: [1] },
      { code: 9, inputs: [0, 8, 9], outputs: [2], options: { type: 8, fields: [[2, "byte", 1]] } },
      {
        code: 32,
        custom: "TFLite_Detection_PostProcess",
        inputs: [1, 2, 3],
        outputs: [4, 5, 6, 7],
        customOptions: change.raw ?? encode({ ...OPTIONS, ...change.options }),
      },
    ],
    outputs: change.outputs ?? [4, 5, 6, 7],
  };
}

/** The reason why a detector is refused. */
function reason(change: Parameters<typeof detector>[0]): string {
  try {
    importTflite(build(detector(change)), "detector.tflite");
  } catch (error) {
    assert.ok(error instanceof ImportError, String(error));
    const found = error.problems.find((p) => p.name === "TFLite_Detection_PostProcess");
    return found?.reason ?? assert.fail(error.message);
  }
  return assert.fail("it was taken");
}

test("a FlexBuffer's numbers are read, of every width and kind", () => {
  // The package's writer puts float32 among float64 wrongly; the golden detectors' options have both.
  const numbers = { a: 1, b: -2, c: 300, d: -70000, e: 0.1, f: 1e-8, t: true, z: false, s: "text" };
  const { s: _, ...rest } = numbers;
  const wanted = new Map(Object.entries(rest).map(([key, value]) => [key, Number(value)]));
  assert.deepEqual(readNumberMap(encode(numbers)), wanted);
  for (const width of [16, 4096]) assert.deepEqual(readNumberMap(encode({ x: 2.5 }, width)), new Map([["x", 2.5]]));
});

test("a damaged FlexBuffer is none", () => {
  const whole = encode(OPTIONS);
  for (let length = 0; length < whole.length; length++) readNumberMap(whole.subarray(0, length));
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const damaged = whole.slice();
      damaged[at] = value;
      readNumberMap(damaged);
    }
  }
  assert.equal(readNumberMap(new Uint8Array()), undefined);
  assert.equal(readNumberMap(encode([1, 2, 3])), undefined);
});

test("the post-process arrives field by field", () => {
  const { detection, outputs } = importTflite(build(detector({ outputs: [6, 4] })), "detector.tflite");
  assert.deepEqual(
    outputs.map((t) => t.name),
    ["boxes", "scores"],
  );
  const { anchors, ...rest } = detection!;
  assert.deepEqual(rest, {
    scales: [10.5, 10.5, 5.5, 5.5],
    scoreThreshold: 0.5,
    iouThreshold: 0.5,
    maxBoxes: 10,
    classesPerBox: 1,
    boxesPerClass: 100,
    classes: 2,
    regular: false,
    results: ["scores", "boxes"],
  });
  assert.deepEqual(anchors.slice(0, 2), Float32Array.of((0 - 3) * Math.fround(0.01), (10 - 3) * Math.fround(0.01)));
});

test("what does not fit the post-process is refused with its reason", () => {
  assert.match(reason({ raw: Uint8Array.of(1, 2, 3) }), /no FlexBuffer map/);
  assert.match(reason({ options: { num_classes: 5 } }), /class scores \[1, 6, 3\] are not \[1, 6, 5 or 6\]/);
  assert.match(reason({ options: { max_detections: 0 } }), /its limits are 0, 1/);
  assert.match(reason({ options: { nms_iou_threshold: 0 } }), /nms_iou_threshold is 0/);
  assert.match(reason({ options: { h_scale: 0 } }), /box scales are 10.5, 10.5, 0, 5.5/);
  assert.match(reason({ anchors: { shape: [3, 8] } }), /'anchors' are not \[n, 4\]/);
  assert.match(reason({ anchors: { type: 9 } }), /'anchors' are int8, only uint8 and float32/);
  assert.match(reason({ anchors: { zeroPoint: [255] } }), /anchors of a negative size/);
  assert.match(reason({ outputs: [4, 5, 6, 7, 1, 2, 1, 2] }), /the model has 8 outputs/);
});

test("heads become parts of the outputs, in order, and no join is left", () => {
  for (const { name, model } of goldenDetectors("networks")) {
    const graph = simplify(importTflite(model, name));
    assert.ok(
      graph.operators.every((op) => op.kind !== "join" && op.kind !== "reshape"),
      name,
    );
    const more = name.endsWith("_more") ? [undefined, undefined] : [];
    assert.equal(graph.outputs.length, 6 + more.length, name);
    assert.deepEqual(
      graph.outputPorts.map((port) => port.continues),
      [undefined, 1, 1, undefined, 1, 1, ...more],
      name,
    );
  }
});

test("rows one after the other in the middle of a network are pads and a sum, behind a reshape where they are no rows yet", () => {
  const plain = { scale: [0.5], zeroPoint: [3], type: UINT8 };
  const model: ModelSpec = {
    tensors: [
      { name: "input", shape: [1, 2, 3, 4], ...plain },
      { name: "act", shape: [1, 2, 3, 4], ...plain },
      { name: "joined", shape: [1, 4, 3, 4], ...plain },
      { name: "pooled", shape: [1, 4], ...plain },
      { name: "axes", shape: [2], type: 2, scale: [], data: new Uint8Array(Int32Array.of(1, 2).buffer) },
    ],
    operators: [
      { code: 19, inputs: [0], outputs: [1] },
      { code: 2, inputs: [1, 0], outputs: [2], options: { type: 10, fields: [[0, "int", 1]] } },
      { code: 40, inputs: [2, 4], outputs: [3] },
    ],
    outputs: [3],
  };
  const kinds = simplify(importTflite(build(model), "middle")).operators.map((op) => op.kind);
  assert.deepEqual(kinds, ["relu", "pad", "pad", "add", "mean"]);
  // Two rows of three pixels become one of six.
  const heads: ModelSpec = {
    tensors: [
      { name: "input", shape: [1, 2, 3, 4], ...plain },
      { name: "act", shape: [1, 2, 3, 4], ...plain },
      { name: "a", shape: [1, 6, 4], ...plain },
      { name: "joined", shape: [1, 12, 4], ...plain },
      { name: "mean", shape: [1, 4], ...plain },
      { name: "axes", shape: [1], type: 2, scale: [], data: new Uint8Array(Int32Array.of(1).buffer) },
    ],
    operators: [
      { code: 19, inputs: [0], outputs: [1] },
      { code: 22, inputs: [1], outputs: [2] },
      { code: 2, inputs: [2, 2], outputs: [3], options: { type: 10, fields: [[0, "int", 1]] } },
      { code: 40, inputs: [3, 5], outputs: [4] },
    ],
    outputs: [4],
  };
  const rearranged = simplify(importTflite(build(heads), "heads")).operators.map((op) => op.kind);
  assert.deepEqual(rearranged, ["relu", "reshape", "pad", "pad", "add", "mean"]);
});

test("the published detectors import; dummy quantisation is told", (t) => {
  const models = sharedModels();
  if (!models) return t.skip("../shared/models is not on this machine");
  const warnings = (name: string) => {
    const { bytes } = models.find((m) => m.name.startsWith(name))!;
    const graph = importTflite(bytes, name);
    assert.equal(graph.detection?.anchors.length, 1917 * 4);
    return graph.warnings.join();
  };
  assert.equal(warnings("ssd_mobilenet_v1"), "");
  assert.match(warnings("ssdlite_mobilenet_v2_fish"), /every activation has the scale 1/);
});
