/** What `midge pack --report` draws: the firings and blocks that are read back from a packed file. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { lower } from "../../tools/weight-packer/lower/lower.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { simplify } from "../../tools/weight-packer/passes/index.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { planRequest } from "../../tools/weight-packer/plan/request.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import { Records } from "../../tools/weight-packer/records.js";
import { arenaReport } from "../../tools/weight-packer/report-arena.js";
import { followFirings, type Span } from "../../tools/weight-packer/report-firings.js";
import { arenaPicture } from "../../tools/weight-packer/report-picture.js";
import { timeAxis } from "../../tools/weight-packer/report-time.js";
import { MODELS, modelPath } from "../support/models.js";

for (const name of MODELS) {
  for (const inputMode of ["image", "rows"] as const) {
    const bytes = readFileSync(modelPath(name));
    const { file, report } = packModel(bytes, name, { inputMode });

    test(`${name}, ${inputMode}: the firings are those of the plan`, () => {
      const request = planRequest(lower(simplify(importTflite(bytes, name)), name), inputMode);
      const { firings } = verify(request, plan(request));
      const { steps, segmentEnds } = followFirings(new Records(file));
      assert.deepEqual(
        firings,
        firings.map((_, step) => steps.filter((s) => s === step).length),
      );
      assert.equal(segmentEnds.at(-1), steps.length);
    });

    test(`${name}, ${inputMode}: no byte is in use by two blocks at once, and the peak is the report's`, () => {
      const { blocks, peak, segments, arenaBytes } = arenaReport(file);
      const during = (a: Span, b: Span) => a.from < b.until && b.from < a.until;
      const over = (a: Span, b: Span) => a.first < b.end && b.first < a.end;
      for (const [k, a] of blocks.entries()) {
        assert.ok(a.firstFiring < a.endFiring && a.offset + a.bytes <= arenaBytes, a.name);
        for (const { from, until, first, end } of a.spans) {
          assert.ok(a.firstFiring <= from && from < until && until <= a.endFiring, a.name);
          assert.ok(a.offset <= first && first < end && end <= a.offset + a.bytes, a.name);
        }
        for (const b of blocks.slice(k + 1)) {
          const shared = a.spans.find((one) => b.spans.some((other) => during(one, other) && over(one, other)));
          assert.ok(!shared, `${a.name} and ${b.name}`);
        }
      }
      assert.deepEqual(peak, report.peak);
      assert.equal(segments[peak.segment]!.bytes, peak.bytes);
      assert.ok(peak.bytes <= arenaBytes);
    });
  }
}

const { file } = packModel(readFileSync(modelPath("v2_colour")), "v2_colour.tflite");

test("the picture has a box with a name for each block, and escapes the model's name", () => {
  const arena = { ...arenaReport(file), name: 'a<b> & "c"\u0007' };
  const svg = arenaPicture(arena);
  assert.equal(svg.split("<g><title>").length - 1, arena.blocks.length + arena.segments.length);
  assert.match(svg, /a&lt;b&gt; &amp; &quot;c&quot;</);
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.match(svg, new RegExp(`peak: .*segment ${arena.peak.segment}<`));
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
});

test("the time axis is even inside of a segment, and never turns back", () => {
  const arena = arenaReport(file);
  const axis = timeAxis(arena, 100);
  const firings = arena.segments.at(-1)!.endFiring;
  assert.equal(axis(0), 0);
  assert.ok(Math.abs(axis(firings) - 100) < 1e-9);
  for (let k = 0; k < firings; k++) assert.ok(axis(k) < axis(k + 1));
});

test("a file whose records lead astray is refused, not followed", () => {
  const damaged = file.slice();
  const records = new Records(damaged);
  new DataView(damaged.buffer).setUint32(records.header(36) + 20, 0, true);
  assert.throws(() => followFirings(new Records(damaged)), /damaged/);
});
