import assert from "node:assert/strict";
import { test } from "node:test";
import type { Preprocessing, TensorInfo } from "../../src/info.js";
import { pixelTable, quantisePixels } from "../../src/quantise.js";

function input(type: "int8" | "uint8", scale: number, zeroPoint: number, channels = 3): TensorInfo {
  const shape = [1, 1, 1, channels];
  const extent = { height: 1, width: 1, channels, planar: false };
  return { type, quantisedType: type, scale, zeroPoint, shape, length: channels, ...extent, parts: [] };
}

function preprocessing(mean: number, scale: number): Preprocessing {
  return { colours: "RGB", crop: "centre", mean: [mean, mean, mean], scale: [scale, scale, scale] };
}

test("the table is the identity for a uint8 model of -1..1", () => {
  const scale = Math.fround(1 / 127.5);
  const table = pixelTable(input("uint8", scale, 128), preprocessing(128, scale));
  assert.deepEqual(
    [...table],
    [...new Array(768).keys()].map((i) => i % 256),
  );
});

test("the table flips the highest bit for an int8 model of 0..1", () => {
  const scale = Math.fround(1 / 255);
  const table = pixelTable(input("int8", scale, -128), preprocessing(0, scale));
  for (let p = 0; p < 256; p++) assert.equal(table[p], p ^ 0x80);
});

test("the table clamps and rounds half up", () => {
  const table = pixelTable(input("int8", 1, 0, 1), preprocessing(100, 0.5));
  assert.deepEqual([table[0], table[99], table[100], table[101]], [256 - 50, 0, 0, 1]);
  const wide = new Int8Array(pixelTable(input("int8", 1, 0, 1), preprocessing(100, 10)).buffer);
  assert.deepEqual([wide[0], wide[255]], [-128, 127]);
});

test("pixels go through their channel's table, red and blue swapped for BGR", () => {
  const table = new Uint8Array(768);
  for (let c = 0; c < 3; c++) for (let p = 0; p < 256; p++) table[c * 256 + p] = (c + 1) * 10 + p;
  const pixels = new Uint8Array([1, 2, 3, 4, 5, 6]);
  quantisePixels(pixels, table, 3, true);
  assert.deepEqual([...pixels], [13, 22, 31, 16, 25, 34]);
});
