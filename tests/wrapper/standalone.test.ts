import assert from "node:assert/strict";
import { test } from "node:test";
import { mvp } from "../../src/index.js";
import { carriedModel, standalone } from "../../src/standalone.js";
import { noise } from "../support/noise.js";

for (const length of [0, 16, 127, 128, 20000]) {
  test(`a standalone module gives back its model of ${length} bytes`, () => {
    const model = noise(length, 1);
    const module = new WebAssembly.Module(standalone(mvp.bytes(), model));
    assert.deepEqual(carriedModel(module), new Uint8Array(model));
    assert.equal(carriedModel(new WebAssembly.Module(mvp.bytes())), undefined);
  });
}
