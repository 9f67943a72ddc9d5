import assert from "node:assert/strict";
import { test } from "node:test";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import type { Plan, PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import { mobilenetV1, mobilenetV2 } from "./networks.js";

/** Most bytes of arena, in KiB, by model and input mode. */
const CASES: { name: string; mode: PlanRequest["inputMode"]; most: number; request: PlanRequest }[] = [];
for (const mode of ["image", "rows"] as const) {
  const most = (image: number, rows: number): number => (mode === "image" ? image : rows);
  CASES.push({ name: "V1 0.25 96", mode, most: most(31, 14.5), request: mobilenetV1(96, 0.25, 2, mode) });
  CASES.push({ name: "V1 0.25 128", mode, most: most(52, 21.5), request: mobilenetV1(128, 0.25, 1001, mode) });
  CASES.push({ name: "V2 1.0 224", mode, most: most(196, 123), request: mobilenetV2(224, 1001, mode).request });
}

for (const { name, mode, most, request } of CASES) {
  test(`${name}, input ${mode}: at most ${most} KiB, and it runs`, (context) => {
    const start = performance.now();
    const result = plan(request, "min");
    const milliseconds = performance.now() - start;
    const { firings } = verify(request, result);
    const sum = firings.reduce((total, count) => total + count, 0);
    context.diagnostic(
      `${(result.arenaBytes / 1024).toFixed(2)} KiB, ${result.segments.length} segments, ${sum} firings, ` +
        `planned in ${milliseconds.toFixed(0)} ms`,
    );
    assert.ok(result.arenaBytes <= most * 1024, `${result.arenaBytes} bytes`);
    assert.deepEqual(plan(request, "min"), result, "the same request gives the same plan");
  });
}

/** What the arena may take if nothing is said of RAM, in KiB. */
for (const { name, mode, request } of CASES) {
  const [image, rows] = { "V1 0.25 96": [42, 17], "V1 0.25 128": [72, 24], "V2 1.0 224": [285, 150] }[name]!;
  const most = mode === "image" ? image! : rows!;
  test(`${name}, input ${mode}: by default at most ${most} KiB, of use to fire less often`, () => {
    const least = plan(request, "min");
    const usual = plan(request);
    const fastest = plan(request, "fastest");
    const total = (result: Plan): number => verify(request, result).firings.reduce((sum, count) => sum + count, 0);
    assert.ok(usual.arenaBytes <= most * 1024, `${usual.arenaBytes} bytes`);
    assert.ok(usual.arenaBytes <= least.arenaBytes * (mode === "image" ? 4 / 3 : 9 / 8));
    assert.ok(total(fastest) < total(usual) && total(usual) < total(least));
    assert.deepEqual(plan(request), usual, "the same request gives the same plan");
  });
}

function whole(request: PlanRequest, result: Plan, tensor: number): boolean {
  return result.tensors[tensor]!.ringRows === request.tensors[tensor]!.height;
}

test("V2's expanded tensors are never held whole where they are large", () => {
  for (const mode of ["image", "rows"] as const) {
    const { request, expanded } = mobilenetV2(224, 1001, mode);
    const result = plan(request, "min");
    const large = expanded.filter((tensor) => request.tensors[tensor]!.height > 28);
    assert.equal(large.length, 3);
    for (const tensor of large) assert.ok(!whole(request, result, tensor), `tensor ${tensor}, ${mode}`);
  }
});

test("V2's late maps fire whole where there is room, so that their weights are read once", () => {
  const { request } = mobilenetV2(224, 1001, "image");
  const { firings } = verify(request, plan(request, 285 * 1024));
  const late = request.steps.flatMap(({ inputs }, step) => (request.tensors[inputs[0]!]!.height <= 14 ? [step] : []));
  assert.equal(late.length, 41);
  for (const step of late) assert.ok(firings[step]! <= 2, `step ${step} fires ${firings[step]} times`);
});

test("more memory than the least is used to fire less often, and too little is refused", () => {
  const { request } = mobilenetV2(224, 1001, "rows");
  const least = plan(request, "min");
  const total = (result: Plan): number => verify(request, result).firings.reduce((sum, count) => sum + count, 0);
  const roomy = plan(request, 400 * 1024);
  assert.ok(roomy.arenaBytes <= 400 * 1024);
  assert.ok(total(roomy) < total(least));
  assert.equal(plan(request, least.arenaBytes).arenaBytes, least.arenaBytes);
  assert.throws(
    () => plan(request, least.arenaBytes - 1),
    /least arena is \d+ bytes.*steps \d+ to \d+ stand in the way/,
  );
});
