import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import * as core from "../../src/core.js";
import {
  EnvironmentError,
  FormatError,
  InputError,
  load,
  loadSync,
  type Model,
  mvp,
  simd,
  standalone,
} from "../../src/index.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { golden, MODELS, modelPath, packed, typed } from "../support/models.js";
import { noise } from "../support/noise.js";

const NAME = "v1_grey";
const file = packed(NAME);
const { cases, input, outputs } = golden(NAME);

/** Whether a model gives the first golden case's outputs. */
function assertRuns(model: Model): void {
  const result = model.run(typed(input.dtype, cases[0]!.input));
  assert.deepEqual(Buffer.from(result[0]!.buffer), Buffer.from(cases[0]!.outputs[0]!));
}

for (const name of MODELS) {
  for (const engine of ["mvp", "simd"] as const) {
    test(`${name} gives the golden bytes (${engine})`, () => {
      const model = loadSync(packed(name), { engine });
      assert.equal(model.info.engine, engine);
      for (const c of golden(name).cases) {
        const result = model.run(typed(model.info.input.type, c.input));
        assert.equal(result.length, c.outputs.length);
        for (const [k, want] of c.outputs.entries()) {
          assert.deepEqual(Buffer.from(result[k]!.buffer), Buffer.from(want), `case ${c.name}, output ${k}`);
        }
      }
    });
  }
}

test("info tells the source model's own input and outputs", () => {
  const { info } = loadSync(file);
  assert.deepEqual(info.input.shape, input.shape);
  assert.equal(info.input.type, input.dtype);
  assert.equal(info.input.scale, Math.fround(input.scale));
  assert.equal(info.input.zeroPoint, input.zero_point);
  assert.deepEqual(
    info.outputs.map((o) => o.shape),
    outputs.map((o) => o.shape),
  );
  assert.equal(info.fileBytes, file.length);
  assert.ok(info.arenaBytes > 0 && info.engineBytes! > 0);
});

test("load takes bytes, an ArrayBuffer, a file: URL, a Response, promises and modules", async () => {
  const path = join(tmpdir(), `midge-test-${process.pid}.midge`);
  writeFileSync(path, file);
  const buffer = new Uint8Array(file).buffer;
  for (const source of [
    file,
    buffer,
    pathToFileURL(path),
    pathToFileURL(path).href,
    new Response(buffer),
    Promise.resolve(new Response(buffer)),
  ]) {
    assertRuns(await load(source));
  }
  assertRuns(await load(file, { module: new WebAssembly.Module(mvp.bytes()) }));
  const carrier = new WebAssembly.Module(standalone(simd.bytes(), file));
  assertRuns(await load(carrier));
  assertRuns(loadSync(carrier));
  assertRuns(await core.load(file, { engines: [mvp] }));
  await assert.rejects(load(new WebAssembly.Module(mvp.bytes())), FormatError);
});

test("what cannot be loaded gives typed errors", async () => {
  await assert.rejects(load(42 as never), InputError);
  await assert.rejects(load(pathToFileURL("/nowhere.midge")), EnvironmentError);
  await assert.rejects(load(new Response(null, { status: 404 })), EnvironmentError);
  await assert.rejects(core.load(file), EnvironmentError);
  await assert.rejects(core.load(file, { engines: [mvp], engine: "simd" }), EnvironmentError);
  assert.throws(() => loadSync(new Uint8Array(0)), FormatError);
  assert.throws(() => loadSync(new TextEncoder().encode("<!doctype html><title>Not found</title>")), FormatError);
  assert.throws(() => loadSync(file.subarray(0, file.length - 16)), FormatError);
  const damaged = file.slice();
  damaged[file.length >> 1]! ^= 1;
  assert.throws(
    () => loadSync(damaged),
    (error: FormatError) => error instanceof FormatError && error.details?.code === "checksum",
  );
});

test("inputs of another length or type are refused, and the model stays usable", () => {
  const model = loadSync(file);
  const { length } = model.info.input;
  assert.throws(() => model.run(new Int8Array(length - 1)), InputError);
  assert.throws(() => model.run(new Uint8Array(length)), InputError);
  assert.throws(() => model.run(new Int16Array(length) as never), InputError);
  assert.throws(() => model.run(new Float32Array(length).fill(Number.NaN)), InputError);
  assert.throws(() => model.outputs(), InputError);
  assertRuns(model);
});

test("models do not disturb each other, and results are copies", () => {
  const one = loadSync(file);
  const two = loadSync(packed("v2_colour"));
  const [first] = one.run(typed("int8", cases[0]!.input));
  const kept = first!.slice();
  two.run(typed("uint8", noise(two.info.input.length, 5)));
  one.run(typed("int8", cases[1]!.input));
  assert.deepEqual(first, kept);
});

for (const inputMode of ["image", "rows"] as const) {
  test(`rows can be pushed one by one (packed for ${inputMode})`, () => {
    const { file: streamed } = packModel(readFileSync(modelPath(NAME)), NAME, { inputMode });
    const model = loadSync(streamed);
    const { width, channels, height } = model.info.input;
    const all = typed("int8", cases[0]!.input);
    model.reset();
    for (let y = 0; y < height; y++) {
      const done = model.push(all.subarray(y * width * channels, (y + 1) * width * channels));
      assert.equal(done, y === height - 1);
    }
    assert.deepEqual(Buffer.from(model.outputs()[0]!.buffer), Buffer.from(cases[0]!.outputs[0]!));
    assertRuns(model);
  });
}

test("classify gives the best classes of what run gives for the prepared image", () => {
  const model = loadSync(packed("v2_colour"));
  const image = { data: noise(50 * 40 * 4, 9), width: 50, height: 40 };
  const [scores] = model.run(model.prepare(image, "full"));
  const classes = model.classify(image, { top: 3, crop: "full" });
  assert.equal(classes.length, Math.min(3, scores!.length));
  const sorted = Array.from(scores!, Number).sort((a, b) => b - a);
  const { scale, zeroPoint } = model.info.outputs[0]!;
  for (const [k, c] of classes.entries()) {
    assert.equal(c.quantised, sorted[k]);
    assert.equal(scores![c.index], c.quantised);
    assert.equal(c.score, scale * (c.quantised - zeroPoint));
    assert.equal(c.label, undefined);
  }
  assert.throws(() => model.classify(image, { top: 0 }), InputError);
  assert.throws(() => model.classify({ width: 3, height: 3 }), EnvironmentError);
});

test("labels come with the classes", () => {
  const bytes = readFileSync(modelPath(NAME));
  const count = outputs[0]!.shape.at(-1)!;
  const labels = Array.from({ length: count }, (_, k) => `Klasse ${k} Ä`);
  const model = loadSync(packModel(bytes, NAME, { labels: labels.join("\n") }).file);
  assert.deepEqual(model.info.labels, labels);
  const [best] = model.classify({ data: noise(24 * 24, 1), width: 24, height: 24 });
  assert.equal(best!.label, labels[best!.index]);
});
