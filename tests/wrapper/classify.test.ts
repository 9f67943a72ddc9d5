/** midge/classify, the smallest entry: as midge does, with less. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "../../src/classify.js";
import { readAnyInfo } from "../../src/detection-info.js";
import { FormatError, InputError } from "../../src/errors.js";
import { loadSync, mvp } from "../../src/index.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { goldenDetectors } from "../support/detectors.js";
import { packed } from "../support/models.js";
import { noise } from "../support/noise.js";

const file = packed("v2_colour");
const image = { data: new Uint8ClampedArray(noise(50 * 40 * 4, 3)), width: 50, height: 40 };

test("tensors, rows and classes are those of the whole wrapper", async () => {
  const small = await load(file, { engines: [mvp] });
  const whole = loadSync(file, { engine: "mvp" });
  assert.deepEqual(small.info, whole.info);
  assert.deepEqual(small.classify(image), whole.classify(image));
  const input = small.prepare(image);
  const outputs = whole.run(input);
  assert.deepEqual(small.run(input), outputs);
  small.reset();
  assert.throws(() => small.outputs(), InputError);
  assert.ok(small.push(input));
  assert.deepEqual(small.outputs(), outputs);
});

test("a compiled engine", async () => {
  const { info } = await load(file, { module: new WebAssembly.Module(mvp.bytes()) });
  assert.equal(info.engine, "module");
});

test("a refused model is told in the same words", async () => {
  const damaged = file.slice();
  damaged[200]! ^= 1;
  const told = { name: "FormatError", message: /the checksum differs/, details: { code: "checksum" } };
  await assert.rejects(load(damaged, { engines: [mvp] }), told);
  assert.throws(() => loadSync(damaged, { engine: "mvp" }), told);
  assert.equal(FormatError.prototype instanceof Error, true);
});

test("a detector is sent to the whole wrapper", async () => {
  const ends = new Set<string>();
  for (const { name, model } of goldenDetectors("networks")) {
    const { file } = packModel(model, name);
    const { detection, outputs } = readAnyInfo(file);
    ends.add(detection ? "post-process" : `${outputs.some(({ parts }) => parts.length > 1) ? "parts" : "whole"}`);
    await assert.rejects(load(file, { engines: [mvp] }), InputError);
  }
  assert.deepEqual([...ends].sort(), ["parts", "post-process"]);
});

test("the built entry imports nothing at once and its words for errors when there is one", () => {
  const text = `
    import { readFileSync } from "node:fs";
    import { load } from "midge/classify";
    const module = new WebAssembly.Module(readFileSync("dist/engine.mvp.wasm"));
    await load(new Uint8Array(512), { module }).catch((error) => console.log(error.message));
    console.log(/(?:from|import) *"/.test(readFileSync("dist/classify.js", "utf8")));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "the model was refused: not a .midge file (magic)\nfalse\n");
});
