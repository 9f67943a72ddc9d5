/** What hosts rely on beside the results: no imports, no state, no growth; any number of models; pushing as one likes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  HEADER_ARENA_BYTES,
  STATUS_OK,
  STATUS_ROWS,
  STATUS_STREAMED,
  TENSOR_RING_ROWS,
} from "../../assembly/layout.js";
import { align } from "../../src/abi.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { assertBytes, engineModule, Machine, machine, newEngine, reserve, VARIANTS } from "../support/engine.js";
import { activation, biases, graphOf, pointwise, weights, wholeFile } from "../support/engine-graphs.js";
import { golden, MODELS, modelPath } from "../support/models.js";
import { noise } from "../support/noise.js";
import { Flash, newStreamedEngine, STREAMED_VARIANTS } from "../support/streamed.js";

const EXPORTS = {
  __data_end: "global",
  __heap_base: "global",
  done: "function",
  inputDescriptor: "function",
  inputRoom: "function",
  inputRow: "function",
  invoke: "function",
  load: "function",
  memory: "memory",
  outputData: "function",
  outputDescriptor: "function",
  push: "function",
  reset: "function",
  usable: "function",
};

const pack = (name: string, inputMode: "image" | "rows" = "image") =>
  packModel(readFileSync(modelPath(name)), name, { inputMode }).file;

/** A network of one pointwise step. */
function tiny(): Uint8Array {
  const input = activation("input", [2, 3, 5], 0.5, 3);
  const output = activation("output", [2, 3, 4], 0.25, -7);
  const kernel = weights([4, 1, 1, 5], new Int8Array(noise(20, 1).buffer), [0.003]);
  return wholeFile(graphOf([pointwise(0, input, output, kernel, biases([1, 2, 3, 4]))], input, [output]));
}

for (const variant of VARIANTS) {
  const module = engineModule(variant);

  test(`${variant}: no imports, the documented exports, no mutable global among them`, () => {
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    const exports = WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]);
    assert.deepEqual(Object.fromEntries(exports), EXPORTS);
    const { __heap_base, __data_end } = newEngine(variant);
    for (const [name, global] of Object.entries({ __heap_base, __data_end })) {
      assert.throws(() => (global.value = 0), TypeError, name);
      assert.equal((global.value as number) % 16, 0, `${name} is a multiple of 16`);
    }
  });

  test(`${variant}: no mutable global at all`, () => {
    const bytes = readFileSync(new URL(`../../build/engine.${variant}.wasm`, import.meta.url));
    assert.deepEqual(
      globalsOf(bytes).filter((mutable) => mutable),
      [],
    );
  });

  test(`${variant}: 10,000 inferences do not grow memory and give one result`, () => {
    const model = machine(variant, tiny());
    const input = noise(30, 2);
    const [first] = model.run(input);
    const size = model.engine.memory.buffer.byteLength;
    for (let i = 0; i < 10_000; i++) {
      model.invoke(input);
      if (i % 1000 === 999) assertBytes(model.outputs()[0]!, first!, `inference ${i}`);
    }
    assert.equal(model.engine.memory.buffer.byteLength, size);
  });

  test(`${variant}: the file is only read`, () => {
    const file = pack("mixed");
    const model = machine(variant, file);
    model.run(golden("mixed").cases[0]!.input);
    assertBytes(model.memory.slice(model.file, model.file + file.length), file, "file");
  });

  test(`${variant}: rows pushed in any portions give what invoke gives`, () => {
    for (const name of MODELS) {
      const { cases } = golden(name);
      for (const mode of ["image", "rows"] as const) {
        const model = machine(variant, pack(name, mode));
        cases.slice(0, 2).forEach(({ input, outputs }, k) => {
          const portions = noise(64, k + 1);
          let portion = 0;
          for (const [how, choose] of [
            ["one by one", () => 1],
            ["all that there is room for", (room: number) => room],
            ["in random portions", (room: number) => 1 + (portions[portion++ % 64]! % room)],
          ] as const) {
            assert.equal(model.push(input, choose), STATUS_OK);
            model.outputs().forEach((bytes, i) => {
              assertBytes(bytes, outputs[i]!, `${name}, ${mode}, rows pushed ${how}`);
            });
          }
        });
      }
    }
  });

  test(`${variant}: too many rows are refused, and the engine goes on`, () => {
    const { cases } = golden("v1_grey");
    for (const mode of ["image", "rows"] as const) {
      const model = machine(variant, pack("v1_grey", mode));
      const { engine, arena } = model;
      engine.reset(arena);
      const room = engine.inputRoom(arena) >>> 0;
      for (const rows of [room + 1, 1000, 0xffffffff]) {
        assert.equal(engine.push(arena, rows) >>> 0, STATUS_ROWS);
        assert.equal(engine.inputRoom(arena) >>> 0, room);
      }
      assert.equal(model.push(cases[0]!.input), STATUS_OK);
      assert.equal(engine.inputRoom(arena) >>> 0, 0, "no room after the last row");
      assert.equal(engine.push(arena, 1) >>> 0, STATUS_ROWS);
      assertBytes(model.outputs()[0]!, cases[0]!.outputs[0]!, mode);
      assertBytes(model.run(cases[1]!.input)[0]!, cases[1]!.outputs[0]!, `${mode}, next input`);
    }
  });

  test(`${variant}: an inference can be broken off at any row`, () => {
    const { cases } = golden("legacy_v2");
    const model = machine(variant, pack("legacy_v2", "rows"));
    for (let rows = 1; rows < model.inputRows; rows += 3) {
      let left = rows;
      model.engine.reset(model.arena);
      while (left-- > 0) model.engine.push(model.arena, 1);
      assert.equal(model.engine.done(model.arena), 0);
      assertBytes(model.run(cases[0]!.input)[0]!, cases[0]!.outputs[0]!, `after ${rows} rows`);
    }
  });

  test(`${variant}: invoke says so where the input must be pushed`, () => {
    let streamed = 0;
    for (const name of MODELS) {
      const model = machine(variant, pack(name, "rows"));
      const rows = model.records.tensor(model.records.ports.input, TENSOR_RING_ROWS);
      const status = model.engine.invoke(model.arena) >>> 0;
      assert.equal(status, rows < model.inputRows ? STATUS_STREAMED : STATUS_OK, name);
      if (status === STATUS_STREAMED) streamed++;
    }
    assert.ok(streamed > 0, "no small model is streamed");
  });

  test(`${variant}: models share one instance`, () => {
    const engine = newEngine(variant);
    const models: { name: string; model: Machine }[] = [];
    for (const name of MODELS) {
      models.push({
        name,
        model: new Machine(engine, pack(name, models.length % 2 ? "rows" : "image"), models.at(-1)?.model.end),
      });
    }
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      // In turns, each half way before the next begins.
      for (const { model } of models) {
        engine.reset(model.arena);
      }
      for (const { name, model } of models) {
        const { input, outputs } = golden(name).cases[round]!;
        model.run(input).forEach((bytes, k) => {
          assertBytes(bytes, outputs[k]!, `${name}, round ${round}`);
        });
      }
      models.reverse();
    }
  });

  test(`${variant}: the arena's first contents do not matter`, () => {
    const file = pack("mixed");
    const { input, outputs } = golden("mixed").cases[0]!;
    const engine = newEngine(variant);
    reserve(engine, 1 << 20);
    new Uint8Array(engine.memory.buffer).fill(0x5a, align(engine.__heap_base.value as number));
    const model = new Machine(engine, file);
    assertBytes(model.run(input)[0]!, outputs[0]!, "mixed");
    assert.ok(model.end - model.arena === model.records.header(HEADER_ARENA_BYTES));
  });
}

/** For each global that a module defines, whether it is mutable. */
function globalsOf(bytes: Uint8Array): boolean[] {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++]!;
    const length = number();
    const end = at + length;
    if (section === 6) {
      return Array.from({ length: number() }, () => {
        at++; // type
        const mutable = bytes[at++] === 1;
        assert.equal(bytes[at++], 0x41, "initial values are i32.const");
        number();
        assert.equal(bytes[at++], 0x0b);
        return mutable;
      });
    }
    at = end;
  }
  return [];
}

test("no build has static memory beside a few constants, but simd what it widens bytes into", () => {
  for (const variant of VARIANTS) {
    const bytes = newEngine(variant).__heap_base.value as number;
    assert.ok(bytes < (variant === "simd" ? 50_000 : 128), `${variant}: ${bytes} bytes`);
  }
  for (const variant of STREAMED_VARIANTS) {
    const bytes = newStreamedEngine(variant, new Flash(new Uint8Array(0))).__heap_base.value as number;
    assert.ok(bytes < 128, `${variant}: ${bytes} bytes`);
  }
});
