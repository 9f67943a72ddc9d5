import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Crop, InputError, loadSync, type Model, type PixelFormat } from "../../src/index.js";
import { RowResampler, resample } from "../../src/resample.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { modelPath } from "../support/models.js";
import { noise } from "../support/noise.js";
import fc from "../support/property.js";

const PIXEL_BYTES = { rgba: 4, rgb: 3, grey: 1, rgb565: 2 };
const FORMATS = Object.keys(PIXEL_BYTES) as PixelFormat[];

function load(name: string, inputMode: "image" | "rows", colours?: "BGR"): Model {
  const options = { inputMode, colours, mean: [120, 117, 104], scale: [0.02, 0.019, 0.021] } as const;
  const { mean, scale, ...rest } = options;
  return loadSync(packModel(readFileSync(modelPath(name)), name, { ...rest, mean: [...mean], scale: [...scale] }).file);
}

const models = [load("v1_grey", "image"), load("v1_grey", "rows"), load("v2_colour", "rows", "BGR")];

/** The pixels of a source as the whole-image path takes them. */
function whole(bytes: Uint8Array, width: number, height: number, format: PixelFormat) {
  if (format !== "rgb565") return { data: bytes, width, height, channels: PIXEL_BYTES[format] as 1 | 3 | 4 };
  const view = new DataView(bytes.buffer);
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const pixel = view.getUint16(2 * i, true);
    // 33 / 4 and 65 / 16: the highest bits again below the lowest.
    const [r, g, b] = [pixel >> 11, (pixel >> 5) & 63, pixel & 31];
    data.set([Math.floor((r * 33) / 4), Math.floor((g * 65) / 16), Math.floor((b * 33) / 4)], 3 * i);
  }
  return { data, width, height, channels: 3 as const };
}

const size = fc.integer({ min: 1, max: 90 });
const sources = fc
  .record({
    width: size,
    height: size,
    format: fc.constantFrom(...FORMATS),
    model: fc.constantFrom(...models),
    seed: fc.integer({ min: 1, max: 1e6 }),
    splits: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1 }),
  })
  .chain((source) =>
    fc.record({
      source: fc.constant(source),
      crop: fc.oneof(
        fc.constantFrom<Crop | undefined>("centre", "full", undefined),
        fc.tuple(fc.nat(source.width - 1), fc.nat(source.height - 1)).chain(([x, y]) =>
          fc.record<Crop & object>({
            x: fc.constant(x),
            y: fc.constant(y),
            width: fc.integer({ min: 1, max: source.width - x }),
            height: fc.integer({ min: 1, max: source.height - y }),
          }),
        ),
      ),
    }),
  );

test("for every split of the rows the outputs are the bytes that the whole image gives", () => {
  fc.assert(
    fc.property(sources, ({ source: { width, height, format, model, seed, splits }, crop }) => {
      const bytes = noise(width * height * PIXEL_BYTES[format], seed);
      const wanted = model.run(model.prepare(whole(bytes, width, height, format), crop));
      const stream = model.stream({ width, height, format, crop });
      let complete = false;
      for (let k = 0, y = 0; y < height; k++) {
        // At least one row in each round of the splits.
        const rows = Math.min(height - y, splits[k % splits.length]! + Number(k % splits.length === 0));
        complete = stream.push(bytes.subarray(y * stream.rowBytes, (y + rows) * stream.rowBytes), rows);
        y += rows;
      }
      assert.ok(complete);
      assert.equal(stream.rowsLeft, 0);
      assert.deepEqual(stream.result(), wanted);
    }),
    { numRuns: 400 },
  );
});

test("the row-wise resampler gives what the whole-image one gives, and keeps only the filter's reach", () => {
  const shape = fc.record({ width: size, height: size });
  fc.assert(
    fc.property(shape, shape, fc.constantFrom(1, 3), (from, to, channels) => {
      const data = noise(from.width * from.height * channels, from.width + from.height);
      const rowStride = from.width * channels;
      const plane = { data, offset: 0, pixelStride: channels, rowStride, ...from, channels };
      const resampler = new RowResampler(from, to, channels);
      for (let image = 0; image < 2; image++) {
        resampler.reset();
        const out: number[] = [];
        for (let y = 0; y < from.height; y++) resampler.push(data, y * rowStride, channels, (row) => out.push(...row));
        assert.deepEqual(Uint8Array.from(out), resample(plane, to.width, to.height));
      }
      const reach = 2 * Math.ceil(Math.max(1, from.height / to.height)) + 1;
      assert.ok(resampler.heldBytes <= reach * to.width * channels);
    }),
    { numRuns: 500 },
  );
});

const [model] = models as [Model];
const image = { data: noise(40 * 30, 5), width: 40, height: 30 };
const wanted = model.run(model.prepare(image));

test("what does not fit is refused with nothing taken, and the image goes on", () => {
  const stream = model.stream({ width: 40, height: 30, format: "grey" });
  assert.throws(() => stream.result(), /30 more rows are needed/);
  stream.push(image.data.subarray(0, 400));
  assert.throws(() => stream.push(image.data.subarray(0, 401)), /401 bytes are not a whole number of rows of 40 bytes/);
  assert.throws(() => stream.push(image.data.subarray(0, 400), 9), /400 bytes are not 9 rows of 40 bytes/);
  assert.throws(() => stream.push(image.data), /30 rows are more than the 20 that are left/);
  assert.throws(() => stream.push([1] as never), InputError);
  assert.throws(() => stream.result(), /the outputs are not complete: 20 more rows are needed/);
  assert.ok(stream.push(image.data.subarray(400)));
  assert.deepEqual(stream.result(), wanted);
  assert.throws(() => stream.push(image.data.subarray(0, 40)), InputError);
  assert.deepEqual(stream.result(), wanted);
});

test("one image after another comes through a stream, whole or not", () => {
  const stream = model.stream({ width: 40, height: 30, format: "grey" });
  for (const rows of [30, 3, 30]) {
    stream.reset();
    stream.push(image.data.subarray(0, 40 * rows));
  }
  assert.deepEqual(stream.result(), wanted);
});

test("a stream whose model was used for something else says so until it is reset", () => {
  const stream = model.stream({ width: 40, height: 30, format: "grey" });
  const { width, channels } = model.info.input;
  for (const use of [
    () => model.run(model.prepare(image)),
    () => model.reset(),
    () => model.push(new Int8Array(width * channels)),
    () => model.stream({ width: 1, height: 1, format: "rgb" }),
  ]) {
    stream.push(image.data.subarray(0, 80));
    use();
    assert.throws(() => stream.push(image.data.subarray(80)), /used for something else/);
    assert.throws(() => stream.result(), /used for something else/);
    stream.reset();
  }
  stream.push(image.data);
  assert.deepEqual(stream.result(), wanted);
});

test("sources that are none are refused", () => {
  for (const source of [
    { width: 0, height: 3, format: "rgb" },
    { width: 2, height: 1.5, format: "rgb" },
    { width: 2, height: 2, format: "yuv" },
    { width: 2, height: 2, format: "toString" },
    { width: 4, height: 4, format: "rgb", crop: { x: 2, y: 0, width: 3, height: 1 } },
  ]) {
    assert.throws(() => model.stream(source as never), InputError);
  }
});
