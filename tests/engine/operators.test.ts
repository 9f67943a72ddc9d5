/** Every operator case of tests/models: TFLite's bytes in both builds, under the plan and with every tensor kept. */
import { test } from "node:test";
import type { Activation, Binary } from "../../tools/weight-packer/graph/graph.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { assertOutputs } from "../support/engine.js";
import { type GoldenOperator, goldenOperators } from "../support/engine-goldens.js";
import { pairGraph, wholeFile } from "../support/engine-graphs.js";

const operators = [
  ...goldenOperators("operators"),
  ...goldenOperators("operators", "operators-family.json.gz"),
  ...goldenOperators("later").filter(({ op }) => op === "MEAN"),
];

for (const op of new Set(operators.map((entry) => entry.op))) {
  test(`${op} equals TFLite's reference`, () => {
    for (const entry of operators) if (entry.op === op) check(entry);
  });
}

function check({ name, model, cases }: GoldenOperator): void {
  const files = {
    planned: packModel(model, name).file,
    pushed: packModel(model, name, { inputMode: "rows" }).file,
    kept: packModel(model, name, { keepAll: true }).file,
  };
  const single = cases.map((c) => ({ name: c.name, input: c.inputs[0]!, outputs: c.outputs }));
  assertOutputs(files, single, name);
}

test("ADD, SUB and MUL of two inputs equal TFLite's reference, all pairs of values included", () => {
  // A model has one input, so both operands come interleaved in it and depthwise convolutions take them apart.
  for (const { name, op, inputs, outputs, cases } of goldenOperators("two_inputs")) {
    const [fused] = /relu_n1_to_1|relu6|relu|none/.exec(name) as unknown as [Activation];
    const graph = pairGraph(op.toLowerCase() as Binary["kind"], fused, inputs, outputs[0]!);
    const paired = cases.map((c) => ({
      name: c.name,
      input: interleave(c.inputs, inputs[0]!.shape),
      outputs: c.outputs,
    }));
    assertOutputs({ whole: wholeFile(graph) }, paired, name);
  }
});

/** Two tensors pixel by pixel: a, b, a, b ... */
function interleave([a, b]: Uint8Array[], shape: number[]): Uint8Array {
  const channels = shape.at(-1)!;
  const result = new Uint8Array(2 * a!.length);
  for (let at = 0; at < a!.length; at += channels) {
    result.set(a!.subarray(at, at + channels), 2 * at);
    result.set(b!.subarray(at, at + channels), 2 * at + channels);
  }
  return result;
}
