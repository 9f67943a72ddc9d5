/** The packed models in models/ are what this packer makes of the source models beside them: `npm run models`. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { packModel } from "../../tools/weight-packer/pack.js";

const folder = new URL("../../models/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder));

for (const source of readdirSync(folder).filter((name) => name.endsWith(".tflite"))) {
  test(`models/${source} is packed as this packer packs it`, () => {
    const labels = read("cifar10_labels.txt").toString().trimEnd();
    const { file } = packModel(read(source), source, { labels });
    const packed = read(source.replace(/tflite$/, "midge"));
    assert.ok(packed.equals(file), "run `npm run models`");
  });
}
