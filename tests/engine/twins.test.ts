/**
 * Scalar and SIMD kernels (relaxed ones too, where the host has them) give the same bytes on random networks with ragged edges; and so does every plan: the
 * planner's, rows pushed in random portions, and random rings, segments and rows per firing.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FLAG_DOUBLE, FLAG_VECTOR, OPCODE_DEPTHWISE, STATUS_OK, STATUS_STALLED } from "../../assembly/layout.js";
import { align } from "../../src/abi.js";
import type { Graph } from "../../tools/weight-packer/graph/graph.js";
import type { Program } from "../../tools/weight-packer/lower/program.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { planWhole } from "../../tools/weight-packer/plan/request.js";
import type { Plan, PlanRequest } from "../../tools/weight-packer/plan/types.js";
import { assertBytes, explain, Machine, newEngine, reserve, VARIANTS, type Variant } from "../support/engine.js";
import { fileOf, lowered } from "../support/engine-graphs.js";
import { networks, RANDOM_KINDS, randomGraph, randomInputs } from "../support/engine-random.js";
import { noise } from "../support/noise.js";
import fc from "../support/property.js";

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
  test(`${kind}: all builds give the same bytes`, () => {
    fc.assert(
      fc.property(networks(1, kind), seeds, (spec, seed) => {
        const graph = randomGraph(spec);
        const { inputs, wanted } = reference(graph, seed);
        const { program, request } = lowered(graph);
        const file = fileOf(program, planWhole(request));
        for (const variant of VARIANTS.slice(1)) {
          const model = new Machine(engines[variant]!, file);
          inputs.forEach((input, i) => {
            equal(model.run(input), wanted[i]!, variant);
          });
        }
      }),
      { numRuns: 300 },
    );
  });
}

test("networks give the same bytes planned and pushed, in all builds, in poisoned memory", () => {
  fc.assert(
    fc.property(networks(7), seeds, (spec, seed) => {
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
            model.poison();
            const status = model.push(input, (room) => {
              model.scribble(room);
              return 1 + (portions[portion++ & 63]! % room);
            });
            assert.equal(status, STATUS_OK, explain(status));
            equal(model.outputs(), wanted[i]!, `${mode}, ${variant}`);
          });
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("random rings, segments and rows per firing give the same bytes or stall", () => {
  let completed = 0;
  fc.assert(
    fc.property(networks(5), seeds, fc.boolean(), (spec, seed, roomy) => {
      const graph = randomGraph(spec);
      const { inputs, wanted } = reference(graph, seed);
      const { program, request } = lowered(graph);
      const { plan: planned, guards } = randomPlan(request, seed, roomy);
      const file = fileOf(program, planned);
      for (const variant of VARIANTS) {
        const { engine, at } = placeAtEnd(variant, file, planned.arenaBytes);
        const model = new Machine(engine, file, at);
        assert.equal(model.end, model.memory.length);
        const status = model.invoke(inputs[0]!);
        for (const guard of guards) {
          const bytes = model.memory.subarray(model.arena + guard, model.arena + guard + GUARD_BYTES);
          assert.ok(
            bytes.every((byte) => byte === GUARD),
            `${variant} wrote between two blocks, at ${guard}`,
          );
        }
        if (!roomy && (status & 0xff) === STATUS_STALLED) continue;
        assert.equal(status, STATUS_OK, explain(status));
        equal(model.outputs(), wanted[0]!, variant);
        completed++;
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(completed > 500, `only ${completed} runs completed`);
});

/** What lies between the blocks of a random plan, and must stay there. */
const GUARD = 0xa5;
const GUARD_BYTES = 16;

/** An engine whose memory ends where the arena is to end, so that a read past it traps; the arena full of guards. */
function placeAtEnd(variant: Variant, file: Uint8Array, arenaBytes: number) {
  const engine = newEngine(variant);
  const bytes = align(file.length) + arenaBytes;
  reserve(engine, (engine.__heap_base.value as number) + 16 + bytes);
  const memory = new Uint8Array(engine.memory.buffer);
  const at = memory.length - bytes;
  memory.fill(GUARD, at);
  return { engine, at };
}

/**
 * A plan with random segments and rows per firing. Tensors within a segment have rings of random heights, of full
 * height where `roomy`; such a plan always completes. Blocks lie in random order, guards between them.
 */
function randomPlan(request: PlanRequest, seed: number, roomy: boolean): { plan: Plan; guards: number[] } {
  const bytes = noise(8 * (request.steps.length + request.tensors.length), seed);
  let next = 0;
  const random = (below: number): number => bytes[next++]! % below;
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
  const blocks: { bytes: number; order: number; offset: number }[] = [];
  const take = (size: number) => {
    const block = { bytes: size, order: random(256), offset: 0 };
    blocks.push(block);
    return block;
  };
  const tensors = request.tensors.map(({ height, rowStride, producer, consumers }, index) => {
    const inside = producer >= 0 && consumers.every((step) => segmentOf[step] === segmentOf[producer]);
    const isRing = inside && !roomy && !request.outputs.includes(index);
    const least = producer < 0 || request.steps[producer]!.reduce ? 1 : Math.min(rows[producer]!, height);
    const ringRows = isRing ? Math.min(height, least + random(6)) : height;
    return { block: take(ringRows * rowStride), ringRows };
  });
  const steps = request.steps.map((step, index) => {
    const scratchBytes = step.scratchBytes + rows[index]! * step.scratchRowBytes;
    const last = Math.max(index, ...request.tensors[step.output]!.consumers);
    const lastConsumer = Math.min(segments[segmentOf[index]!]! - 1, last);
    return { rows: rows[index]!, block: take(scratchBytes), scratchBytes, lastConsumer };
  });
  let end = align(request.stateBytes);
  const guards: number[] = [];
  for (const block of blocks.sort((a, b) => a.order - b.order)) {
    block.offset = end;
    guards.push(end + block.bytes);
    end = align(end + block.bytes + GUARD_BYTES);
  }
  // The last guard is the arena's slack.
  const arenaBytes = align(guards.at(-1)! + request.slackBytes);
  return {
    guards,
    plan: {
      tensors: tensors.map(({ block, ringRows }) => ({ offset: block.offset, ringRows })),
      steps: steps.map(({ block, ...step }) => ({ ...step, scratchOffset: block.offset })),
      segments,
      arenaBytes,
      peak: { segment: 0, bytes: arenaBytes },
    },
  };
}

after(() => {
  for (const [path, steps] of Object.entries(paths))
    assert.ok(steps > 100, `only ${steps} steps went the ${path} path`);
});
