/**
 * Scalar and SIMD kernels give the same bytes on random networks with ragged edges; and so does every plan: the
 * planner's, rows pushed in random portions, and random rings, segments and rows per firing.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { FLAG_DOUBLE, FLAG_VECTOR, OPCODE_DEPTHWISE, STATUS_OK, STATUS_STALLED } from "../../assembly/layout.js";
import type { Graph } from "../../tools/weight-packer/graph/graph.js";
import type { Program } from "../../tools/weight-packer/lower/program.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { planWhole } from "../../tools/weight-packer/plan/request.js";
import type { Plan, PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { assertBytes, explain, Machine, newEngine, VARIANTS } from "../support/engine.js";
import { fileOf, lowered } from "../support/engine-graphs.js";
import { networks, RANDOM_KINDS, randomGraph, randomInputs } from "../support/engine-random.js";
import { noise } from "../support/noise.js";

/** How many steps were requantised in vectors, lane by lane, and in double: all paths must have been taken. */
const paths = { vector: 0, general: 0, double: 0 };

const engines = Object.fromEntries(VARIANTS.map((variant) => [variant, newEngine(variant)]));

function count({ steps }: Program): void {
  for (const { flags, constants, opcode } of steps) {
    if (opcode > OPCODE_DEPTHWISE) continue;
    if (flags & FLAG_VECTOR) paths.vector++;
    else if (flags & FLAG_DOUBLE) paths.double++;
    else if (constants.length > 0) paths.general++;
  }
}

/** What the scalar build gives where every tensor is whole. */
function reference(graph: Graph, seed: number): { inputs: Uint8Array[]; wanted: Uint8Array[][] } {
  const { program, request } = lowered(graph);
  count(program);
  const model = new Machine(engines.mvp!, fileOf(program, planWhole(request)));
  const inputs = randomInputs(graph, seed);
  return { inputs, wanted: inputs.map((input) => model.run(input)) };
}

function equal(got: Uint8Array[], wanted: Uint8Array[], name: string): void {
  assert.equal(got.length, wanted.length);
  got.forEach((bytes, k) => {
    assertBytes(bytes, wanted[k]!, `${name}, output ${k}`);
  });
}

const seeds = fc.integer({ min: 1, max: 0x7ffffff0 });

for (const kind of RANDOM_KINDS) {
  test(`${kind}: both builds give the same bytes`, () => {
    fc.assert(
      fc.property(networks(1, kind), seeds, (spec, seed) => {
        const graph = randomGraph(spec);
        const { inputs, wanted } = reference(graph, seed);
        const { program, request } = lowered(graph);
        const model = new Machine(engines.simd!, fileOf(program, planWhole(request)));
        inputs.forEach((input, i) => {
          equal(model.run(input), wanted[i]!, "simd");
        });
      }),
      { numRuns: 150 },
    );
  });
}

test("networks give the same bytes planned and pushed, in both builds", () => {
  fc.assert(
    fc.property(networks(5), seeds, (spec, seed) => {
      const graph = randomGraph(spec);
      const { inputs, wanted } = reference(graph, seed);
      for (const mode of ["image", "rows"] as const) {
        const { program, request } = lowered(graph, mode);
        const file = fileOf(program, plan(request));
        for (const variant of VARIANTS) {
          const model = new Machine(engines[variant]!, file);
          inputs.forEach((input, i) => {
            const portions = noise(64, seed + i);
            let portion = 0;
            const status = model.push(input, (room) => 1 + (portions[portion++ & 63]! % room));
            assert.equal(status, STATUS_OK, explain(status));
            equal(model.outputs(), wanted[i]!, `${mode}, ${variant}`);
          });
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("random rings, segments and rows per firing give the same bytes or stall", () => {
  let completed = 0;
  fc.assert(
    fc.property(networks(5), seeds, fc.boolean(), (spec, seed, roomy) => {
      const graph = randomGraph(spec);
      const { inputs, wanted } = reference(graph, seed);
      const { program, request } = lowered(graph);
      const file = fileOf(program, randomPlan(request, seed, roomy));
      for (const variant of VARIANTS) {
        const model = new Machine(engines[variant]!, file);
        const status = model.invoke(inputs[0]!);
        if (!roomy && (status & 0xff) === STATUS_STALLED) continue;
        assert.equal(status, STATUS_OK, explain(status));
        equal(model.outputs(), wanted[0]!, variant);
        completed++;
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(completed > 400, `only ${completed} runs completed`);
});

/**
 * A plan with random segments and rows per firing. Tensors within a segment have rings of random heights, of full
 * height where `roomy`; such a plan always completes. Nothing shares memory, so that a stray write shows.
 */
function randomPlan(request: PlanRequest, seed: number, roomy: boolean): Plan {
  const bytes = noise(4 * request.steps.length + 4 * request.tensors.length, seed);
  let at = 0;
  const random = (below: number): number => bytes[at++]! % below;
  const segmentOf: number[] = [];
  const segments: number[] = [];
  request.steps.forEach((_, step) => {
    segmentOf.push(segments.length);
    if (step === request.steps.length - 1 || random(4) === 0) segments.push(step + 1);
  });
  const rows = request.steps.map(({ reduce, inputs, output }) => {
    const domain = request.tensors[reduce ? inputs[0]! : output]!.height;
    return 1 + (random(3) ? random(Math.min(domain, 4)) : random(domain));
  });
  let end = Math.ceil(request.stateBytes / 16) * 16;
  const take = (size: number): number => {
    const offset = end;
    end += Math.ceil(size / 16) * 16;
    return offset;
  };
  const tensors = request.tensors.map(({ height, rowStride, producer, consumers }, index) => {
    const inside = producer >= 0 && consumers.every((step) => segmentOf[step] === segmentOf[producer]);
    const isRing = inside && !roomy && !request.outputs.includes(index);
    const least = producer < 0 || request.steps[producer]!.reduce ? 1 : Math.min(rows[producer]!, height);
    const ringRows = isRing ? Math.min(height, least + random(6)) : height;
    return { offset: take(ringRows * rowStride), ringRows };
  });
  const steps = request.steps.map((step, index) => {
    const scratchBytes = step.scratchBytes + rows[index]! * step.scratchRowBytes;
    const last = Math.max(index, ...request.tensors[step.output]!.consumers);
    const lastConsumer = Math.min(segments[segmentOf[index]!]! - 1, last);
    return { rows: rows[index]!, scratchOffset: take(scratchBytes), scratchBytes, lastConsumer };
  });
  const arenaBytes = Math.ceil((end + request.slackBytes) / 16) * 16;
  return { tensors, steps, segments, arenaBytes, peak: { segment: 0, bytes: arenaBytes } };
}

after(() => {
  for (const [path, steps] of Object.entries(paths)) assert.ok(steps > 100, `only ${steps} steps went the ${path} path`);
});
