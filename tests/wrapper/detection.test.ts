import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER_CHECKSUM, HEADER_DETECTION } from "../../assembly/layout.js";
import { checksum } from "../../src/checksum.js";
import { decodeBoxes, postProcess } from "../../src/detection.js";
import type { DetectionInfo } from "../../src/detection-info.js";
import { readAnyInfo } from "../../src/detection-info.js";
import { supports, VARIANTS } from "../../src/engine.js";
import { FormatError, InputError, loadSync } from "../../src/index.js";
import type { TensorInfo } from "../../src/info.js";
import { greatest } from "../../src/partial-sort.js";
import { mergeBest, overlap, suppress } from "../../src/suppression.js";
import { cutDetection } from "../../tools/weight-packer/importers/tflite/detection.js";
import { readModel } from "../../tools/weight-packer/importers/tflite/model.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { type DetectorPort, goldenDetectors } from "../support/detectors.js";
import { packed, typed } from "../support/models.js";
import { noise } from "../support/noise.js";

const networks = goldenDetectors("networks");
const network = (name: string) => networks.find((n) => n.name === name)!;

function tensorInfo({ dtype, shape, scale, zero_point }: DetectorPort): TensorInfo {
  const [, height, channels] = shape as [number, number, number];
  const length = height * channels;
  const extent = { height, width: 1, channels, planar: false };
  const quantisedType = dtype === "int8" ? "int8" : "uint8";
  return { type: dtype, quantisedType, shape, length, scale, zeroPoint: zero_point, ...extent, parts: [] };
}

for (const { name, model, inputs, cases } of goldenDetectors("operators")) {
  test(`the post-process gives TFLite's bytes: ${name}`, () => {
    const { detection, problems } = cutDetection(readModel(model, name));
    assert.deepEqual(problems, []);
    const [boxes, scores] = inputs.map(tensorInfo) as [TensorInfo, TensorInfo];
    for (const c of cases) {
      const [encodings, predictions] = c.inputs.map((bytes, k) => typed(inputs[k]!.dtype, bytes));
      const results = postProcess(encodings!, predictions!, { ...detection!, boxes, scores, others: [] });
      for (const [k, result] of detection!.results.entries()) {
        assert.ok(typeof result === "string");
        assert.deepEqual(Buffer.from(results[result].buffer), Buffer.from(c.outputs[k]!), `${c.name}, ${result}`);
      }
    }
  });
}

for (const { name, model, inputs, outputs, cases } of networks) {
  for (const engine of VARIANTS.filter(supports)) {
    test(`a network with heads gives TFLite's bytes: ${name} (${engine})`, () => {
      for (const inputMode of ["image", "rows"] as const) {
        const loaded = loadSync(packModel(model, name, { inputMode }).file, { engine });
        assert.deepEqual(
          loaded.info.outputs.map(({ type, shape }) => [type, shape]),
          outputs.map(({ dtype, shape }) => [dtype, shape]),
        );
        for (const c of cases) {
          const results = loaded.run(typed(inputs[0]!.dtype, c.inputs[0]!));
          for (const [k, wanted] of c.outputs.entries())
            assert.deepEqual(Buffer.from(results[k]!.buffer), Buffer.from(wanted), `${c.name}, output ${k}`);
        }
      }
    });
  }
}

test("boxes are decoded relative to their anchors", () => {
  const anchors = Float32Array.of(0.5, 0.25, 0.2, 0.4);
  const scales = [10, 10, 5, 5] as const;
  const rounded = (values: Float32Array) => Array.from(values, (v) => Number(v.toFixed(5)));
  assert.deepEqual(rounded(decodeBoxes(new Float32Array(4), { anchors, scales })), [0.4, 0.05, 0.6, 0.45]);
  // A tenth of the anchor's size down and to the right, twice as high; the fifth value does not count.
  const encodings = Float32Array.of(1, 1, 5 * Math.LN2, 0, 77);
  assert.deepEqual(rounded(decodeBoxes(encodings, { anchors, scales })), [0.32, 0.09, 0.72, 0.49]);
});

test("the overlap of boxes is their intersection over their union", () => {
  const boxes = Float32Array.of(0, 0, 1, 1, 0, 0.5, 1, 1.5, 2, 2, 3, 3, 0.5, 0.5, 0.5, 0.9);
  assert.equal(overlap(boxes, 0, 0), 1);
  assert.equal(overlap(boxes, 0, 1), Math.fround(1 / 3));
  assert.equal(overlap(boxes, 1, 0), Math.fround(1 / 3));
  assert.equal(overlap(boxes, 0, 2), 0);
  assert.equal(overlap(boxes, 0, 3), 0);
});

test("suppression keeps the best of boxes that overlap, the first of equal ones", () => {
  const boxes = Float32Array.of(0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 0.9, 1, 1.9, 5, 5, 6, 6);
  const limits = { scoreThreshold: 0.25, iouThreshold: 0.5 };
  assert.deepEqual(suppress(boxes, Float32Array.of(0.5, 0.75, 0.75, 0.25), limits, 10), [1, 2, 3]);
  assert.deepEqual(suppress(boxes, Float32Array.of(0.5, 0.75, 0.75, 0.25), limits, 2), [1, 2]);
  assert.deepEqual(suppress(boxes, Float32Array.of(0.5, 0.5, 0.2, 0.2), limits, 10), [0]);
  assert.deepEqual(suppress(boxes, new Float32Array(4), limits, 10), []);
});

test("of two lists the best are kept, the first list's before equal ones of the second", () => {
  const rows = (...scores: number[]) => scores.map((score, anchor) => ({ anchor, score }));
  const [first, second] = [rows(0.9, 0.5), rows(0.9, 0.7, 0.5)];
  assert.deepEqual(mergeBest(first, second, 4), [first[0], second[0], second[1], first[1]]);
});

test("the greatest values come as std::partial_sort has them", () => {
  assert.deepEqual(greatest([3, 9, 9, 1], 1), [1]);
  assert.deepEqual(greatest([1, 2, 3, 4, 5, 6], 3), [5, 4, 3]);
  const values = Array.from(noise(200, 3));
  for (const count of [2, 3, 7, 199, 200]) {
    const found = greatest(values, count);
    assert.equal(new Set(found).size, count);
    assert.deepEqual(
      found.map((i) => values[i]),
      [...values].sort((a, b) => b - a).slice(0, count),
    );
  }
});

test("detect gives boxes in the image's pixels, the best first", () => {
  const { model } = network("ssd_int8");
  const loaded = loadSync(packModel(model, "ssd", { labels: "cat\ndog" }).file);
  assert.equal(loaded.info.preprocessing.crop, "full");
  const image = { data: noise(90 * 70 * 3, 5), width: 90, height: 70 };
  const found = loaded.detect(image, { threshold: 0 });
  const [boxes, classes, scores, count] = loaded.run(loaded.prepare(image)) as Float32Array[];
  // Two classes of each box.
  assert.equal(found.length, 2 * count![0]!);
  assert.ok(found.length > 2);
  for (const [k, { score }] of found.entries()) assert.ok(k === 0 || score <= found[k - 1]!.score);
  const row = scores!.indexOf(found[0]!.score);
  const [top, left, bottom, right] = boxes!.subarray(4 * row, 4 * row + 4) as unknown as [
    number,
    number,
    number,
    number,
  ];
  // What reaches over the edges is cut off; the model's own outputs are not.
  const [x, y] = [Math.max(0, left * 90), Math.max(0, top * 70)];
  assert.deepEqual(found[0], {
    box: { x, y, width: Math.min(90, right * 90) - x, height: Math.min(70, bottom * 70) - y },
    index: classes![row],
    label: ["cat", "dog"][classes![row]!],
    score: scores![row],
  });
  assert.ok(boxes!.some((edge) => edge < 0 || edge > 1));
  for (const { box } of found) {
    assert.ok(box.x >= 0 && box.y >= 0 && box.width >= 0 && box.height >= 0);
    assert.ok(box.x + box.width <= 90 && box.y + box.height <= 70);
  }
  const threshold = found[3]!.score;
  assert.deepEqual(
    loaded.detect(image, { threshold }),
    found.filter(({ score }) => score >= threshold),
  );
});

test("labels that begin with ??? count the background as the first class", () => {
  const { model } = network("ssd_int8");
  const image = { data: noise(90 * 70 * 3, 5), width: 90, height: 70 };
  const named = (labels: string) =>
    loadSync(packModel(model, "ssd", { labels }).file)
      .detect(image, { threshold: 0 })
      .map(({ index, label }) => [index, label]);
  const found = named("cat\ndog");
  assert.ok(found.some(([index]) => index === 1));
  assert.deepEqual(named("???\ncat\ndog"), found);
  assert.ok(named("background\ncat").every(([index, label]) => label === ["background", "cat"][index as number]));
});

test("detect maps a crop's boxes back", () => {
  const loaded = loadSync(packModel(network("ssd_uint8").model, "ssd").file);
  const part = { data: noise(28 * 20 * 3, 6), width: 28, height: 20 };
  const data = new Uint8Array(50 * 40 * 3);
  for (let y = 0; y < 20; y++) data.set(part.data.subarray(y * 84, (y + 1) * 84), ((y + 9) * 50 + 13) * 3);
  const whole = loaded.detect(
    { data, width: 50, height: 40 },
    { threshold: 0, crop: { x: 13, y: 9, width: 28, height: 20 } },
  );
  // The part's own results, for its boxes may reach over its edges, but not over the whole image's.
  const [boxes, , scores] = loaded.run(loaded.prepare(part)) as Float32Array[];
  const moved = loaded.detect(part, { threshold: 0 }).map(({ box: _, ...rest }) => {
    const row = scores!.indexOf(rest.score);
    const [top, left, bottom, right] = boxes!.subarray(4 * row) as unknown as [number, number, number, number];
    const [x, y] = [Math.max(0, 13 + left * 28), Math.max(0, 9 + top * 20)];
    const [width, height] = [Math.min(50, 13 + right * 28) - x, Math.min(40, 9 + bottom * 20) - y];
    return { ...rest, box: { x, y, width, height } };
  });
  assert.equal(whole.length, moved.length);
  for (const [k, { box, ...rest }] of whole.entries()) {
    const { box: wanted, ...others } = moved[k]!;
    assert.deepEqual(rest, others);
    // Of equal scores the rows are not told apart here.
    if (moved.filter(({ score }) => score === rest.score).length > 1) continue;
    for (const key of ["x", "y", "width", "height"] as const) assert.ok(Math.abs(box[key] - wanted[key]) < 1e-9);
  }
});

test("what does not fit is refused", () => {
  const detector = loadSync(packModel(network("ssd_uint8").model, "ssd").file);
  const image = { data: new Uint8Array(300), width: 10, height: 10 };
  assert.throws(() => detector.detect(image, { threshold: 2 }), InputError);
  assert.throws(() => detector.detect(image, { threshold: Number.NaN }), InputError);
  assert.throws(() => detector.classify(image), /is a detector: use detect/);
  assert.throws(() => detector.segment(image), /is a detector: use detect/);
  assert.throws(
    () => loadSync(packed("v2_colour")).detect(image),
    /has no post-process .*: run gives its raw outputs \[1, /,
  );
  assert.throws(() => loadSync(packModel(network("raw_uint8").model, "raw").file).detect(image), InputError);
});

test("a damaged detection section is a FormatError, whatever it says", () => {
  const { file } = packModel(network("ssd_uint8").model, "ssd");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const section = view.getUint32(HEADER_DETECTION, true);
  const bytes = view.getUint32(HEADER_DETECTION + 4, true);
  let refused = 0;
  for (let at = 24; at < 80; at += 4) {
    for (const value of [0, 1, 5, 0x7fffffff, 0xffffffff]) {
      const copy = file.slice();
      new DataView(copy.buffer).setUint32(section + at, value, true);
      try {
        const { detection, outputs } = readAnyInfo(copy);
        assert.ok(detection && outputs.every((o) => o.length <= 4 << 20));
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        refused++;
      }
    }
  }
  assert.ok(refused > 20, `${refused}`);
  const short = file.slice();
  new DataView(short.buffer).setUint32(HEADER_DETECTION + 4, bytes - 16, true);
  assert.throws(() => readAnyInfo(short), FormatError);
});

test("the engine refuses a detection section that does not lie in the file", () => {
  const { file } = packModel(network("ssd_uint8").model, "ssd");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  view.setUint32(HEADER_DETECTION + 4, file.length, true);
  view.setUint32(HEADER_CHECKSUM, checksum(file), true);
  assert.throws(() => loadSync(file), /a field of the header is out of range: HEADER_DETECTION/);
});

test("a detection that no box overlaps is what the anchors say", () => {
  const anchors = Float32Array.of(0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.1, 0.1);
  const port = (channels: number, scale: number): TensorInfo =>
    tensorInfo({ dtype: "uint8", shape: [1, 2, channels], scale, zero_point: 0 });
  const info: DetectionInfo = {
    scales: [10, 10, 5, 5],
    scoreThreshold: 0.1,
    iouThreshold: 0.6,
    maxBoxes: 3,
    classesPerBox: 1,
    boxesPerClass: 100,
    classes: 2,
    regular: false,
    anchors,
    results: ["boxes", "classes", "scores", "count"],
    boxes: port(4, 0.1),
    scores: port(3, 1 / 256),
    others: [],
  };
  const { boxes, classes, scores, count, rows } = postProcess(
    new Uint8Array(8),
    Uint8Array.of(255, 64, 32, 0, 16, 128),
    info,
  );
  assert.deepEqual(Array.from(classes), [1, 0, 0]);
  assert.deepEqual(Array.from(scores), [0.5, 0.25, 0]);
  assert.deepEqual(Array.from(boxes.subarray(4)), [0.25, 0.25, 0.75, 0.75, 0, 0, 0, 0]);
  assert.deepEqual([count[0], rows], [2, [0, 1]]);
});
