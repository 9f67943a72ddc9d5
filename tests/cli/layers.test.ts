/** `midge bench --layers`: what it times is the layer that it names, and what it prints adds up. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { STEP_OUTPUT } from "../../assembly/layout.js";
import { supports, VARIANTS, type Variant } from "../../src/engine.js";
import { BoundModel } from "../../tools/weight-packer/cli/bound-model.js";
import type { VariantLayers } from "../../tools/weight-packer/cli/layers.js";
import { peakLoop } from "../../tools/weight-packer/cli/peak.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { Records } from "../../tools/weight-packer/records.js";
import type { PackReport } from "../../tools/weight-packer/report.js";
import { midge, midgeJson, temporaryFolder } from "../support/command.js";
import { engineModule, VARIANTS as RUNNABLE } from "../support/engine.js";
import { modelPath, packed } from "../support/models.js";

const folder = temporaryFolder();

for (const variant of RUNNABLE) {
  test(`a step run alone makes its whole output again and nothing else (${variant})`, () => {
    const whole = packModel(readFileSync(modelPath("v3_colour")), "v3_colour", { keepAll: true }).file;
    const records = new Records(whole);
    const model = new BoundModel(engineModule(variant), whole);
    const tensors = () => Array.from({ length: records.tensorCount }, (_, k) => model.tensor(k).slice());
    const before = tensors();
    for (let step = 0; step < model.steps; step++) {
      const output = model.tensor(records.step(step, STEP_OUTPUT));
      const run = model.only(step);
      for (let times = 0; times < 2; times++) {
        output.fill(0x55);
        run();
        assert.deepEqual(tensors(), before, `step ${step}`);
      }
    }
    model.run();
  });
}

test("bench --layers prints every layer in every build that runs here", () => {
  const source = modelPath("v2_colour");
  const { macs, variants } = midgeJson<{ macs: number; variants: Record<Variant, VariantLayers> }>(
    ...["bench", source, "--layers", "--seconds", "0.1"],
  );
  const facts = midgeJson<PackReport>("inspect", source);
  assert.equal(macs, facts.macs);
  assert.deepEqual(Object.keys(variants), VARIANTS.filter(supports));
  for (const { peakMacsPerSecond, layers, sumMs, layerByLayer, planned } of Object.values(variants)) {
    assert.deepEqual(
      layers.map((l) => [l.operator, l.macs]),
      facts.layers.map((l) => [l.operator, l.macs]),
    );
    const total = (values: number[]) => values.reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(total(layers.map(({ share }) => share)) - 1) < 1e-9);
    assert.ok(Math.abs(total(layers.map(({ minMs }) => minMs)) / sumMs - 1) < 1e-9);
    for (const { macs: products, minMs, medianMs, macsPerSecond, ofPeak } of layers) {
      assert.ok(minMs > 0 && minMs <= medianMs);
      if (products === 0) assert.deepEqual([macsPerSecond, ofPeak], [undefined, undefined]);
      else assert.ok(Math.abs(ofPeak! * peakMacsPerSecond * (minMs / 1000) - products) < 1e-6 * products);
    }
    for (const { minMs, runs } of [layerByLayer, planned]) assert.ok(minMs > 0 && runs > 0);
  }
  const { stdout } = midge("bench", source, "--layers", "--seconds", "0.1", "--variant", "mvp");
  assert.match(stdout, /^mvp: its dot product alone reaches [\d.]+ GMAC\/s here$/m);
  assert.match(stdout, /^sum of the layers +[\d.]+ ms$/m);
});

test("bench --layers says what it cannot take", () => {
  const file = join(folder, "grey.midge");
  writeFileSync(file, packed("v1_grey"));
  const { status, stderr } = midge("bench", file, "--layers");
  assert.equal(status, 1);
  assert.match(stderr, /^midge: .*grey\.midge is packed already: give its source model\n$/);
});

/** The sums after one dot product of each chain, by the instructions' definitions; x's bytes are below 128. */
const STEPS: Record<Variant, { macs: number; next: (sum: number, x: number) => number }> = {
  mvp: { macs: 1, next: (sum, x) => (Math.imul(sum, x) + sum) | 0 },
  simd: {
    macs: 8,
    next: (sum, x) => (Math.imul((sum << 16) >> 16, (x << 16) >> 16) + Math.imul(sum >> 16, x >> 16) + sum) | 0,
  },
  relaxed: {
    macs: 16,
    next: (sum, x) => (sum + (x & 255) ** 2 + ((x >> 8) & 255) ** 2 + ((x >> 16) & 255) ** 2 + (x >>> 24) ** 2) | 0,
  },
};

for (const variant of VARIANTS.filter(supports)) {
  test(`the peak's loop does the products that it counts (${variant})`, () => {
    const { chains, macs, run } = peakLoop(variant);
    const { macs: each, next } = STEPS[variant];
    const updates = macs / each / chains;
    const turns = updates / 4;
    let wanted = 0;
    for (let k = 0; k < chains; k++) {
      let sum = turns + 2 + k;
      for (let i = 0; i < updates; i++) sum = next(sum, turns + 1);
      wanted ^= sum;
    }
    assert.equal(run(), wanted);
  });
}
