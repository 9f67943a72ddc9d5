/** The packed file: header, sections, checksum; the engine takes it; the same model always gives the same bytes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as layout from "../../assembly/layout.js";
import { checksum } from "../../src/checksum.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { Records } from "../../tools/weight-packer/records.js";
import { assertBytes, machine, newEngine, reserve, VARIANTS } from "../support/engine.js";
import { golden, MODELS, modelPath } from "../support/models.js";
import { noise } from "../support/noise.js";

const pack = (name: string, options: Parameters<typeof packModel>[2] = {}) =>
  packModel(readFileSync(modelPath(name)), `${name}.tflite`, options).file;

for (const name of MODELS) {
  test(`${name}: header and sections are as the format says`, () => {
    const file = pack(name, { labels: "böat\ncat\n" });
    const records = new Records(file);
    assert.equal(records.header(layout.HEADER_MAGIC), layout.MAGIC);
    assert.equal(Buffer.from(file.subarray(0, 4)).toString(), "MIDG");
    assert.equal(records.header(layout.HEADER_VERSION), layout.VERSION);
    assert.equal(records.header(layout.HEADER_FILE_BYTES), file.length);
    assert.equal(file.length % 16, 0);
    assert.equal(records.header(layout.HEADER_CHECKSUM), checksum(file));
    assert.equal(records.header(layout.HEADER_FEATURES), 0);
    assert.equal(records.header(layout.HEADER_ARENA_BYTES) % 16, 0);
    const sections = [
      layout.HEADER_TENSORS,
      layout.HEADER_STEPS,
      layout.HEADER_SEGMENTS,
      layout.HEADER_CONSUMERS,
      layout.HEADER_OUTPUTS,
      layout.HEADER_LABELS,
      layout.HEADER_NAME,
    ].map((field) => records.header(field));
    for (const offset of sections) {
      assert.ok(offset >= layout.HEADER_BYTES && offset < file.length);
      assert.equal(offset % 16, 0);
    }
    assert.equal(new Set(sections).size, sections.length);
    assert.equal(records.segments.at(-1), records.stepCount);
    const text = (offset: number, bytes: number) =>
      Buffer.from(file.subarray(records.header(offset)).subarray(0, records.header(bytes))).toString();
    assert.equal(text(layout.HEADER_LABELS, layout.HEADER_LABELS_BYTES), "böat\ncat\n");
    assert.ok(text(layout.HEADER_NAME, layout.HEADER_NAME_BYTES).length > 0);
  });

  test(`${name}: ports say what the source model's inputs and outputs are`, () => {
    const file = pack(name);
    const records = new Records(file);
    const view = new DataView(file.buffer, file.byteOffset);
    const { input, outputs } = golden(name);
    const ports = [layout.HEADER_INPUT];
    for (let k = 0; k < outputs.length; k++) ports.push(records.header(layout.HEADER_OUTPUTS) + k * layout.PORT_BYTES);
    [input, ...outputs].forEach((wanted, i) => {
      const at = ports[i]!;
      assert.equal(
        view.getUint32(at + layout.PORT_TYPE, true),
        wanted.dtype === "uint8" ? layout.TYPE_UINT8 : layout.TYPE_INT8,
      );
      assert.equal(view.getFloat32(at + layout.PORT_SCALE, true), Math.fround(wanted.scale));
      assert.equal(view.getInt32(at + layout.PORT_ZERO_POINT, true), wanted.zero_point);
      const rank = view.getUint32(at + layout.PORT_RANK, true);
      const shape = Array.from({ length: rank }, (_, d) => view.getUint32(at + layout.PORT_SHAPE + 4 * d, true));
      assert.deepEqual(shape, wanted.shape);
    });
  });

  test(`${name}: the same model gives the same file`, () => {
    for (const options of [{}, { inputMode: "rows" as const }, { keepAll: true }]) {
      assertBytes(pack(name, options), pack(name, options), JSON.stringify(options));
    }
  });
}

test("the engine's checksum is the packer's, whatever the bytes", () => {
  for (const variant of VARIANTS) {
    const engine = newEngine(variant);
    reserve(engine, 1 << 20);
    for (let seed = 1; seed < 200; seed++) {
      const file = noise(16 * (12 + (seed % 40)), seed);
      const view = new DataView(file.buffer);
      view.setUint32(layout.HEADER_MAGIC, layout.MAGIC, true);
      view.setUint32(layout.HEADER_VERSION, layout.VERSION, true);
      view.setUint32(layout.HEADER_FILE_BYTES, file.length, true);
      const right = checksum(file);
      for (const wrong of [0, 1, 1 << (seed % 32)]) {
        view.setUint32(layout.HEADER_CHECKSUM, right ^ wrong, true);
        new Uint8Array(engine.memory.buffer).set(file, 4096);
        const status = engine.load(4096, file.length, 65536, 65536) & 0xff;
        assert.equal(status === layout.STATUS_CHECKSUM, wrong !== 0, `seed ${seed}`);
        assert.notEqual(status, layout.STATUS_OK);
      }
    }
  }
});

test("options reach the header", () => {
  const records = new Records(
    pack("v2_colour", { colours: "BGR", crop: "full", mean: [1, 2, 3], scale: [0.5, 0.25, 2] }),
  );
  const view = new DataView(records.file.buffer, records.file.byteOffset);
  assert.equal(records.header(layout.HEADER_COLOUR_ORDER), 1);
  assert.equal(records.header(layout.HEADER_RESIZE_RULE), 1);
  assert.deepEqual(
    [0, 1, 2].map((c) => view.getFloat32(layout.HEADER_MEAN + 4 * c, true)),
    [1, 2, 3],
  );
  assert.deepEqual(
    [0, 1, 2].map((c) => view.getFloat32(layout.HEADER_SCALE + 4 * c, true)),
    [0.5, 0.25, 2],
  );
  assert.equal(new Records(pack("v1_grey")).header(layout.HEADER_COLOUR_ORDER), 2);
});

test("a file must lie at a multiple of 16, whole, with all of its arena", () => {
  const file = pack("v1_grey");
  for (const variant of VARIANTS) {
    const { engine, file: at, arena, records } = machine(variant, file);
    const bytes = records.header(layout.HEADER_ARENA_BYTES);
    assert.equal(engine.load(at, file.length, arena, bytes), layout.STATUS_OK);
    assert.equal(engine.load(at + 4, file.length, arena, bytes) & 0xff, layout.STATUS_ALIGNMENT);
    assert.equal(engine.load(at, file.length, arena + 8, bytes) & 0xff, layout.STATUS_ALIGNMENT);
    assert.equal(engine.load(at, file.length - 16, arena, bytes) & 0xff, layout.STATUS_LENGTH);
    assert.equal(engine.load(at, 100, arena, bytes) & 0xff, layout.STATUS_LENGTH);
    assert.equal(engine.load(at, file.length, arena, bytes - 1) & 0xff, layout.STATUS_ARENA);
    assert.equal(engine.load(at, file.length, arena, 0) & 0xff, layout.STATUS_ARENA);
  }
});
