/** One error tells what the importer, the passes and the lowering would refuse, one after the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operator } from "../../tools/weight-packer/graph/graph.js";
import { ImportError } from "../../tools/weight-packer/importers/tflite/index.js";
import { packGraph, packModel } from "../../tools/weight-packer/pack.js";
import { build, convolutionOptions, type ModelSpec } from "../importers/build.js";
import { activation, graphOf } from "../support/engine-graphs.js";

/** The lines of the error with which packing ends. */
function refusal(pack: () => void): string[] {
  try {
    pack();
  } catch (error) {
    assert.ok(error instanceof ImportError, String(error));
    return error.message.split("\n");
  }
  return assert.fail("it was packed");
}

/** 5000 channels: RELU, SOFTMAX, and what follows. */
function wide(more: Partial<ModelSpec>): Uint8Array {
  const shape = [1, 1, 1, 5000];
  const softmax = { type: 9, fields: [[0, "float", 1] as [number, "float", number]] };
  return build({
    ...more,
    tensors: [
      { name: "input", shape },
      { name: "act", shape },
      { name: "soft", shape, scale: [1 / 256], zeroPoint: [-128] },
      ...(more.tensors ?? []),
    ],
    operators: [
      { code: 19, inputs: [0], outputs: [1] },
      { code: 25, inputs: [1], outputs: [2], options: softmax },
      ...(more.operators ?? []),
    ],
  });
}

test("what is too large is told beside what the importer refuses", () => {
  const alone = refusal(() => packModel(wide({}), "wide.tflite"));
  assert.equal(alone.length, 1);
  assert.match(alone[0]!, /^wide\.tflite: operator 1 SOFTMAX: softmax over more than 4095 channels/);

  const kernel = { shape: [2, 1, 1, 5000], scale: [1], data: new Uint8Array(10_000) };
  const file = wide({
    tensors: [
      { name: "swirled", shape: [1, 1, 1, 5000], signature: [1, -1, 1, 5000] },
      { name: "sparse", ...kernel, sparse: true },
      { name: "middle", shape: [1, 1, 1, 2] },
      { name: "output", shape: [1, 1, 1, 2], type: 7 },
    ],
    operators: [
      { code: 32, custom: "Swirl", inputs: [2, 4], outputs: [3] },
      { code: 3, inputs: [3, 4], outputs: [5], options: convolutionOptions() },
      { code: 19, inputs: [5], outputs: [6] },
    ],
  });
  const lines = refusal(() => packModel(file, "all.tflite"));
  const wanted = [
    /^all\.tflite: 4 problems$/,
    /operator 2 Swirl: this operator is not supported; 'sparse' is sparse; 'swirled' has a dynamic shape \[1, -1/,
    /operator 3 CONV_2D: 'swirled' has a dynamic shape \[1, -1, 1, 5000\]; 'sparse' is sparse/,
    /operator 4 RELU: 'output' is int16, only int8 and uint8 activations run/,
    /operator 1 SOFTMAX: softmax over more than 4095 channels overflows its sum.*'act' int8 \[1, 1, 1, 5000\]/,
    /what may help: replace the operator .*; convert without sparsity; convert with a fixed .*full integer/,
  ];
  assert.equal(lines.length, wanted.length, lines.join("\n"));
  for (const [k, line] of wanted.entries()) assert.match(lines[k]!, line);
});

test("what is too large is told beside what a pass refuses", () => {
  const tensor = (name: string, channels: number) => activation(name, [1, 1, channels], 1, 0);
  const [input, joined, indices] = [tensor("x", 300), tensor("xx", 600), tensor("index", 1)];
  const operators: Operator[] = [
    { kind: "join", index: 0, source: "CONCATENATION", inputs: [input, input], output: joined },
    { kind: "arg_max", index: 1, source: "ARG_MAX", inputs: [joined], output: indices },
  ];
  const lines = refusal(() => packGraph(graphOf(operators, input, [indices]), "join"));
  assert.equal(lines.length, 3, lines.join("\n"));
  assert.match(lines[1]!, /operator 0 CONCATENATION: its parts are neither rows nor pixels/);
  assert.match(lines[2]!, /operator 1 ARG_MAX: its input has more than 256 channels/);
});
