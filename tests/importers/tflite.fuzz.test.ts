import assert from "node:assert/strict";
import { test } from "node:test";
import { ImportError, importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { simplify } from "../../tools/weight-packer/passes/index.js";
import { committedModels, operatorCases } from "./models.js";

/** Longest that one import may take, in milliseconds. */
const LIMIT = 2000;

/** A small generator of random numbers (xorshift32), so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Imports; anything but a graph or an ImportError fails, and so does slowness. Returns whether it was taken. */
function attempt(bytes: Uint8Array, what: string): boolean {
  const started = performance.now();
  let taken = true;
  try {
    simplify(importTflite(bytes, "fuzz.tflite"));
  } catch (error) {
    if (!(error instanceof ImportError))
      assert.fail(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
    assert.ok(error.problems.length > 0 && error.message.startsWith("fuzz"), what);
    taken = false;
  }
  const took = performance.now() - started;
  assert.ok(took < LIMIT, `${what} took ${took} ms`);
  return taken;
}

const networks = committedModels()
  .sort((a, b) => a.bytes.length - b.bytes.length)
  .slice(0, 2);

for (const { name, bytes } of networks) {
  test(`${name}, truncated anywhere, is refused`, () => {
    for (let length = 0; length < bytes.length; length += 7)
      attempt(bytes.subarray(0, length), `${name} cut at ${length}`);
  });

  test(`${name} with flipped bytes is a graph or an ImportError`, () => {
    const below = random(name.length);
    for (let run = 0; run < 4000; run += 1) {
      const copy = new Uint8Array(bytes);
      const places = Array.from({ length: 1 + below(4) }, () => below(copy.length));
      for (const place of places) copy[place] = below(2) ? below(256) : copy[place]! ^ (1 << below(8));
      attempt(copy, `${name}, run ${run}, bytes ${places.join(", ")}`);
    }
  });

  test(`${name} with wild words is a graph or an ImportError`, () => {
    const below = random(name.length + 99);
    const words = [0, 1, -1, 4, 0x7fffffff, -0x80000000, 0xffff, 127, bytes.length, bytes.length - 4];
    for (let run = 0; run < 4000; run += 1) {
      const copy = new Uint8Array(bytes);
      const place = below(copy.length / 4 - 1) * 4;
      new DataView(copy.buffer).setInt32(place, words[below(words.length)]! - (below(2) ? 0 : place), true);
      attempt(copy, `${name}, run ${run}, word ${place}`);
    }
  });
}

test("every operator case with flipped bytes is a graph or an ImportError", () => {
  const below = random(7);
  let taken = 0;
  for (const { name, bytes } of operatorCases("operators")) {
    for (let run = 0; run < 30; run += 1) {
      const copy = new Uint8Array(bytes);
      const place = below(copy.length);
      copy[place] = below(256);
      if (attempt(copy, `${name}, byte ${place}`)) taken += 1;
    }
  }
  assert.ok(taken > 0);
});
