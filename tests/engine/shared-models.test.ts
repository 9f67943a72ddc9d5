/** The published models, where ../shared is: every golden case in both builds. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { HEADER_ARENA_BYTES } from "../../assembly/layout.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { Records } from "../../tools/weight-packer/records.js";
import { assertOutputs } from "../support/engine.js";
import { engineBytes } from "../support/engine-goldens.js";
import { shared, without } from "../support/shared.js";

const MODELS = [
  "mobilenet_v1_0.25_128_quant",
  "mobilenet_v2_1.0_224_quant",
  "tf2_mobilenet_v2_1.0_224_ptq",
  "vww_96_int8",
  "mobilenet_v3_small_224_int8",
  "deeplabv3_mnv2_dm05_pascal_quant",
];

interface Golden {
  model: string;
  outputs: { dtype: string }[];
  cases: { name: string; input: string; outputs: { file: string }[] }[];
}

for (const name of MODELS) {
  const folder = `golden/${name}`;
  test(`${name} equals TFLite's reference`, { skip: without(folder) }, () => {
    const bytes = (file: string): Uint8Array => gunzipSync(readFileSync(shared(`${folder}/${file}`)));
    const { model, outputs, cases } = JSON.parse(readFileSync(shared(`${folder}/golden.json`), "utf8")) as Golden;
    const source = readFileSync(shared(`models/${model}`));
    const decoded = cases.map((c) => ({
      name: c.name,
      input: bytes(c.input),
      outputs: c.outputs.map((output, k) => engineBytes(bytes(output.file), outputs[k]!.dtype)),
    }));
    assertOutputs({ planned: packModel(source, model).file }, decoded, name);
    // The other forms of a plan once each: the first case has most in it.
    const files = {
      pushed: packModel(source, model, { inputMode: "rows" }).file,
      kept: packModel(source, model, { keepAll: true }).file,
    };
    assertOutputs(files, decoded.slice(0, 1), name);
  });
}

test("MobileNetV2 1.0 224 with the whole image takes less than 400 KiB", { skip: without("models") }, () => {
  const model = "mobilenet_v2_1.0_224_quant.tflite";
  const records = new Records(packModel(readFileSync(shared(`models/${model}`)), model).file);
  assert.ok(records.header(HEADER_ARENA_BYTES) < 400 * 1024, `${records.header(HEADER_ARENA_BYTES)} bytes`);
});
