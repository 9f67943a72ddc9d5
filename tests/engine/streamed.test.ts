/** Streamed weights: TFLite's bytes whatever the window, as many bytes read as the plan says, and hosts that fail. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import * as layout from "../../assembly/layout.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { plan } from "../../tools/weight-packer/plan/plan.js";
import { planRequest } from "../../tools/weight-packer/plan/request.js";
import { verify } from "../../tools/weight-packer/plan/verify.js";
import { WindowError } from "../../tools/weight-packer/plan/windows.js";
import { Records } from "../../tools/weight-packer/records.js";
import { report } from "../../tools/weight-packer/report.js";
import { assertBytes, explain, machine, newEngine, reserve, VARIANTS } from "../support/engine.js";
import { engineBytes, goldenOperators } from "../support/engine-goldens.js";
import { fileOf, lowered } from "../support/engine-graphs.js";
import { networks, randomGraph, randomInputs } from "../support/engine-random.js";
import { golden, MODELS, modelPath } from "../support/models.js";
import { noise } from "../support/noise.js";
import fc from "../support/property.js";
import { shared, without } from "../support/shared.js";
import {
  Flash,
  newStreamedEngine,
  prefetchOrder,
  resident,
  STREAMED_VARIANTS,
  streamedMachine,
  streamedModule,
} from "../support/streamed.js";

interface Case {
  name: string;
  input: Uint8Array;
  outputs: Uint8Array[];
}

/** The least window for which a model can be packed. */
function leastWindow(model: Uint8Array, name: string): number {
  try {
    packModel(model, name, { windowBytes: 1 });
  } catch (error) {
    if (error instanceof WindowError) return error.leastBytes;
    throw error;
  }
  return 1; // no weights at all
}

/** Asserts that all builds for streamed weights give these outputs, and that they read what the report says. */
function assertStreams(file: Uint8Array, cases: Case[], name: string): void {
  const wanted = report(file).streamed!.readBytes;
  const order = prefetchOrder(file);
  const records = new Records(file);
  for (const variant of STREAMED_VARIANTS) {
    const { model, flash } = streamedMachine(variant, file);
    for (const { name: caseName, input, outputs } of cases) {
      flash.clear();
      const label = `${name}, ${variant}, case ${caseName}`;
      model.run(input).forEach((bytes, k) => {
        assertBytes(bytes, outputs[k]!, `${label}, output ${k}`);
      });
      assert.equal(flash.bytes, wanted, `${label}: bytes read`);
      // Each firing begins with its first window.
      const starts = new Map(Array.from(order, (step) => [records.step(step, layout.STEP_WEIGHTS), step]));
      const fired = flash.reads.flatMap(({ offset }) => starts.get(offset) ?? []);
      assert.deepEqual(fired, order, `${label}: prefetch order`);
    }
  }
}

for (const name of MODELS) {
  test(`${name}: outputs equal TFLite's reference through windows of any size`, () => {
    const model = readFileSync(modelPath(name));
    const { cases } = golden(name);
    for (const windowBytes of [leastWindow(model, name), 1024, 1500, 8192, 1 << 20]) {
      for (const inputMode of ["image", "rows"] as const) {
        const least = packModel(model, name, { windowBytes, inputMode, ram: "min" });
        assertStreams(least.file, cases, `${name}, window ${windowBytes}, ${inputMode}`);
        const ramBytes = Math.round(least.report.arenaBytes * 1.2);
        const more = packModel(model, name, { windowBytes, inputMode, ram: ramBytes });
        assert.ok(more.report.streamed!.readBytes <= least.report.streamed!.readBytes);
        assertStreams(more.file, cases.slice(0, 1), `${name}, window ${windowBytes}, ${inputMode}, ${ramBytes} bytes`);
      }
    }
    const { file } = packModel(model, name, { windowBytes: 1024, keepAll: true });
    assertStreams(file, cases, `${name}, kept`);
  });
}

test("every operator equals TFLite's reference", () => {
  let cut = 0;
  for (const { name, model, cases } of goldenOperators("operators")) {
    const single = cases.map((c) => ({ name: c.name, input: c.inputs[0]!, outputs: c.outputs }));
    const { file } = packModel(model, name, { windowBytes: leastWindow(model, name) });
    assertStreams(file, single, name);
    assertStreams(packModel(model, name, { windowBytes: 4096, inputMode: "rows" }).file, single.slice(0, 2), name);
    const records = new Records(file);
    for (let step = 0; step < records.stepCount; step++) {
      if (records.step(step, layout.STEP_FLAGS) & layout.FLAG_CUT) cut++;
    }
  }
  assert.ok(cut > 5, `only ${cut} steps had their dot products cut`);
});

const SHARED = [
  "mobilenet_v1_0.25_128_quant",
  "mobilenet_v2_1.0_224_quant",
  "tf2_mobilenet_v2_1.0_224_ptq",
  "vww_96_int8",
  "mobilenet_v3_small_224_int8",
  "deeplabv3_mnv2_dm05_pascal_quant",
];

for (const name of SHARED) {
  const folder = `golden/${name}`;
  test(`${name} equals TFLite's reference, 8 KiB of its weights at a time`, { skip: without(folder) }, () => {
    const bytes = (file: string): Uint8Array => gunzipSync(readFileSync(shared(`${folder}/${file}`)));
    const { model, outputs, cases } = JSON.parse(readFileSync(shared(`${folder}/golden.json`), "utf8"));
    const decoded: Case[] = cases.map((c: { name: string; input: string; outputs: { file: string }[] }) => ({
      name: c.name,
      input: bytes(c.input),
      outputs: c.outputs.map((output, k) => engineBytes(bytes(output.file), outputs[k].dtype)),
    }));
    const source = readFileSync(shared(`models/${model}`));
    const packed = packModel(source, model, { windowBytes: 8192, inputMode: "rows", ram: "min" });
    assertStreams(packed.file, decoded.slice(0, 2), name);
    // Planning takes long where maps have many rows and there is room to choose.
    if (packed.report.layers[0]!.input[0] > 300) return;
    const ramBytes = Math.round(packed.report.arenaBytes * 1.3);
    const more = packModel(source, model, { windowBytes: 8192, inputMode: "rows", ram: ramBytes });
    assertStreams(more.file, decoded.slice(0, 1), name);
  });
}

test("random networks give the bytes of the plain builds, and their plans hold", () => {
  let cut = 0;
  let kept = 0;
  fc.assert(
    fc.property(networks(5), fc.nat(), fc.nat({ max: 3000 }), fc.boolean(), (spec, seed, room, roomy) => {
      const graph = randomGraph(spec);
      const inputs = randomInputs(graph, seed);
      for (const mode of ["image", "rows"] as const) {
        const { program, request } = lowered(graph, mode);
        const plain = machine("mvp", fileOf(program, plan(request)));
        const wanted = inputs.map((input) => plain.run(input));
        let streamed: ReturnType<typeof planRequest>;
        try {
          streamed = planRequest(program, mode, 600 + room);
        } catch (error) {
          assert.ok(error instanceof WindowError);
          streamed = planRequest(program, mode, error.leastBytes);
        }
        const least = plan(streamed, "min");
        const planned = roomy ? plan(streamed, least.arenaBytes + room) : least;
        verify(streamed, planned);
        cut += planned.steps.filter(({ window }) => window?.cut).length;
        kept += planned.steps.filter(({ window }) => window?.kept).length;
        const file = fileOf(program, planned, true);
        for (const variant of STREAMED_VARIANTS) {
          const { model, flash } = streamedMachine(variant, file);
          inputs.forEach((input, i) => {
            flash.clear();
            const portions = noise(64, seed + i);
            let portion = 0;
            const status = model.push(input, (rows) => 1 + (portions[portion++ & 63]! % rows));
            assert.equal(status, layout.STATUS_OK, explain(status));
            model.outputs().forEach((bytes, k) => {
              assertBytes(bytes, wanted[i]![k]!, `${mode}, ${variant}`);
            });
            assert.equal(flash.bytes, report(file).streamed!.readBytes);
          });
        }
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(cut > 20 && kept > 50, `only ${cut} steps with cut products and ${kept} with kept weights`);
});

for (const variant of STREAMED_VARIANTS) {
  const model = readFileSync(modelPath("mixed"));
  const { cases } = golden("mixed");
  const { file } = packModel(model, "mixed", { windowBytes: 1024, inputMode: "rows" });

  test(`${variant}: imports env.read_weights and nothing else, and has no state`, () => {
    const imports = WebAssembly.Module.imports(streamedModule(variant));
    assert.deepEqual(imports, [{ module: "env", name: "read_weights", kind: "function" }]);
    const plain = new Set(WebAssembly.Module.exports(streamedModule(variant)).map(({ name }) => name));
    assert.ok(plain.has("load") && plain.has("push") && !plain.has("dispatch"));
  });

  test(`${variant}: a read that fails, or is short or long, ends the run; it can be tried again or begun anew`, () => {
    const { model: machine, flash } = streamedMachine(variant, file);
    const [first, second] = [cases[0]!, cases[1]!];
    machine.run(first.input);
    const total = flash.reads.length;
    const { length } = machine.memory;
    for (let fails = 0; fails < total; fails++) {
      for (const answer of [-1, 0, 1, "short", "long"] as const) {
        flash.clear();
        const failing = (index: number, read: { length: number }) => {
          if (index !== fails) return undefined;
          return answer === "short" ? read.length - 1 : answer === "long" ? read.length + 1 : answer;
        };
        flash.answer = failing;
        const status = machine.push(first.input);
        const label = `read ${fails} of ${total} answers ${answer}`;
        assert.equal(status & 0xff, layout.STATUS_READ, label);
        assert.equal(machine.engine.done(machine.arena), 0, label);
        // The step's own weights were asked for.
        const step = (status >>> 8) & 0xfff;
        const begin = machine.records.step(step, layout.STEP_WEIGHTS);
        assert.ok(flash.reads.at(-1)!.offset >= begin, label);
        assert.equal(status >>> 20, 0, label);
        // Another input, from the beginning.
        flash.answer = () => undefined;
        machine.run(second.input).forEach((bytes, k) => {
          assertBytes(bytes, second.outputs[k]!, label);
        });
      }
    }
    assert.equal(machine.memory.length, length, "the memory grew");
  });

  test(`${variant}: after a failed read push of no rows goes on where the run stopped`, () => {
    const { model: machine, flash } = streamedMachine(variant, packModel(model, "mixed", { windowBytes: 1024 }).file);
    const { input, outputs } = cases[0]!;
    machine.run(input);
    const total = flash.reads.length;
    for (let fails = 0; fails < total; fails++) {
      flash.clear();
      flash.answer = (index) => (index === fails ? -1 : undefined);
      assert.equal(machine.invoke(input) & 0xff, layout.STATUS_READ);
      flash.answer = () => undefined;
      const status = machine.engine.push(machine.arena, 0) >>> 0;
      assert.equal(status, layout.STATUS_OK, explain(status));
      machine.outputs().forEach((bytes, k) => {
        assertBytes(bytes, outputs[k]!, `tried again after read ${fails}`);
      });
    }
  });

  test(`${variant}: damaged weights change numbers and nothing else`, () => {
    const damaged = Uint8Array.from(file);
    const begin = resident(file).length;
    for (let seed = 0; seed < 50; seed++) {
      damaged.set(noise(file.length - begin, seed), begin);
      const { model: machine } = streamedMachine(variant, damaged);
      // Static memory of its own is what the simd build widens bytes into.
      const heap = machine.engine.__heap_base.value as number;
      const before = machine.memory.slice(heap, machine.arena);
      machine.run(cases[0]!.input);
      assertBytes(machine.memory.slice(heap, machine.arena), before, "memory below the arena");
      assert.ok(machine.memory.subarray(machine.end).every((byte) => byte === 0));
    }
  });

  test(`${variant}: takes files with streamed weights and no others, and other builds refuse these`, () => {
    const plain = packModel(model, "mixed").file;
    const load = (engine: ReturnType<typeof newEngine>, bytes: Uint8Array): number => {
      const at = (engine.__heap_base.value as number) + 0;
      reserve(engine, at + bytes.length + (1 << 20));
      new Uint8Array(engine.memory.buffer).set(bytes, at);
      return engine.load(at, bytes.length, at + bytes.length, 1 << 20) >>> 0;
    };
    const flash = new Flash(plain);
    assert.equal(load(newStreamedEngine(variant, flash), plain), layout.STATUS_FEATURE);
    for (const other of VARIANTS) assert.equal(load(newEngine(other), resident(file)), layout.STATUS_FEATURE);
    // The whole file is not what load takes.
    assert.equal(load(newStreamedEngine(variant, flash), file), layout.STATUS_LENGTH);
    assert.equal(flash.reads.length, 0);
  });

  test(`${variant}: 1000 inferences leave the memory as large as it was`, () => {
    const { model: machine } = streamedMachine(variant, file);
    const { length } = machine.memory;
    for (let n = 0; n < 1000; n++) machine.push(cases[n % cases.length]!.input);
    assert.equal(machine.memory.length, length);
  });
}
