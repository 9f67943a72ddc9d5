import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { InputError } from "../../src/errors.js";
import { fit, type Pixels, rectangleOf } from "../../src/image.js";
import { decodeBmp } from "../../tools/weight-packer/cli/bmp.js";
import { noise } from "../support/noise.js";
import { shared, without } from "../support/shared.js";

interface Golden {
  seed: number;
  width: number;
  height: number;
  channels: 1 | 3;
  crop: [number, number, number, number] | null;
  luma: boolean;
  newWidth: number;
  newHeight: number;
  bytes: string;
}

const golden = JSON.parse(readFileSync(new URL("resample.golden.json", import.meta.url), "utf8")) as Golden[];

for (const g of golden) {
  const name = `${g.width}x${g.height}x${g.channels} ${g.crop ? `crop ${g.crop} ` : ""}to ${g.newWidth}x${g.newHeight}`;
  test(`fit gives Pillow's bytes: ${name}${g.luma ? " grey" : ""}`, () => {
    const image: Pixels = {
      data: noise(g.width * g.height * g.channels, g.seed),
      width: g.width,
      height: g.height,
      channels: g.channels,
    };
    const crop = g.crop ? { x: g.crop[0], y: g.crop[1], width: g.crop[2], height: g.crop[3] } : "full";
    const out = fit(image, crop, g.newWidth, g.newHeight, g.luma ? 1 : g.channels);
    assert.deepEqual(Buffer.from(out), Buffer.from(g.bytes, "base64"));
  });
}

for (const [model, side] of [
  ["mobilenet_v1_0.25_128_quant", 128],
  ["mobilenet_v2_1.0_224_quant", 224],
] as const) {
  for (const photo of ["cat", "grace_hopper"]) {
    const path = `golden/${model}/${photo}.input.gz`;
    test(`fit gives the golden input of ${model} for ${photo}`, { skip: without(path) }, () => {
      const image = decodeBmp(readFileSync(shared(`images/${photo}.bmp`)), photo);
      assert.deepEqual(Buffer.from(fit(image, "centre", side, side, 3)), gunzipSync(readFileSync(shared(path))));
    });
  }
}

test("alpha is ignored", () => {
  const rgb = noise(9 * 7 * 3, 3);
  const rgba = new Uint8ClampedArray(9 * 7 * 4);
  for (let i = 0; i < 9 * 7; i++) rgba.set([...rgb.subarray(i * 3, i * 3 + 3), i], i * 4);
  const image = { width: 9, height: 7 };
  assert.deepEqual(fit({ ...image, data: rgba }, "centre", 4, 4, 3), fit({ ...image, data: rgb }, "centre", 4, 4, 3));
});

test("grey pixels fill the channels of a colour model", () => {
  assert.deepEqual([...fit({ data: new Uint8Array([9, 9, 9, 9]), width: 2, height: 2 }, "full", 1, 1, 3)], [9, 9, 9]);
});

test("the centre crop is the largest square, rounded towards the upper left", () => {
  assert.deepEqual(rectangleOf("centre", 10, 5), { x: 2, y: 0, width: 5, height: 5 });
  assert.deepEqual(rectangleOf("centre", 4, 9), { x: 0, y: 2, width: 4, height: 4 });
});

test("images and crops that do not fit are refused", () => {
  const data = new Uint8Array(12);
  assert.throws(() => fit({ data, width: 2, height: 3 }, "full", 1, 1, 3), InputError);
  assert.throws(() => fit({ data, width: 0, height: 2 }, "full", 1, 1, 3), InputError);
  assert.throws(() => fit({ data, width: 2, height: 2, channels: 4 }, "full", 1, 1, 3), InputError);
  assert.throws(() => fit({ data: [1] as never, width: 1, height: 1 }, "full", 1, 1, 3), InputError);
  for (const crop of [
    { x: -1, y: 0, width: 1, height: 1 },
    { x: 1, y: 0, width: 2, height: 1 },
    { x: 0, y: 0, width: 0, height: 1 },
    { x: 0.5, y: 0, width: 1, height: 1 },
  ]) {
    assert.throws(() => fit({ data, width: 2, height: 2 }, crop, 1, 1, 3), InputError);
  }
});
