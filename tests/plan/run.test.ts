/** Plans of random graphs, run symbolically: in the engine's order, and in any other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { align16 } from "../../tools/weight-packer/plan/model.js";
import { PlanError, plan } from "../../tools/weight-packer/plan/plan.js";
import type { Plan, PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import { graphs } from "./networks.js";

test("plans of random graphs run without stall or overlap", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 14, maxHeight: 40 }), (request) => {
      verify(request, plan(request));
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test("plans of chains with skips run without stall or overlap", () => {
  fc.assert(
    fc.property(graphs({ maxSteps: 25, maxHeight: 60, chain: true }), (request) => {
      verify(request, plan(request));
    }),
    { numRuns: 500, seed: 2 },
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
    { numRuns: 300, seed: 3 },
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
    { numRuns: 300, seed: 3 },
  );
});

test("the checker finds broken plans", () => {
  const broken = (change: (plan: Plan) => void): void => {
    fc.assert(
      fc.property(graphs({ maxSteps: 8, maxHeight: 20 }), (request) => {
        const result = structuredClone(plan(request));
        change(result);
        assert.throws(() => verify(request, result), PlanError);
      }),
      { numRuns: 50, seed: 4 },
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
