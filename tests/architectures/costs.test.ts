/** Block tables, channel rounding and counts, against Keras' applications and what papers print. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { costRatios, costs, macsOf, weightsOf } from "../../tools/weight-packer/architectures/costs.js";
import {
  ARCHITECTURE_NAMES,
  type ArchitectureName,
  describeMember,
  IMAGENET_CLASSES,
  memberName,
} from "../../tools/weight-packer/architectures/index.js";
import { memberCosts, membersOf } from "../../tools/weight-packer/architectures/table.js";

/** keras_costs.json. */
interface KerasModel {
  architecture: ArchitectureName;
  alpha: number;
  resolution: number;
  macs: number;
  parameters: number;
  layers?: [kind: string, kernel: number, stride: number, ...output: [number, number, number], weights: number][];
}

const keras = JSON.parse(readFileSync(new URL("../models/keras_costs.json", import.meta.url), "utf8")) as {
  models: KerasModel[];
};

test("MACs and parameters of V1, V2 and V3 are those of Keras' applications", () => {
  assert.equal(new Set(keras.models.map((model) => model.architecture)).size, 6);
  for (const { architecture, alpha, resolution, macs, parameters } of keras.models) {
    const member = { architecture, alpha, resolution, classes: IMAGENET_CLASSES };
    const counted = costs(describeMember(member));
    assert.deepEqual([counted.macs, counted.parameters], [macs, parameters], memberName(member));
  }
});

test("layers of V1, V2 and V3 are those of Keras' applications, one by one", () => {
  for (const { architecture, alpha, resolution, layers } of keras.models) {
    if (!layers) continue;
    const { layers: described } = describeMember({ architecture, alpha, resolution, classes: IMAGENET_CLASSES });
    const ours = described.flatMap((layer) => {
      if (!("kernel" in layer)) return [];
      return [[layer.kind, layer.kernel, layer.stride, ...layer.output, weightsOf(layer)]];
    });
    assert.deepEqual(ours, layers, `${architecture} ${alpha}`);
  }
});

test("published figures are what is counted, but for the misprints", () => {
  let [right, wrong] = [0, 0];
  for (const member of membersOf()) {
    for (const { publication, macs, parameters } of memberCosts(member).published) {
      for (const figure of [macs, parameters]) {
        if (!figure) continue;
        const label = `${publication}, ${memberName(member)}: ${figure.printed}`;
        assert.equal(figure.agrees, figure.misprint === undefined, label);
        if (figure.agrees) right++;
        else wrong++;
      }
    }
  }
  assert.deepEqual({ right, wrong }, { right: 109, wrong: 15 });
});

test("every architecture has published members, and a name", () => {
  for (const architecture of ARCHITECTURE_NAMES) assert.ok(membersOf(architecture).length > 0, architecture);
  assert.equal(
    memberName({ architecture: "mobilenet_v2", alpha: 0.35, resolution: 96, classes: 2 }),
    "mobilenet_v2_0.35_96",
  );
});

test("V1's pairs cost what its paper's formula says; a block of V2 with its expansion does not", () => {
  const v1 = describeMember({ architecture: "mobilenet_v1", alpha: 0.75, resolution: 160, classes: 10 });
  const ratios = costRatios(v1);
  assert.equal(ratios.length, 13);
  for (const { formula, pair, block } of ratios) {
    assert.ok(Math.abs(pair - formula) < 1e-12);
    assert.ok(Math.abs(block - formula) < 1e-12);
  }
  // Block 2: 112x112x16, expanded to 96, stride 2, 24 channels.
  const v2 = describeMember({ architecture: "mobilenet_v2", alpha: 1, resolution: 224, classes: 1000 });
  const second = costRatios(v2)[1]!;
  assert.ok(Math.abs(second.formula - (1 / 24 + 1 / 9)) < 1e-12);
  const block = 112 * 112 * 16 * 96 + 56 * 56 * (9 * 96 + 96 * 24);
  assert.ok(Math.abs(second.block - block / (56 * 56 * 9 * 16 * 24)) < 1e-12);
});

test("pairs are found through gates, and before expansions", () => {
  const pairs = (architecture: ArchitectureName) =>
    costRatios(describeMember({ architecture, alpha: 1, resolution: 224, classes: 1000 })).length;
  assert.equal(pairs("mobilenet_v3_small"), 11);
  assert.equal(pairs("mobilenet_v3_large"), 15);
  // One or two depthwise layers in each universal block.
  assert.equal(pairs("mobilenet_v4_conv_small"), 15);
});

test("a mean, a sum or a product costs no MACs", () => {
  const { layers } = describeMember({
    architecture: "mobilenet_v3_small",
    alpha: 1,
    resolution: 96,
    classes: 10,
  });
  for (const kind of ["mean", "add", "multiply", "softmax"]) {
    const found = layers.filter((layer) => layer.kind === kind);
    assert.ok(found.length > 0, kind);
    for (const layer of found) assert.equal(macsOf(layer), 0);
  }
});
