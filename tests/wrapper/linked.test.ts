/** Linked files: models that take turns in one arena give what they give alone, in any order; damaged files are refused. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import * as layout from "../../assembly/layout.js";
import { checksum } from "../../src/checksum.js";
import { supports, VARIANTS } from "../../src/engine.js";
import {
  EngineError,
  FormatError,
  InputError,
  load,
  loadLinked,
  loadLinkedSync,
  loadSync,
  mvp,
} from "../../src/index.js";
import { readLinked } from "../../src/linked.js";
import { Model } from "../../src/model.js";
import { standalone } from "../../src/standalone.js";
import { LinkError, link } from "../../tools/weight-packer/link.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { writeLinked } from "../../tools/weight-packer/write/linked.js";
import { Random } from "../support/engine-damage.js";
import { activation, biases, graphOf, pointwise, weights, wholeFile } from "../support/engine-graphs.js";
import { golden, MODELS, modelPath, typed } from "../support/models.js";
import { noise } from "../support/noise.js";
import fc from "../support/property.js";
import { shared, without } from "../support/shared.js";

const pack = (name: string, inputMode: "image" | "rows" = "image") =>
  packModel(readFileSync(modelPath(name)), name, { inputMode }).file;

/** All small models, every second with its input as rows. */
const members = MODELS.map((name, k) => ({ name, file: pack(name, k % 2 ? "rows" : "image") }));
const all = link(members);

/** A network of one pointwise step, 2 rows x 3 pixels x 5 channels in. */
function tiny(seed: number): Uint8Array {
  const input = activation("input", [2, 3, 5], 0.5, 3);
  const output = activation("output", [2, 3, 4], 0.25, -7);
  const kernel = weights([4, 1, 1, 5], new Int8Array(noise(20, seed).buffer), [0.003]);
  return wholeFile(graphOf([pointwise(0, input, output, kernel, biases([1, 2, 3, 4]))], input, [output]));
}

const tinyPair = link([
  { name: "a", file: tiny(1) },
  { name: "b", file: tiny(2) },
]);

function assertOutputs(outputs: readonly { buffer: ArrayBufferLike }[], wanted: Uint8Array[], message: string): void {
  assert.equal(outputs.length, wanted.length, message);
  for (const [k, output] of outputs.entries()) {
    assert.ok(Buffer.from(output.buffer as ArrayBuffer).equals(wanted[k]!), `${message}, output ${k}`);
  }
}

for (const engine of VARIANTS.filter(supports)) {
  test(`${engine}: models in any order equal TFLite's reference`, () => {
    const { models, arenaBytes } = loadLinkedSync(all, { engine });
    assert.equal(arenaBytes, Math.max(...members.map(({ file }) => loadSync(file, { engine }).info.arenaBytes)));
    const random = new Random(7);
    for (let n = 0; n < 60; n++) {
      const name = random.pick(MODELS);
      const { input, cases } = golden(name);
      const { name: title, input: bytes, outputs } = random.pick(cases);
      assertOutputs(models[name]!.run(typed(input.dtype, bytes)), outputs, `${n}: ${name} ${title}`);
    }
  });

  test(`${engine}: 10,000 inferences in turn do not grow memory and give each model's own result`, (t) => {
    const memories = new Set<WebAssembly.Memory>();
    const { grow } = WebAssembly.Memory.prototype;
    const growths = t.mock.method(
      WebAssembly.Memory.prototype,
      "grow",
      function (this: WebAssembly.Memory, by: number) {
        memories.add(this);
        return grow.call(this, by);
      },
    ).mock;
    // The others are there to ask for more memory than an instance has at first.
    const { models } = loadLinkedSync(link([...readLinked(tinyPair), ...members]), { engine });
    const [memory] = memories;
    const [size, count] = [memory!.buffer.byteLength, growths.callCount()];
    const inputs = [new Int8Array(noise(30, 3).buffer), new Int8Array(noise(30, 4).buffer)];
    const wanted = readLinked(tinyPair).map(({ file }, k) => loadSync(file, { engine }).run(inputs[k]!));
    assert.notDeepEqual(wanted[0], wanted[1]);
    for (let n = 0; n < 5000; n++) {
      const a = models.a!.run(inputs[0]!);
      const b = models.b!.run(inputs[1]!);
      if (n % 500 === 499) assert.deepEqual([a, b], wanted, `inference ${n}`);
    }
    assert.equal(memory!.buffer.byteLength, size);
    assert.equal(growths.callCount(), count);
  });
}

test("warm runs all models and leaves them as new", async (t) => {
  const runs = t.mock.method(Model.prototype, "run").mock;
  for (const loading of [() => loadLinkedSync(all, { warm: true }), () => loadLinked(all, { warm: true })]) {
    const { models } = await loading();
    assert.deepEqual(new Set(runs.calls.map((call) => call.this)), new Set(Object.values(models)));
    runs.resetCalls();
    for (const [name, model] of Object.entries(models)) {
      const { input, cases } = golden(name);
      assert.throws(() => model.outputs());
      assert.equal(model.push(typed(input.dtype, cases[0]!.input)), true, name);
      assertOutputs(model.outputs(), cases[0]!.outputs, name);
    }
  }
});

test("rows of one model are lost once another begins: a clear error, and both go on", () => {
  const { models } = loadLinkedSync(all);
  const [first, second] = [MODELS[0]!, MODELS[1]!];
  const a = { model: models[first]!, golden: golden(first) };
  const b = { model: models[second]!, golden: golden(second) };
  const inputOf = ({ golden }: typeof a) => typed(golden.input.dtype, golden.cases[0]!.input);
  const row = inputOf(a).subarray(0, a.model.info.input.width * a.model.info.input.channels);
  const run = ({ model, golden }: typeof a) =>
    assertOutputs(model.run(inputOf({ model, golden })), golden.cases[0]!.outputs, model.info.name);
  const message = new RegExp(`the model "${second}" took the arena since the input of the model "${first}" began`);
  const lost = (act: () => unknown) =>
    assert.throws(act, (e: Error) => e instanceof EngineError && message.test(e.message));

  a.model.reset();
  a.model.push(row);
  run(b);
  lost(() => a.model.push(row));
  lost(() => a.model.push(row));
  lost(() => a.model.outputs());
  run(b);
  run(a);

  // Outputs that were not read are lost as well, and those of the other are there.
  run(b);
  lost(() => a.model.outputs());
  assertOutputs(b.model.outputs(), b.golden.cases[0]!.outputs, second);

  // To begin again without rows takes nothing from the other.
  a.model.reset();
  assert.throws(() => a.model.outputs(), InputError);
  assertOutputs(b.model.outputs(), b.golden.cases[0]!.outputs, second);
  for (let at = 0; at < inputOf(a).length; at += row.length) a.model.push(inputOf(a).subarray(at, at + row.length));
  assertOutputs(a.model.outputs(), a.golden.cases[0]!.outputs, first);
});

test("streams of pixels of two models: each image belongs to one", () => {
  const names = MODELS.filter((name) => golden(name).input.shape[3] === 3).slice(0, 2);
  const { models } = loadLinkedSync(all);
  const [a, b] = names.map((name) => models[name]!) as [Model, Model];
  const image = { width: 40, height: 40, data: noise(40 * 40 * 3, 5) };
  const wanted = [a, b].map((model) => model.run(model.prepare(image)));
  const source = { width: 40, height: 40, format: "rgb" as const };
  const streams = [a.stream(source), b.stream(source)] as const;
  for (let n = 0; n < 2; n++) {
    for (const [k, stream] of streams.entries()) {
      stream.push(image.data);
      assert.deepEqual(stream.result(), wanted[k]);
      stream.reset();
    }
  }
  streams[0].push(image.data.subarray(0, 40 * 3 * 20));
  b.run(b.prepare(image));
  assert.throws(() => streams[0].push(image.data.subarray(0, 40 * 3 * 20)), EngineError);
  streams[0].reset();
  streams[0].push(image.data);
  assert.deepEqual(streams[0].result(), wanted[0]);
});

test("linked files and single ones are told apart, also inside a module", async () => {
  const one = tiny(1);
  assert.throws(() => loadSync(tinyPair), /holds 2 models \(a, b\): use loadLinked/);
  await assert.rejects(load(tinyPair), FormatError);
  await assert.rejects(loadLinked(one), FormatError);
  assert.throws(() => loadLinkedSync(new Uint8Array(0)), FormatError);
  const module = new WebAssembly.Module(standalone(mvp.bytes(), tinyPair));
  const { models } = await loadLinked(module);
  const input = new Int8Array(noise(30, 3).buffer);
  assert.deepEqual(models.a!.run(input), loadSync(one).run(input));
  assert.deepEqual(Object.keys(models), ["a", "b"]);
});

test("what cannot be linked is refused with its name", () => {
  const a = { name: "a", file: tiny(1) };
  assert.throws(() => link([a]), LinkError);
  const streamed = {
    name: "streamed",
    file: packModel(readFileSync(modelPath("v1_grey")), "v1_grey", { windowBytes: 2048 }).file,
  };
  assert.throws(() => link([a, streamed]), { name: "LinkError", message: /"streamed" has streamed weights/ });
  assert.throws(() => loadLinkedSync(writeLinked([a, streamed])), {
    name: "FormatError",
    message: /"streamed" are streamed/,
  });
  assert.throws(() => link([a, a]), /two models have the name "a"/);
  assert.throws(() => link([a, { name: "", file: a.file }]), LinkError);
  assert.throws(() => link([a, { name: "pair", file: tinyPair }]), /"pair" is a linked file itself/);
  assert.throws(() => link([a, { name: "b", file: noise(512, 1) }]), /"b" cannot be linked: .*not a \.midge file/);
  assert.throws(() => link([a, { name: "b", file: a.file.subarray(0, -16) }]), /"b" cannot be linked/);
});

/** A changed table whose checksum is right. */
function changed(change: (view: DataView) => void): Uint8Array {
  const file = tinyPair.slice();
  const view = new DataView(file.buffer);
  change(view);
  const table = Math.min(view.getUint32(layout.LINKED_TABLE_BYTES, true), file.length) & ~15;
  view.setUint32(layout.LINKED_CHECKSUM, checksum(file.subarray(0, table)), true);
  return file;
}

const second = layout.LINKED_MEMBERS + layout.MEMBER_BYTES;
const DAMAGE: [what: string, message: RegExp, at: number, value: (old: number, view: DataView) => number][] = [
  ["a later version", /version 2/, layout.LINKED_VERSION, () => 2],
  ["another length", /bytes instead of/, layout.LINKED_FILE_BYTES, (old) => old + 16],
  ["no members", /it has 0 members/, layout.LINKED_MEMBER_COUNT, () => 0],
  ["members without end", /members/, layout.LINKED_MEMBER_COUNT, () => 0xffffffff],
  ["a table without end", /table/, layout.LINKED_TABLE_BYTES, () => 0xfffffff0],
  ["a small arena", /arena/, layout.LINKED_ARENA_BYTES, (old) => old - 16],
  ["a member past the end", /"b" lies outside/, second + layout.MEMBER_FILE, (old) => old + 16],
  ["a member in the table", /"b" lies outside/, second + layout.MEMBER_FILE, () => 16],
  ["a member far away", /"b" lies outside/, second + layout.MEMBER_FILE, () => 0xfffffff0],
  ["a member askew", /multiple of 16/, second + layout.MEMBER_FILE, (old) => old - 8],
  ["a member of no bytes", /"b" has 0 bytes/, second + layout.MEMBER_FILE_BYTES, () => 0],
  ["members that overlap", /overlap/, second + layout.MEMBER_FILE, (old) => old - 16],
  [
    "the same member twice",
    /overlap/,
    second + layout.MEMBER_FILE,
    (_, view) => view.getUint32(layout.LINKED_MEMBERS, true),
  ],
  ["a name of no bytes", /name/, second + layout.MEMBER_NAME_BYTES, () => 0],
  [
    "a name past the table",
    /name/,
    second + layout.MEMBER_NAME,
    (_, view) => view.getUint32(layout.LINKED_TABLE_BYTES, true),
  ],
  ["the same name twice", /two models have the name "a"/, second + layout.MEMBER_NAME, (old) => old - 1],
];

for (const [what, message, at, value] of DAMAGE) {
  test(`a linked file with ${what} is refused`, () => {
    const file = changed((view) => view.setUint32(at, value(view.getUint32(at, true), view), true));
    assert.throws(
      () => loadLinkedSync(file),
      (e: Error) => e instanceof FormatError && message.test(e.message),
    );
  });
}

test("a damaged member is refused by its name", () => {
  const [, b] = readLinked(tinyPair);
  const file = tinyPair.slice();
  file[b!.offset + layout.HEADER_BYTES]! ^= 1;
  assert.throws(() => loadLinkedSync(file), /the model "b" was refused: .*checksum/);
});

test("damaged linked files are refused, or load and run", () => {
  const input = new Int8Array(noise(30, 3).buffer);
  const table = new DataView(tinyPair.buffer).getUint32(layout.LINKED_TABLE_BYTES, true);
  let [refused, ran] = [0, 0];
  const change = fc.record({
    at: fc.integer({ min: 0, max: tinyPair.length - 1 }),
    inTable: fc.boolean(),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  const property = fc.property(
    fc.array(change, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
    fc.option(fc.integer({ min: 0, max: tinyPair.length })),
    (changes, mend, cut) => {
      const file = tinyPair.slice(0, cut ?? undefined);
      for (const { at, inTable, byte } of changes)
        if (file.length) file[(inTable ? at % table : at) % file.length] = byte;
      if (mend && file.length >= table) {
        new DataView(file.buffer).setUint32(layout.LINKED_CHECKSUM, checksum(file.subarray(0, table)), true);
      }
      let models: Readonly<Record<string, Model>>;
      try {
        ({ models } = loadLinkedSync(file, { engine: "mvp" }));
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        refused++;
        return;
      }
      for (const model of Object.values(models)) model.run(input);
      ran++;
    },
  );
  fc.assert(property, { numRuns: 3000 });
  assert.ok(refused > 1000 && ran > 0, `${refused} refused, ${ran} ran`);
});

test("writing and reading agree for any number of members and names", () => {
  const file = tiny(1);
  const names = fc.uniqueArray(fc.string({ minLength: 1, unit: "grapheme" }), { minLength: 2, maxLength: 9 });
  fc.assert(
    fc.property(names, (list) => {
      const linked = writeLinked(list.map((name) => ({ name, file })));
      assert.equal(linked.length % 16, 0);
      assert.deepEqual(
        readLinked(linked).map(({ name }) => name),
        list,
      );
    }),
    { numRuns: 200 },
  );
});

interface SharedGolden {
  model: string;
  cases: { name: string; input: string; outputs: { file: string }[] }[];
}

const PAIR = ["ssd_mobilenet_v1_one_class_quant", "vww_96_int8"];
test("a published detector and a classifier in turn equal TFLite's reference", { skip: without("golden") }, () => {
  const bytes = (name: string, file: string) => gunzipSync(readFileSync(shared(`golden/${name}/${file}`)));
  const goldens = PAIR.map(
    (name): SharedGolden => JSON.parse(readFileSync(shared(`golden/${name}/golden.json`), "utf8")),
  );
  const { models } = loadLinkedSync(
    link(
      goldens.map(({ model }, k) => ({
        name: PAIR[k]!,
        file: packModel(readFileSync(shared(`models/${model}`)), model).file,
      })),
    ),
  );
  for (let n = 0; n < 4; n++) {
    for (const [k, { cases }] of goldens.entries()) {
      const name = PAIR[k]!;
      const model = models[name]!;
      const { input, outputs } = cases[n % cases.length]!;
      const wanted = outputs.map(({ file }) => bytes(name, file));
      assertOutputs(model.run(typed(model.info.input.type, bytes(name, input))), wanted, `${name}, case ${n}`);
    }
  }
});
