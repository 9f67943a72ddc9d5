/** Transposes: which of them stay, and what ports say of those that do not. That results hold is tested in tests/engine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph } from "../../tools/weight-packer/graph/graph.js";
import { importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { simplify } from "../../tools/weight-packer/passes/index.js";
import { goldenCousins } from "../support/engine-goldens.js";

const cousins = goldenCousins();

function simple(name: string): Graph {
  return simplify(importTflite(cousins.find((c) => c.name === name)!.model, name));
}

function kinds(name: string): string[] {
  return simple(name).operators.map((op) => op.kind);
}

test("a transpose stays only where its order is needed", () => {
  const stay = cousins
    .filter(({ op }) => op === "TRANSPOSE")
    .filter(({ name }) => kinds(name).includes("transpose"))
    .map(({ name }) => name);
  assert.deepEqual(stay, [
    "transpose_softmax",
    "transpose_softmax_first",
    "transpose_rows_and_columns",
    "transpose_all",
    "transpose_columns_and_channels",
    "transpose_planes_conv",
    "transpose_alone",
    "transpose_alone_all",
    "transpose_pool",
  ]);
});

test("planes at the ends become the ports' affair", () => {
  for (const name of ["transpose_input", "transpose_input_float", "transpose_input_float_behind"]) {
    const { input, inputPort } = simple(name);
    assert.deepEqual(
      [input.shape, inputPort.shape],
      [
        [1, 6, 7, 3],
        [1, 3, 6, 7],
      ],
    );
    assert.deepEqual([inputPort.planar, inputPort.float ?? false], [true, name.includes("float")]);
  }
  const { outputs, outputPorts } = simple("transpose_output");
  assert.deepEqual(
    [outputs[0]!.shape, outputPorts[0]!.shape],
    [
      [1, 6, 7, 6],
      [1, 6, 6, 7],
    ],
  );
  assert.equal(outputPorts[0]!.planar, true);
  const [first, second] = simple("transpose_two_outputs").outputPorts;
  assert.deepEqual([first!.planar ?? false, second!.planar ?? false], [true, false]);
});

test("between a transpose and its way back operators work on what is not turned", () => {
  assert.deepEqual(kinds("transpose_between"), ["convolution", "convolution"]);
  assert.deepEqual(kinds("transpose_relu_between"), ["convolution", "relu", "leaky_relu", "convolution"]);
  assert.deepEqual(kinds("transpose_sum_between"), ["convolution", "relu", "add", "mul", "convolution"]);
  assert.deepEqual(kinds("transpose_pad_planes"), ["convolution", "pad_channels", "convolution"]);
});

test("a fully connected operator gets its weights in the order before the transpose", () => {
  const { operators } = simple("transpose_dense_tensor");
  const [dense] = operators;
  const source = importTflite(cousins.find(({ name }) => name === "transpose_dense_tensor")!.model, "source").operators;
  const given = source.find((op) => op.kind === "fully_connected")!;
  assert.ok(dense?.kind === "fully_connected" && operators.length === 1);
  const [now, before] = [dense.weights.data as Int8Array, given.weights.data as Int8Array];
  // [5, 3, 4] was turned to [4, 5, 3].
  for (let unit = 0; unit < 7; unit++)
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 3; x++)
        for (let c = 0; c < 4; c++)
          assert.equal(now[unit * 60 + (y * 3 + x) * 4 + c], before[unit * 60 + (c * 5 + y) * 3 + x]);
});
