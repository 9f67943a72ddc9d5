/** The published detectors, where ../shared is: every golden case in all builds that run here. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { supports, VARIANTS } from "../../src/engine.js";
import { loadSync } from "../../src/index.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { shared, without } from "../support/shared.js";

interface Golden {
  model: string;
  cases: { name: string; input: string; outputs: { file: string }[] }[];
}

for (const name of ["ssd_mobilenet_v1_one_class_quant", "ssdlite_mobilenet_v2_fish_quant"]) {
  const folder = `golden/${name}`;
  test(`${name} equals TFLite's reference`, { skip: without(folder) }, () => {
    const bytes = (file: string): Buffer => gunzipSync(readFileSync(shared(`${folder}/${file}`)));
    const { model, cases } = JSON.parse(readFileSync(shared(`${folder}/golden.json`), "utf8")) as Golden;
    const { file } = packModel(readFileSync(shared(`models/${model}`)), model);
    for (const engine of VARIANTS.filter(supports)) {
      const loaded = loadSync(file, { engine });
      for (const c of cases) {
        const results = loaded.run(bytes(c.input));
        assert.equal(results.length, 4);
        for (const [k, output] of c.outputs.entries())
          assert.ok(bytes(output.file).equals(new Uint8Array(results[k]!.buffer)), `${c.name} ${engine}, output ${k}`);
      }
    }
  });
}
