/** Indices in the source's own type, and what segment makes of an output. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InputError, loadSync } from "../../src/index.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { goldenOperators } from "../support/engine-goldens.js";
import { packed, typed } from "../support/models.js";
import { noise } from "../support/noise.js";

const operators = goldenOperators("operators");
const named = (name: string) => operators.find((c) => c.name === name)!;

for (const [name, type, array] of [
  ["arg_max_network_uint8", "int64", BigInt64Array],
  ["arg_max_network_int8", "int32", Int32Array],
] as const) {
  test(`run gives indices as ${type}`, () => {
    const { model, inputs, outputs, cases } = named(name);
    const loaded = loadSync(packModel(model, name, { labels: "a\nb\n" }).file);
    const [info] = loaded.info.outputs;
    assert.deepEqual([info!.type, info!.shape], [type, outputs[0]!.shape]);
    assert.deepEqual([1, info!.height, info!.width], outputs[0]!.shape);
    assert.equal(info!.channels, 1);
    for (const c of cases) {
      const [got] = loaded.run(typed(inputs[0]!.dtype, c.inputs[0]!));
      assert.ok(got instanceof array);
      assert.deepEqual(Array.from(got, Number), [...c.outputs[0]!]);
    }
    const image = { data: noise(40 * 20 * 3, 3), width: 40, height: 20 };
    assert.equal(loaded.info.preprocessing.crop, "full");
    assert.throws(() => loaded.classify(image), InputError);
    const map = loaded.segment(image);
    const [direct] = loaded.run(loaded.prepare(image, "full"));
    assert.deepEqual([...map.classes], Array.from(direct!, Number));
    assert.deepEqual([map.width, map.height, map.labels], [info!.width, info!.height, ["a", "b"]]);
  });
}

test("segment takes the nearest class at another size", () => {
  const loaded = loadSync(packModel(named("arg_max_network_int8").model, "x").file);
  const image = { data: noise(40 * 20 * 3, 3), width: 40, height: 20 };
  const own = loaded.segment(image);
  const twice = loaded.segment(image, { size: { width: own.width * 2, height: own.height * 3 } });
  for (const [at, index] of twice.classes.entries()) {
    const [y, x] = [Math.floor(at / twice.width), at % twice.width];
    assert.equal(index, own.classes[Math.floor(y / 3) * own.width + (x >> 1)]);
  }
  assert.throws(() => loaded.segment(image, { size: { width: 0, height: 4 } }), InputError);
});

test("segment takes the first greatest score of a map of scores", () => {
  for (const type of ["int8", "uint8"]) {
    const source = operators.find(
      ({ op, inputs, outputs }) =>
        op === "RESIZE_NEAREST_NEIGHBOR" && inputs[0]!.dtype === type && outputs[0]!.shape[3] === 3,
    )!;
    const loaded = loadSync(packModel(source.model, source.name).file);
    const { data, width, height } = { data: noise(20 * 20 * 3, 5), width: 20, height: 20 };
    const { classes } = loaded.segment({ data, width, height });
    const [scores] = loaded.run(loaded.prepare({ data, width, height }));
    const values = Array.from(scores!, Number);
    for (const [pixel, index] of classes.entries()) {
      const here = values.slice(3 * pixel, 3 * pixel + 3);
      assert.equal(index, here.indexOf(Math.max(...here)));
    }
  }
});

test("segment refuses a model that gives no map", () => {
  const image = { data: noise(24 * 24, 3), width: 24, height: 24 };
  assert.throws(() => loadSync(packed("v1_grey")).segment(image), /is no map of classes/);
});
