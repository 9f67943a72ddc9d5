/** Real values in and out, and tensors whose channels come first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dequantise, InputError, loadSync, type Model, quantise } from "../../src/index.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { goldenCousins } from "../support/engine-goldens.js";
import { golden, packed } from "../support/models.js";
import { noise } from "../support/noise.js";

const cousins = goldenCousins();

function load(name: string, inputMode: "image" | "rows" = "image"): Model {
  const { model } = cousins.find((c) => c.name === name)!;
  return loadSync(packModel(model, name, { inputMode }).file);
}

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

test("quantise equals TFLite's QUANTIZE, ties and values out of range included", () => {
  const all = cousins.filter(({ name }) => /^quantize_float_u?int8_/.test(name));
  assert.equal(all.length, 16);
  for (const { name, outputs, cases } of all) {
    const { dtype, scale, zero_point: zeroPoint } = outputs[0]!;
    const quantisation = { quantisedType: dtype as "int8" | "uint8", scale, zeroPoint };
    for (const c of cases) {
      const got = quantise(floats(c.inputs[0]!), quantisation);
      assert.deepEqual(Buffer.from(got.buffer), Buffer.from(c.outputs[0]!), `${name} ${c.name}`);
    }
  }
});

test("dequantise equals TFLite's DEQUANTIZE", () => {
  const all = cousins.filter(({ name }) => /^dequantize_u?int8_/.test(name));
  assert.equal(all.length, 16);
  for (const { name, inputs, cases } of all) {
    const { dtype, scale, zero_point: zeroPoint } = inputs[0]!;
    for (const c of cases) {
      const bytes = Uint8Array.from(c.inputs[0]!);
      const got = dequantise(dtype === "int8" ? new Int8Array(bytes.buffer) : bytes, { scale, zeroPoint });
      assert.deepEqual(Buffer.from(got.buffer), Buffer.from(c.outputs[0]!), `${name} ${c.name}`);
    }
  }
});

test("values beyond every number clamp, and what is no number is refused", () => {
  const quantisation = { quantisedType: "int8", scale: 0.5, zeroPoint: 3 } as const;
  const values = Float32Array.of(Infinity, -Infinity, 3e38, -3e38, 0.25, -0.25, -0);
  assert.deepEqual([...quantise(values, quantisation)], [127, -128, 127, -128, 4, 2, 3]);
  assert.throws(() => quantise(Float32Array.of(0, Number.NaN), quantisation), /element 1 is no number/);
});

test("an integer model takes real values: they are quantised", () => {
  const model = loadSync(packed("v1_grey"));
  const { input, outputs } = golden("v1_grey").cases[0]!;
  const values = dequantise(new Int8Array(Uint8Array.from(input).buffer), model.info.input);
  assert.deepEqual(Buffer.from(model.run(values)[0]!.buffer), Buffer.from(outputs[0]!));
});

test("a float model takes quantised values and gives them where told", () => {
  const model = load("dequantize_both_ends");
  const { scale, zeroPoint, quantisedType, type } = model.info.input;
  assert.deepEqual([type, quantisedType, zeroPoint], ["float32", "int8", 114 - 128]);
  assert.equal(scale, Math.fround(0.0187));
  const values = floats(cousins.find(({ name }) => name === "dequantize_both_ends")!.cases[0]!.inputs[0]!);
  const [real] = model.run(values);
  const [quantised] = model.run(quantise(values, model.info.input), { quantised: true });
  assert.ok(real instanceof Float32Array && quantised instanceof Int8Array);
  assert.deepEqual(dequantise(quantised, model.info.outputs[0]!), real);
  assert.throws(() => model.run(new Uint8Array(values.length)), InputError);
});

for (const name of ["transpose_input", "transpose_both_float", "transpose_input_grey"]) {
  test(`images become planes where the input is planar: ${name}`, () => {
    const model = load(name);
    const { input } = model.info;
    assert.equal(input.planar, true);
    assert.deepEqual([1, input.channels, input.height, input.width], input.shape);
    const image = { data: noise(3 * 19 * 15, 3), width: 19, height: 15 };
    const prepared = model.prepare(image);
    const wanted = model.run(prepared).map((tensor) => tensor.slice());
    // A plane holds the channel's pixels, as the source model's own input does.
    const streamed = load(name, "rows");
    const stream = streamed.stream({ ...image, format: "rgb" });
    stream.push(image.data);
    assert.deepEqual(stream.result(), wanted);
    // Rows that are pushed hold pixels.
    streamed.reset();
    const { height, width, channels } = input;
    for (let y = 0; y < height; y++) {
      const row = Int8Array.from(
        { length: width * channels },
        (_, i) => prepared[(i % channels) * height * width + y * width + Math.floor(i / channels)]!,
      );
      streamed.push(row);
    }
    assert.deepEqual(streamed.outputs(), wanted);
  });
}
