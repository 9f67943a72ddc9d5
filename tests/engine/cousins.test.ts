/**
 * The cases of tests/models/cousins.py: TFLite's bytes through the wrapper, which feeds and reads models as their source
 * has it: float32 ends, channels first, outputs in parts. In every build, under the plan, pushed and with all kept.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadSync, supports, VARIANTS } from "../../src/index.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { goldenCousins } from "../support/engine-goldens.js";

const cousins = goldenCousins();
const builds = VARIANTS.filter(supports);

for (const op of new Set(cousins.map((entry) => entry.op))) {
  test(`${op} among cousins equals TFLite's reference`, () => {
    for (const entry of cousins) if (entry.op === op) check(entry);
  });
}

/** The elements of a golden input. */
function elements(dtype: string, bytes: Uint8Array): Int8Array | Uint8Array | Float32Array {
  const { buffer } = Uint8Array.from(bytes);
  return dtype === "float32" ? new Float32Array(buffer) : dtype === "int8" ? new Int8Array(buffer) : bytes;
}

function check({ name, model, inputs, outputs, cases }: (typeof cousins)[number]): void {
  const files = [{}, { inputMode: "rows" }, { keepAll: true }] as const;
  for (const options of files) {
    const { file } = packModel(model, name, options);
    for (const engine of builds) {
      const loaded = loadSync(file, { engine });
      const about = `${name} ${engine} ${JSON.stringify(options)}`;
      assert.deepEqual(loaded.info.input.shape, inputs[0]!.shape.slice(-4), about);
      assert.deepEqual(loaded.info.input.type, inputs[0]!.dtype, about);
      assert.deepEqual(
        loaded.info.outputs.map(({ shape, type }) => ({ shape, type })),
        outputs.map(({ shape, dtype }) => ({ shape, type: dtype })),
        about,
      );
      for (const c of cases) {
        const got = loaded.run(elements(inputs[0]!.dtype, c.inputs[0]!));
        for (const [k, want] of c.outputs.entries()) {
          assert.deepEqual(Buffer.from(got[k]!.buffer), Buffer.from(want), `${about} ${c.name}, output ${k}`);
        }
      }
    }
  }
}
