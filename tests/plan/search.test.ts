/** The search against brute force on small networks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allocate, mostAlive } from "../../tools/weight-packer/plan/allocate.js";
import { align16, isInternal, modelOf } from "../../tools/weight-packer/plan/model.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { SegmentSearch } from "../../tools/weight-packer/plan/segments.js";
import { Simulator } from "../../tools/weight-packer/plan/simulate.js";
import type { PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import { graphs } from "./networks.js";

/** Ends of the segments for each of the ways to cut `steps` steps. */
function* cuts(steps: number): Generator<number[]> {
  for (let mask = 0; mask < 1 << (steps - 1); ++mask) {
    const ends = Array.from({ length: steps - 1 }, (_, index) => index + 1).filter((end) => mask & (1 << (end - 1)));
    yield [...ends, steps];
  }
}

/** Bytes alive in a segment, counted from the definition: whole tensors, the given rings, scratch for single rows. */
function aliveBytes(request: PlanRequest, ends: number[], segment: number, ringRows: ArrayLike<number>): number {
  const first = ends[segment - 1] ?? 0;
  const end = ends[segment]!;
  let bytes = 0;
  for (const [index, { height, rowStride, producer, consumers }] of request.tensors.entries()) {
    const last = request.outputs.includes(index) ? request.steps.length : Math.max(producer, 0, ...consumers);
    if (producer >= end || last < first) continue;
    const ring = ringRows[index]! > 0 ? ringRows[index]! : height;
    bytes += align16(ring * rowStride);
  }
  let shared = 0;
  for (const { scratchBytes, scratchRowBytes, scratchPersistent } of request.steps.slice(first, end)) {
    if (scratchPersistent) bytes += align16(scratchBytes + scratchRowBytes);
    else shared = Math.max(shared, scratchBytes + scratchRowBytes);
  }
  return bytes + align16(shared);
}

test("dynamic programming finds the least peak of all ways to cut", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 7, maxHeight: 16 }), (request) => {
      const model = modelOf(request);
      const simulator = new Simulator(model);
      const single = new Int32Array(model.steps).fill(1);
      let least = Infinity;
      for (const ends of cuts(model.steps)) {
        const bytes = ends.map((end, segment) => {
          const rings = simulator.leastRings(ends[segment - 1] ?? 0, end, single, Infinity)!;
          return aliveBytes(request, ends, segment, rings.ringRows);
        });
        least = Math.min(least, Math.max(...bytes));
      }
      assert.equal(new SegmentSearch(model, simulator).leastPeak(), least);
    }),
    { numRuns: 500, seed: 5 },
  );
});

/** The least bytes of rings with which all steps stream as one segment, by trying all rings of up to full height. */
function bruteRings(request: PlanRequest, rows: number[]): number {
  const model = modelOf(request);
  const internal = request.tensors.map((_, tensor) => isInternal(model, tensor, 0, model.steps));
  let top = 0;
  const offsets = request.tensors.map(({ height, rowStride }) => {
    top += align16(height * rowStride);
    return top - align16(height * rowStride);
  });
  const scratchOffset = top;
  const ringRows = request.tensors.map(({ height }, tensor) => (internal[tensor] ? 1 : height));
  let least = Infinity;
  for (;;) {
    const bytes = request.tensors.reduce(
      (sum, { rowStride }, tensor) => sum + (internal[tensor] ? align16(ringRows[tensor]! * rowStride) : 0),
      0,
    );
    const steps = request.steps.map(({ output }, index) => ({
      rows: rows[index]!,
      scratchOffset,
      scratchBytes: 0,
      lastConsumer: model.consumers[output]!.at(-1) ?? index,
    }));
    const tensors = offsets.map((offset, tensor) => ({ offset, ringRows: ringRows[tensor]! }));
    if (bytes < least) {
      try {
        const arenaBytes = top + request.slackBytes;
        verify(request, { tensors, steps, segments: [model.steps], arenaBytes, peak: { segment: 0, bytes: Infinity } });
        least = bytes;
      } catch {
        // These rings stall.
      }
    }
    let tensor = 0;
    while (tensor < ringRows.length && (!internal[tensor] || ringRows[tensor] === request.tensors[tensor]!.height)) {
      if (internal[tensor]) ringRows[tensor] = 1;
      ++tensor;
    }
    if (tensor === ringRows.length) return least;
    ++ringRows[tensor]!;
  }
}

test("rings of chains with skips are the least there are", () => {
  const shape = { maxSteps: 4, maxHeight: 6, chain: true };
  fc.assert(
    fc.property(
      graphs(shape),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
      (drawn, extra) => {
        const steps = drawn.steps.map((step) => ({ ...step, scratchBytes: 0, scratchRowBytes: 0 }));
        const request: PlanRequest = { ...drawn, steps, stateBytes: 0 };
        const model = modelOf(request);
        const rows = steps.map((_, step) => Math.min(extra[step]!, model.domain[step]!));
        const found = new Simulator(model).leastRings(0, model.steps, rows, Infinity)!;
        assert.equal(found.bytes, bruteRings(request, rows));
      },
    ),
    { numRuns: 300, seed: 6 },
  );
});

test("no ring of any graph can do with a row less", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 12, maxHeight: 20 }), fc.integer({ min: 1, max: 4 }), (request, most) => {
      const model = modelOf(request);
      const simulator = new Simulator(model);
      const rows = Array.from({ length: model.steps }, (_, step) => Math.min(most, model.domain[step]!));
      const { ringRows } = simulator.leastRings(0, model.steps, rows, Infinity)!;
      assert.ok(simulator.completes(0, model.steps, rows, ringRows));
      for (const tensor of ringRows.keys()) {
        if (ringRows[tensor] === 0) continue;
        const smaller = ringRows.slice();
        --smaller[tensor]!;
        assert.ok(!simulator.completes(0, model.steps, rows, smaller), `tensor ${tensor}`);
      }
    }),
    { numRuns: 500, seed: 7 },
  );
});

test("allocation keeps blocks apart and rarely wastes", () => {
  const block = fc
    .record({ bytes: fc.nat({ max: 500 }), from: fc.nat({ max: 8 }), length: fc.integer({ min: 1, max: 3 }) })
    .map(({ bytes, from, length }) => ({ bytes, from, until: from + length }));
  let sum = 0;
  let least = 0;
  fc.assert(
    fc.property(fc.array(block, { maxLength: 20 }), (blocks) => {
      const { offsets, bytes } = allocate(blocks);
      sum += bytes;
      least += mostAlive(blocks).bytes;
      blocks.forEach((a, i) => {
        assert.equal(offsets[i]! % 16, 0);
        assert.ok(offsets[i]! + a.bytes <= bytes);
        blocks.slice(i + 1).forEach((b, j) => {
          const other = offsets[i + 1 + j]!;
          const apart = offsets[i]! + a.bytes <= other || other + b.bytes <= offsets[i]!;
          assert.ok(apart || a.until <= b.from || b.until <= a.from);
        });
      });
    }),
    { numRuns: 300, seed: 8 },
  );
  assert.ok(sum <= 1.02 * least, `${sum} bytes for ${least}`);
});

test("plans with an ample budget keep to it and run", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 10, maxHeight: 20 }), (request) => {
      const { arenaBytes } = plan(request);
      for (const budget of [arenaBytes, arenaBytes + 100, 2 * arenaBytes, 1 << 24]) {
        const result = plan(request, budget);
        assert.ok(result.arenaBytes <= budget);
        verify(request, result);
      }
    }),
    { numRuns: 100, seed: 9 },
  );
});
