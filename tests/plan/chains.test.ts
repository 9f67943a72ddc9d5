import assert from "node:assert/strict";
import { test } from "node:test";
import { modelOf } from "../../tools/weight-packer/plan/model.js";
import { PlanError, plan } from "../../tools/weight-packer/plan/plan.js";
import { Simulator } from "../../tools/weight-packer/plan/simulate.js";
import type { PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import { Network } from "./networks.js";

/** Convolution of stride 2, depthwise 3x3, pointwise, on a 16-row input: rows of 1024 bytes inside, of 16 at the ends. */
function separable(mode: PlanRequest["inputMode"]): PlanRequest {
  const network = new Network(16, 16);
  const first = network.step([0], 8, 1024, { kernelHeight: 3, strideY: 2 });
  const second = network.step([first], 8, 1024, { kernelHeight: 3, padTop: 1 });
  network.step([second], 8, 16);
  return network.request(mode, undefined, 20);
}

test("convolution, depthwise, pointwise: rings of 3, 3 and 1 rows", () => {
  const request = separable("rows");
  const result = plan(request, "min");
  assert.deepEqual(
    result.tensors.map(({ ringRows }) => ringRows),
    [3, 3, 1, 8],
  );
  assert.deepEqual(result.segments, [3]);
  // The pointwise's row 5 is the last that comes before the input is read: 6 rows of the output are there then.
  assert.deepEqual(result.peak, { segment: 0, bytes: 3 * 16 + 3 * 1024 + 1024 + 6 * 16 });
  // The output's last rows lie where the input was.
  assert.equal(result.arenaBytes, 32 + result.peak.bytes + 16);
  assert.deepEqual(
    result.steps.map(({ lastConsumer }) => lastConsumer),
    [1, 2, 2],
  );
  verify(request, result);
});

test("an image is held whole", () => {
  const request = separable("image");
  const result = plan(request, "min");
  assert.equal(result.tensors[0]!.ringRows, 16);
  // With the first output row two rows of the stem are made and four of the image gone; from then on two go for one.
  assert.equal(result.peak.bytes, 12 * 16 + 3 * 1024 + 1024 + 16);
  verify(request, result);
});

test("a residual block holds as many rows of its skip as the window lags behind", () => {
  const network = new Network(8, 1024);
  const skip = network.step([0], 8, 64);
  const expanded = network.step([skip], 8, 2048);
  const filtered = network.step([expanded], 8, 2048, { kernelHeight: 5, padTop: 2 });
  const projected = network.step([filtered], 8, 64);
  const sum = network.step([skip, projected], 8, 64);
  network.step([sum], 8, 16);
  const request = network.request("rows");
  verify(request, plan(request, "min"));
  // The sum's row y needs rows y - 2 .. y + 2 of the expanded tensor, and row y of the skip at last.
  const rings = new Simulator(modelOf(request)).leastRings(0, 6, [1, 1, 1, 1, 1, 1], Infinity)!;
  assert.deepEqual([...rings.ringRows], [1, 3, 5, 1, 1, 1, 0]);
});

test("squeeze and excite: the producer keeps all rows until the gate is known", () => {
  const network = new Network(6, 32);
  const map = network.step([0], 6, 64);
  const mean = network.step([map], 1, 16, { reduce: true, scratchBytes: 64, scratchPersistent: true });
  // A gate acts on a map by an operator of two inputs; a window as high as the map stands for it here.
  const gate = network.step([mean], 1, 16);
  network.step([map, gate], 1, 16, { kernelHeight: 6 });
  const request = network.request("rows");
  const result = plan(request, "min");
  verify(request, result);
  assert.equal(result.tensors[map]!.ringRows, 6);
});

test("small maps fire whole where memory allows", () => {
  const network = new Network(64, 400);
  let tensor = network.step([0], 7, 64, { kernelHeight: 10, strideY: 9 });
  for (let index = 0; index < 4; ++index) tensor = network.step([tensor], 7, 64);
  const request = network.request("image");
  const result = plan(request, "min");
  verify(request, result);
  assert.deepEqual(
    result.steps.slice(1).map(({ rows }) => rows),
    [7, 7, 7, 7],
  );
});

test("a streamed input whose last rows nobody reads keeps its place to the end", () => {
  const network = new Network(9, 64);
  const first = network.step([0], 3, 48, { kernelHeight: 1, strideY: 3 });
  const second = network.step([first], 1, 640, { kernelHeight: 3 });
  network.step([second], 1, 640);
  const request = network.request("rows");
  verify(request, plan(request, "min"));
  verify(request, plan(request, "min"), { push: (room) => room });
});

test("scratch is shared, and accumulators are not", () => {
  const network = new Network(4, 16);
  const first = network.step([0], 4, 4000, { scratchBytes: 100, scratchRowBytes: 10 });
  const second = network.step([first], 4, 4000, { scratchBytes: 200 });
  network.step([second], 1, 16, { reduce: true, scratchBytes: 64, scratchPersistent: true });
  const request = network.request("rows");
  const result = plan(request, "min");
  verify(request, result);
  const [one, two] = result.steps;
  assert.equal(one!.scratchBytes, 100 + 10 * one!.rows);
  assert.equal(two!.scratchBytes, 200);
  assert.deepEqual(result.segments, [3]);
  // The second step's firing: input, two rows, its own scratch and the sums of the third.
  assert.equal(result.peak.bytes, 16 + 4000 + 4000 + 200 + 64);
  assert.equal(result.arenaBytes, 16 + 4000 + 4000 + 208 + 64 + 16);
});

test("contradictions and hopeless budgets are refused by name", () => {
  const refused = (change: (request: PlanRequest) => void, message: RegExp): void => {
    const request = structuredClone(separable("image"));
    change(request);
    assert.throws(
      () => plan(request, "min"),
      (error: unknown) => error instanceof PlanError && message.test(error.message),
    );
  };
  refused((request) => request.steps.splice(0), /needs a step/);
  refused((request) => request.outputs.splice(0), /needs an output/);
  refused((request) => request.outputs.push(9), /tensor 9, does not exist/);
  refused((request) => (request.steps[1]!.inputs = [2]), /step 1 reads tensor 2 before it is written/);
  refused((request) => (request.steps[2]!.output = 1), /step 2 writes tensor 1, which is written already/);
  refused((request) => (request.tensors[1]!.height = 0), /tensor 1 has a height of 0/);
  refused((request) => (request.tensors[1]!.rowStride = 1.5), /tensor 1 has rows of 1.5 bytes/);
  refused((request) => (request.tensors[2]!.producer = 0), /tensor 2 names another producer/);
  refused((request) => (request.tensors[2]!.consumers = []), /tensor 2 names other consumers/);
  refused((request) => (request.steps[1]!.strideY = 0), /step 1 has a window that is none/);
  refused((request) => (request.steps[1]!.reduce = true), /step 1 reduces, but its output has more than one row/);
  refused((request) => request.tensors.push({ height: 1, rowStride: 1, producer: -1, consumers: [] }), /never written/);
  for (const budget of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    assert.throws(() => plan(separable("image"), budget), PlanError);
  }
  assert.throws(() => plan(separable("image"), 1000), /the least arena is 4352 bytes, more than the 1000 given/);
});
