/** The wrapper over builds for streamed weights: sources, readers, and readers that fail. */
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EngineError, FormatError, InputError, loadSync as loadPlain, type WeightReader } from "../../src/index.js";
import { load, loadSync } from "../../src/streamed.js";
import { readerOf } from "../../src/weights.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { temporaryFolder } from "../support/command.js";
import { golden, modelPath, packed, typed } from "../support/models.js";
import { resident, STREAMED_VARIANTS, streamedModule } from "../support/streamed.js";

const name = "v2_colour";
const { file, report } = packModel(readFileSync(modelPath(name)), name, { windowBytes: 2048, inputMode: "rows" });
const { input: port, cases } = golden(name);
const [first, second] = cases.map((c) => ({ input: typed(port.dtype, c.input), outputs: c.outputs })) as [Case, Case];

interface Case {
  input: Int8Array | Uint8Array;
  outputs: Uint8Array[];
}

function assertRuns(model: ReturnType<typeof loadSync>, { input, outputs }: Case): void {
  const got = model.run(input).map(({ buffer }) => new Uint8Array(buffer));
  assert.deepEqual(got, outputs);
}

for (const variant of ["mvp", "simd"] as const) {
  test(`${variant}: a whole file, or its resident part and a reader`, async () => {
    assertRuns(loadSync(file, { engine: variant }), first);
    assertRuns(await load(file.slice().buffer, { engine: variant }), first);
    const given = resident(file).slice();
    let bytes = 0;
    const weights: WeightReader = (offset, into) => {
      bytes += into.length;
      return readerOf(file)(offset, into);
    };
    const model = await load(given, { engine: variant, weights });
    assert.equal(bytes, 0, "loading reads no weights");
    assertRuns(model, first);
    assert.equal(bytes, report.streamed!.readBytes);
    assert.equal(model.info.engine, variant);
    assert.equal(model.info.fileBytes, file.length);
    assert.equal(model.info.residentBytes, given.length);
  });

  test(`${variant}: warm runs the model while loading and leaves it as new`, async () => {
    let bytes = 0;
    const weights: WeightReader = (offset, into) => {
      bytes += into.length;
      return readerOf(file)(offset, into);
    };
    const options = { engine: variant, weights, warm: true };
    for (const loading of [() => loadSync(resident(file), options), () => load(resident(file), options)]) {
      const model = await loading();
      assert.ok(bytes > 0 && bytes % report.streamed!.readBytes === 0);
      assert.throws(() => model.outputs(), InputError);
      assert.equal(model.push(first.input), true);
      assert.deepEqual(
        model.outputs().map(({ buffer }) => new Uint8Array(buffer)),
        first.outputs,
      );
      bytes = 0;
    }
  });

  test(`${variant}: a file on disk`, () => {
    const path = join(temporaryFolder(), "model.midge");
    writeFileSync(path, file);
    const disk = openSync(path, "r");
    const model = loadSync(resident(file), {
      engine: variant,
      weights: (offset, into) => readSync(disk, into, 0, into.length, offset),
    });
    assertRuns(model, first);
    closeSync(disk);
    // The disk is gone.
    assert.throws(() => model.run(first.input), { name: "EngineError", message: /could not|did not read.*EBADF/ });
  });

  test(`${variant}: a reader that fails ends the run with an EngineError; the model can be used again`, () => {
    let fails: ((into: Uint8Array) => number) | undefined;
    let reads = 0;
    const model = loadSync(resident(file), {
      engine: variant,
      weights: (offset, into) => (++reads === 5 && fails ? fails(into) : readerOf(file)(offset, into)),
    });
    const stop = (how: typeof fails) => {
      fails = how;
      reads = 0;
      try {
        model.run(first.input);
      } catch (error) {
        assert.ok(error instanceof EngineError);
        assert.equal(error.details?.code, "read");
        assert.ok(error.details.step! >= 0);
        assert.throws(() => model.outputs(), InputError);
        fails = undefined;
        assertRuns(model, second);
        return error;
      }
      assert.fail("the run did not stop");
    };
    const reason = new Error("the flash is worn out");
    const thrown = stop(() => {
      throw reason;
    });
    assert.equal(thrown.cause, reason);
    assert.match(thrown.message, /worn out/);
    for (const answer of [0, -1, Number.NaN]) assert.equal(stop(() => answer).cause, undefined);
    stop((into) => into.length - 1);
    // A thrown value that is no error is a cause all the same.
    assert.equal(
      stop(() => {
        throw "text";
      }).cause,
      "text",
    );
  });

  test(`${variant}: a stream of rows whose push fails half way must be begun anew, and then can`, () => {
    let left = 30;
    const model = loadSync(resident(file), {
      engine: variant,
      weights: (offset, into) => (left-- > 0 ? readerOf(file)(offset, into) : 0),
    });
    const { height, width } = model.info.input;
    const pixels = new Uint8Array(height * width * 3).map((_, i) => (i * 37) & 255);
    const stream = model.stream({ width, height, format: "rgb" });
    assert.ok(!stream.push(pixels.subarray(0, stream.rowBytes)));
    assert.throws(() => stream.push(pixels.subarray(stream.rowBytes)), EngineError);
    assert.equal(left, -1, "the engine went on after a failed read");
    left = Number.POSITIVE_INFINITY;
    // Some rows of the push are in the engine, some are not: neither the rest nor the outputs would mean anything.
    assert.throws(() => stream.push(pixels.subarray(0, stream.rowBytes)), InputError);
    assert.throws(() => stream.result(), InputError);
    stream.reset();
    assert.ok(stream.push(pixels));
    const result = stream.result();
    assert.deepEqual(result, model.run(model.prepare({ data: rgba(pixels), width, height })));
    assertRuns(model, first);
  });
}

function rgba(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)]!,
  );
}

test("a compiled module of a build for streamed weights is known as one", async () => {
  for (const variant of STREAMED_VARIANTS) {
    const model = await load(file, { module: streamedModule(variant) });
    assert.equal(model.info.engine, "module");
    assertRuns(model, first);
  }
});

test("files and builds that do not fit are told apart", async () => {
  assert.throws(() => loadPlain(file), { name: "FormatError", message: /load it with "midge\/streamed"/ });
  assert.throws(() => loadSync(packed(name)), { name: "FormatError", message: /not streamed: load it with "midge"/ });
  assert.throws(() => loadPlain(packed(name), { weights: readerOf(file) }), InputError);
  // Neither the weights nor a reader of them.
  assert.throws(() => loadSync(resident(file)), FormatError);
  assert.throws(() => loadSync(file.subarray(0, file.length - 1)), FormatError);
  // Not even the resident part.
  const short = resident(file).subarray(0, resident(file).length - 16);
  assert.throws(() => loadSync(short, { weights: readerOf(file) }), FormatError);
  assert.throws(() => loadSync(new Uint8Array(512)), { name: "FormatError", details: { code: "magic" } });
  await assert.rejects(load(file, { engine: "relaxed" }), { name: "EnvironmentError" });
});
