/** Windows of streamed weights: within their bytes, in the fewest pieces, and the sizes that the report counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LEAST_PART } from "../../assembly/layout.js";
import {
  leastWindow,
  readBytes,
  type WindowShape,
  wholeWindow,
  windowOf,
} from "../../tools/weight-packer/plan/windows.js";
import fc from "../support/property.js";

const shapes: fc.Arbitrary<WindowShape> = fc.record({
  channels: fc.integer({ min: 1, max: 60 }).map((n) => 8 * n),
  depth: fc.integer({ min: 1, max: 500 }).map((n) => 4 * n),
  entry: fc.constantFrom(4, 8),
  blocks: fc.boolean(),
  cuts: fc.boolean(),
});

/** The sizes of docs/streaming.md and assembly/streaming.ts, written out anew. */
function bytesOf({ entry, blocks }: WindowShape, channels: number, depth: number): number {
  const fill = (bytes: number) => (bytes % 16 === 0 ? bytes : bytes + 16 - (bytes % 16));
  const table = blocks ? fill(2 * channels + channels / 8) : 0;
  return 4 * channels + entry * channels + fill(channels) + table + fill(channels * depth);
}

test("a window is as large as it may be or less, and read in the fewest pieces", () => {
  let cut = 0;
  fc.assert(
    fc.property(shapes, fc.integer({ min: 0, max: 20_000 }), (shape, room) => {
      const least = leastWindow(shape);
      assert.equal(windowOf(shape, least - 1), undefined);
      const most = least + room;
      const window = windowOf(shape, most)!;
      const { channels, depth } = window;
      assert.equal(window.bytes, bytesOf(shape, channels, depth));
      assert.ok(window.bytes <= most, `${window.bytes} of ${most} bytes`);
      assert.ok(channels % 8 === 0 && channels <= shape.channels && depth <= shape.depth);

      const fits = (n: number) => bytesOf(shape, n, shape.depth) <= most;
      const counts = Array.from({ length: shape.channels / 8 }, (_, k) => 8 * (k + 1)).filter(fits);
      if (counts.length > 0) {
        assert.ok(!window.cut && depth === shape.depth);
        const pieces = Math.min(...counts.map((n) => Math.ceil(shape.channels / n)));
        assert.equal(Math.ceil(shape.channels / channels), pieces);
        const sizes = Array.from({ length: pieces }, (_, k) => Math.min(channels, shape.channels - k * channels));
        const sum = sizes.reduce((total, n) => total + bytesOf(shape, n, depth), 0);
        assert.equal(window.readBytes, sum);
        assert.equal(readBytes(shape, channels), sum);
      } else {
        cut++;
        assert.ok(
          window.cut && shape.cuts && channels === 8 && depth % 4 === 0 && depth >= LEAST_PART && depth < shape.depth,
        );
        assert.equal(window.readBytes, (shape.channels / 8) * bytesOf(shape, 8, shape.depth));
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(cut > 100, `only ${cut} were cut`);
});

test("the window that keeps all weights is one piece", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const window = wholeWindow(shape);
      assert.deepEqual(window, windowOf(shape, window.bytes));
      assert.equal(window.bytes, window.readBytes);
    }),
  );
});
