/** Plans of random graphs, run symbolically: in the engine's order, and in any other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { align16 } from "../../tools/weight-packer/plan/model.js";
import { PlanError, plan } from "../../tools/weight-packer/plan/plan.js";
import type { Plan, PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import fc from "../support/property.js";
import { graphs } from "./networks.js";

test("plans of random graphs run without stall or overlap", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 14, maxHeight: 40 }), (request) => {
      verify(request, plan(request));
    }),
    { numRuns: 1000 },
  );
});

test("plans of chains with skips run without stall or overlap", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 25, maxHeight: 60, chain: true }), (request) => {
      verify(request, plan(request));
    }),
    { numRuns: 500 },
  );
});

test("plans hold for every split of the input's rows, also of an image", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 12, maxHeight: 30 }), fc.infiniteStream(fc.nat()), (request, numbers) => {
      const next = (below: number): number => (numbers.next().value as number) % below;
      const result = plan(request);
      const { firings } = verify(request, result);
      for (const push of [() => 1, (room: number) => room, (room: number) => 1 + next(room)]) {
        assert.deepEqual(verify(request, result, { push }).firings, firings);
      }
    }),
    { numRuns: 300 },
  );
});

/** The same rings and rows, with all blocks side by side. */
function apart(request: PlanRequest, { tensors, steps, ...rest }: Plan): Plan {
  let end = align16(request.stateBytes);
  const take = (bytes: number): number => {
    end += align16(bytes);
    return end - align16(bytes);
  };
  const moved = {
    tensors: tensors.map((tensor, k) => ({ ...tensor, offset: take(tensor.ringRows * request.tensors[k]!.rowStride) })),
    steps: steps.map((step) => ({ ...step, scratchOffset: take(step.scratchBytes) })),
  };
  return { ...rest, ...moved, arenaBytes: end + align16(request.slackBytes) };
}

test("rings do for every firing order and every split of the input's rows", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 12, maxHeight: 30 }), fc.infiniteStream(fc.nat()), (request, numbers) => {
      const next = (below: number): number => (numbers.next().value as number) % below;
      const result = plan(request);
      const other = verify(request, apart(request, result), {
        choose: (fireable) => fireable[next(fireable.length)]!,
        push: (room) => 1 + next(room),
      });
      assert.deepEqual(other.firings, verify(request, result).firings);
    }),
    { numRuns: 300 },
  );
});

/** The same request with weights of some sizes that are streamed through windows of at most `most` bytes. */
function streaming(request: PlanRequest, most: number, seed: number): PlanRequest {
  const window = (bytes: number, readBytes: number) => ({ channels: 8, depth: 1, cut: false, bytes, readBytes });
  const steps = request.steps.map((step, index) => {
    // Of each step that can have weights another number of bytes; some have none.
    const weightBytes = step.reduce || step.inputs.length > 1 ? 0 : ((index * 7919 + seed) % 97) * 16;
    if (weightBytes === 0) return step;
    const shared = window(Math.min(weightBytes, most), weightBytes);
    return { ...step, windows: { shared, kept: window(weightBytes, weightBytes) } };
  });
  return { ...request, steps, streamed: true };
}

/** Bytes of weights that a plan reads in one inference. */
function bytesRead(request: PlanRequest, planned: Plan): number {
  const { firings } = verify(request, planned);
  return planned.steps.reduce(
    (sum, { window }, step) => sum + (window ? window.readBytes * (window.kept ? 1 : firings[step]!) : 0),
    0,
  );
}

test("plans with streamed weights hold, stay in their budgets, and with more RAM read less, in the end all but once", () => {
  let kept = 0;
  fc.assert(
    fc.property(
      graphs({ maxSteps: 12, maxHeight: 30 }),
      fc.nat({ max: 4000 }),
      fc.nat({ max: 96 }),
      (base, extra, seed) => {
        const request = streaming(base, 512, seed);
        const least = plan(request, "min");
        const more = plan(request, least.arenaBytes + extra);
        assert.ok(more.arenaBytes <= least.arenaBytes + extra);
        assert.ok(bytesRead(request, more) <= bytesRead(request, least));
        kept += [...least.steps, ...more.steps].filter(({ window }) => window?.kept).length;
        const plenty = plan(request, 1 << 30);
        const once = plenty.steps.reduce((sum, { window }) => sum + (window?.readBytes ?? 0), 0);
        assert.equal(bytesRead(request, plenty), once);
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(kept > 50, `only ${kept} steps keep their weights`);
});

test("the checker finds broken windows", () => {
  const broken = (change: (plan: Plan, request: PlanRequest) => boolean): void => {
    let changed = 0;
    fc.assert(
      fc.property(graphs({ maxSteps: 8, maxHeight: 20 }), fc.nat({ max: 96 }), (base, seed) => {
        const request = streaming(base, 512, seed);
        const result = structuredClone(plan(request, 1 << 16));
        if (!change(result, request)) return;
        changed++;
        assert.throws(() => verify(request, result), PlanError);
      }),
      { numRuns: 100 },
    );
    assert.ok(changed > 20, `only ${changed} plans were broken`);
  };
  const windowOf = (result: Plan) => result.steps.find(({ window }) => window)?.window;
  const put = (result: Plan, offset: number): boolean => {
    const window = windowOf(result);
    if (window) window.offset = offset;
    return window !== undefined;
  };
  broken((result) => put(result, result.arenaBytes));
  // Where the step writes while it reads its weights.
  broken((result, { steps }) => {
    const step = result.steps.findIndex(({ window }) => window);
    return step >= 0 && put(result, result.tensors[steps[step]!.output]!.offset);
  });
  broken((result) => {
    const window = windowOf(result);
    if (window) window.bytes -= 1;
    return window !== undefined;
  });
  broken((result) => {
    const step = result.steps.find(({ window }) => window);
    delete step?.window;
    return step !== undefined;
  });
});

test("the checker finds broken plans", () => {
  const broken = (change: (plan: Plan) => void): void => {
    fc.assert(
      fc.property(graphs({ maxSteps: 8, maxHeight: 20 }), (request) => {
        const result = structuredClone(plan(request));
        change(result);
        assert.throws(() => verify(request, result), PlanError);
      }),
      { numRuns: 50 },
    );
  };
  broken((result) => (result.arenaBytes -= 16));
  broken((result) => (result.tensors[0]!.offset += 8));
  broken((result) => (result.tensors[1]!.offset = result.tensors[0]!.offset));
  broken((result) => --result.tensors[0]!.ringRows);
  broken((result) => --result.tensors.at(-1)!.ringRows);
  broken((result) => ++result.steps[0]!.lastConsumer);
  broken((result) => (result.steps[0]!.rows = 0));
  broken((result) => result.segments.pop());
});
