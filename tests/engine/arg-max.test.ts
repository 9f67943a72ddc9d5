/** ARG_MAX: what the packer and the engine's check refuse. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as layout from "../../assembly/layout.js";
import { checksum } from "../../src/checksum.js";
import type { Operator } from "../../tools/weight-packer/graph/graph.js";
import { lower } from "../../tools/weight-packer/lower/lower.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { Records } from "../../tools/weight-packer/records.js";
import { machine, VARIANTS } from "../support/engine.js";
import { goldenOperators } from "../support/engine-goldens.js";
import { activation, graphOf } from "../support/engine-graphs.js";

const { model } = goldenOperators("operators").find(({ name }) => name === "arg_max_int8_int64_i3x4x5")!;
const sound = packModel(model, "arg_max").file;

/** The file with one word changed and its checksum right. */
function changed(at: number, value: number): Uint8Array {
  const file = sound.slice();
  const view = new DataView(file.buffer);
  view.setUint32(at, value, true);
  view.setUint32(layout.HEADER_CHECKSUM, checksum(file), true);
  return file;
}

test("port types and shapes that ARG_MAX cannot have are refused", () => {
  const records = new Records(sound);
  const tensors = records.header(layout.HEADER_TENSORS);
  const outputPort = records.header(layout.HEADER_OUTPUTS) + layout.PORT_TYPE;
  const input = tensors + records.step(0, layout.STEP_INPUT) * layout.TENSOR_BYTES;
  const output = tensors + records.step(0, layout.STEP_OUTPUT) * layout.TENSOR_BYTES;
  const refusal = (code: number) => new RegExp(`refused: status ${code},`);
  for (const variant of VARIANTS) {
    for (const type of [layout.TYPE_INT8, layout.TYPE_INT32]) machine(variant, changed(outputPort, type));
    assert.throws(() => machine(variant, changed(outputPort, 4)), refusal(layout.STATUS_HEADER));
    for (const type of [layout.TYPE_INT32, layout.TYPE_INT64]) {
      const file = changed(layout.HEADER_INPUT + layout.PORT_TYPE, type);
      assert.throws(() => machine(variant, file), refusal(layout.STATUS_HEADER));
    }
    assert.throws(() => machine(variant, changed(input + layout.TENSOR_WIDTH, 2)), refusal(layout.STATUS_STEP));
    assert.throws(() => machine(variant, changed(output + layout.TENSOR_WIDTH, 3)), refusal(layout.STATUS_STEP));
  }
});

test("more than 256 channels are refused", () => {
  const graph = (channels: number) => {
    const [input, output] = [activation("x", [1, 1, channels], 1, 0), activation("y", [1, 1, 1], 1, 0)];
    const operator: Operator = { kind: "arg_max", index: 0, source: "ARG_MAX", inputs: [input], output };
    return graphOf([operator], input, [output]);
  };
  assert.equal(lower(graph(256), "x").steps.length, 1);
  assert.throws(() => lower(graph(257), "x"), /ARG_MAX: its input has more than 256 channels/);
});
