/** The search against brute force on small networks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allocate, Distances } from "../../tools/weight-packer/plan/allocate.js";
import { birthOf, type Life, livesOf, mostLive } from "../../tools/weight-packer/plan/lives.js";
import { align16, isInternal, modelOf } from "../../tools/weight-packer/plan/model.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { SegmentSearch } from "../../tools/weight-packer/plan/segments.js";
import { Simulator } from "../../tools/weight-packer/plan/simulate.js";
import type { PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import fc from "../support/property.js";
import { graphs } from "./networks.js";

/** Ends of the segments for each of the ways to cut `steps` steps. */
function* cuts(steps: number): Generator<number[]> {
  for (let mask = 0; mask < 1 << (steps - 1); ++mask) {
    const ends = Array.from({ length: steps - 1 }, (_, index) => index + 1).filter((end) => mask & (1 << (end - 1)));
    yield [...ends, steps];
  }
}

test("dynamic programming finds the least peak of all ways to cut, or one that other rows make smaller", () => {
  let smaller = 0;
  fc.assert(
    fc.property(graphs({ maxSteps: 7, maxHeight: 16 }), (request) => {
      const model = modelOf(request);
      const single = new Int32Array(model.steps).fill(1);
      const search = new SegmentSearch(model, new Simulator(model));
      let least = Infinity;
      for (const ends of cuts(model.steps)) {
        const bytes = ends.map(
          (end, k) => search.segment(ends[k - 1] ?? 0, end, single, Infinity, Infinity, true)!.bytes,
        );
        least = Math.min(least, Math.max(...bytes));
      }
      const found = new SegmentSearch(model, new Simulator(model));
      const peak = found.leastPeak();
      assert.ok(peak <= least, `${peak} bytes where row by row takes ${least}`);
      assert.ok(found.fewestSegments(peak)!.every(({ bytes }) => bytes <= peak));
      assert.equal(found.fewestSegments(peak - 1), undefined);
      smaller += Number(peak < least);
    }),
    { numRuns: 500 },
  );
  assert.ok(smaller > 0 && smaller < 50, `${smaller} of 500`);
});

/** The least arena that any cuts, with the least rings for them, and any offsets come to: the checker decides. */
function bruteArena(request: PlanRequest, below: number): number {
  const model = modelOf(request);
  const single = new Int32Array(model.steps).fill(1);
  const simulator = new Simulator(model);
  let least = below;
  for (const segments of cuts(model.steps)) {
    const first = (k: number): number => segments[k - 1] ?? 0;
    const ringRows = Array.from(model.height);
    for (const [k, end] of segments.entries()) {
      const rings = simulator.leastRings(first(k), end, single, Infinity)!.ringRows;
      for (const [tensor, rows] of rings.entries()) if (rows > 0) ringRows[tensor] = rows;
    }
    const sizes = ringRows.map((rows, tensor) => align16(rows * model.rowStride[tensor]!));
    const steps = request.steps.map(({ output }, step) => {
      const last = model.consumers[output]!.at(-1) ?? step;
      const lastConsumer = Math.min(last, segments.find((end) => step < end)! - 1);
      return { rows: 1, scratchOffset: 0, scratchBytes: 0, lastConsumer };
    });
    const offsets: number[] = [];
    const place = (tensor: number): void => {
      for (let offset = 0; offset + sizes[tensor]! + 16 < least; offset += 16) {
        offsets[tensor] = offset;
        if (tensor + 1 < sizes.length) {
          place(tensor + 1);
          continue;
        }
        const tensors = offsets.map((offset, k) => ({ offset, ringRows: ringRows[k]! }));
        const arenaBytes = 16 + Math.max(...offsets.map((offset, k) => offset + sizes[k]!));
        const plan = { tensors, steps, segments, arenaBytes, peak: { segment: 0, bytes: 0 } };
        try {
          verify(request, plan);
          verify(request, plan, { push: () => 1 });
          least = arenaBytes;
        } catch {
          // Something lies in the way of something.
        }
      }
    };
    place(0);
  }
  return least;
}

function readOnce({ tensors, input }: PlanRequest): boolean {
  return tensors[input]!.consumers.every((step) => step === 0);
}

test("few small graphs have a plan with a smaller arena, and none one that is much smaller", () => {
  let [found, best, same] = [0, 0, 0];
  // On average 94 of 100 are the least: of 60 drawn by any seed, four fifths are a limit that chance does not reach.
  const runs = 60;
  fc.assert(
    // Where several steps read the input, the planner keeps to places that do for any order; the checker tries two.
    fc.property(graphs({ maxSteps: 3, maxHeight: 5 }).filter(readOnce), (drawn) => {
      const steps = drawn.steps.map((step) => ({ ...step, scratchBytes: 0, scratchRowBytes: 0 }));
      const tensors = drawn.tensors.map((tensor) => ({ ...tensor, rowStride: 16 * Math.ceil(tensor.rowStride / 32) }));
      const request: PlanRequest = { ...drawn, steps, tensors, stateBytes: 0 };
      const { arenaBytes } = plan(request, "min");
      const least = bruteArena(request, arenaBytes + 1);
      found += arenaBytes;
      best += least;
      same += Number(arenaBytes === least);
    }),
    { numRuns: runs },
  );
  assert.ok(same >= 0.8 * runs && found <= 1.03 * best, `${same} of ${runs} the least; ${found} bytes for ${best}`);
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
    { numRuns: 300 },
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
    { numRuns: 500 },
  );
});

/** Blocks of up to 500 bytes that come and go, some of them growing or dying from the top. */
const lives = fc
  .array(
    fc.record({
      bytes: fc.integer({ min: 1, max: 500 }),
      from: fc.nat({ max: 8 }),
      length: fc.integer({ min: 1, max: 3 }),
      way: fc.constantFrom("still", "still", "grows", "dies"),
    }),
    { maxLength: 20 },
  )
  .map((blocks) =>
    blocks.map(({ bytes, from: born, length, way }, block): Life => {
      const life: Life = { block, at: [0], from: [0], to: [0] };
      for (let k = 0; k <= length; ++k) {
        if (born + k === 0) for (const list of [life.at, life.from, life.to]) list.pop();
        const share = Math.floor((bytes * k) / length);
        life.at.push(born + k);
        life.from.push(way === "dies" && k < length ? share : 0);
        life.to.push(k === length ? 0 : way === "grows" ? Math.floor((bytes * (k + 1)) / length) : bytes);
      }
      return life;
    }),
  );

/** Which bytes of a block are live at a firing. */
function liveAt({ at, from, to }: Life, firing: number): { from: number; to: number } {
  const k = at.filter((start) => start <= firing).length - 1;
  return { from: from[k]!, to: to[k]! };
}

test("allocation keeps apart what is live at once, and rarely wastes", () => {
  let [sum, least] = [0, 0];
  fc.assert(
    fc.property(lives, (blocks) => {
      const sizes = blocks.map(({ to }) => Math.max(...to));
      const distances = new Distances(blocks.length);
      distances.add({ firings: [], blocks }, (block) => block);
      const { offsets, bytes } = allocate(sizes, blocks.map(birthOf), distances, 0, 400);
      sum += bytes;
      let most = 0;
      for (let firing = 0; firing < 12; ++firing) {
        const live = blocks.map((block, k) => ({ ...liveAt(block, firing), offset: offsets[k]! }));
        most = Math.max(
          most,
          live.reduce((total, { from, to }) => total + to - from, 0),
        );
        for (const [k, a] of live.entries()) {
          assert.equal(a.offset % 16, 0);
          assert.ok(a.offset + sizes[k]! <= bytes);
          for (const b of live.slice(k + 1)) {
            const dead = a.from === a.to || b.from === b.to;
            const apart = a.offset + a.to <= b.offset + b.from || b.offset + b.to <= a.offset + a.from;
            assert.ok(dead || apart);
          }
        }
      }
      least += most;
    }),
    { numRuns: 300 },
  );
  assert.ok(sum <= 1.2 * least, `${sum} bytes for ${least}`);
});

test("the most live bytes are those that the lives add up to", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 9, maxHeight: 20 }), fc.integer({ min: 1, max: 4 }), (request, most) => {
      const model = modelOf(request);
      const rows = Array.from({ length: model.steps }, (_, step) => Math.min(most, model.domain[step]!));
      const { ringRows } = new Simulator(model).leastRings(0, model.steps, rows, Infinity)!;
      const shape = { first: 0, end: model.steps, rows, ringRows };
      const { firings, blocks } = livesOf(model, shape)!;
      const sums = firings.map((_, t) =>
        blocks.reduce((sum, life) => sum + liveAt(life, t).to - liveAt(life, t).from, 0),
      );
      assert.equal(mostLive(model, shape, Infinity), Math.max(...sums));
    }),
    { numRuns: 500 },
  );
});

test("plans with an ample budget keep to it and run", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 10, maxHeight: 20 }), (request) => {
      const { arenaBytes } = plan(request, "min");
      for (const budget of [arenaBytes, arenaBytes + 100, 2 * arenaBytes, 1 << 24]) {
        const result = plan(request, budget);
        assert.ok(result.arenaBytes <= budget);
        verify(request, result);
      }
    }),
    { numRuns: 100 },
  );
});
