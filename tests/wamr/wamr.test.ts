/**
 * examples/wamr: the engine's mvp build, unmodified, in WAMR's interpreter gives the bytes of the goldens and of the
 * wrapper. Building WAMR takes a while, so only `npm run test:wamr` does it.
 */
import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { loadSync } from "../../src/index.js";
import { link } from "../../tools/weight-packer/link.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { golden, MODELS, modelPath, packed, typed } from "../support/models.js";
import { noise } from "../support/noise.js";

const example = fileURLToPath(new URL("../../examples/wamr/", import.meta.url));
const program = join(example, "target", "release", process.platform === "win32" ? "midge-wamr.exe" : "midge-wamr");
const engine = fileURLToPath(new URL("../../build/engine.mvp.wasm", import.meta.url));
const streamedEngine = fileURLToPath(new URL("../../build/engine.mvp-streamed.wasm", import.meta.url));
const models = fileURLToPath(new URL("../../models/", import.meta.url));
const operators = new URL("../models/operators.json.gz", import.meta.url);

/** Why there is nothing to run here, or false. Where CI is set, what is missing is a failure. */
function reason(): string | false {
  if (process.env.npm_lifecycle_event !== "test:wamr") return "`npm run test:wamr` builds and runs it";
  if (process.env.CI) return false;
  for (const tool of ["cargo", "cmake"]) {
    if (spawnSync(tool, ["--version"]).status !== 0) return `there is no ${tool} here`;
  }
  if (!hasLibclang()) return "there is no libclang here (Debian: apt-get install libclang-dev)";
  return false;
}

/** Where bindgen looks for libclang: LIBCLANG_PATH, llvm-config's folder, Debian's folders. */
function hasLibclang(): boolean {
  if (process.env.LIBCLANG_PATH || process.platform !== "linux") return true;
  const folders = readdirSync("/usr/lib")
    .filter((name) => name.startsWith("llvm-"))
    .map((name) => join("/usr/lib", name, "lib"));
  return [...folders, "/usr/lib", "/usr/lib64", "/usr/local/lib"].some(
    (folder) => existsSync(folder) && readdirSync(folder).some((name) => /^libclang(-[\d.]+)?\.so/.test(name)),
  );
}

/** What is read here of an entry of tests/models/operators.json.gz; bytes in base64. */
interface OperatorGolden {
  name: string;
  model: string;
  outputs: { dtype: string }[];
  cases: { name: string; inputs: string[]; outputs: string[] }[];
}

let folder: string;

/** Runs a command of cargo on the example; it must go well. */
function cargo(command: string): void {
  const { error, status, stdout, stderr } = spawnSync("cargo", [command, "--release", "--locked"], {
    cwd: example,
    encoding: "utf8",
  });
  assert.ok(!error, `cargo does not run: ${error?.message}`);
  assert.equal(status, 0, `cargo ${command}: ${stdout}${stderr}`);
}

/** Runs the example on a packed model and an input; the outputs lie in `folder`/outputs then. */
function run(
  model: string,
  input: Uint8Array,
  runs = 1,
  { options = [], wasm = engine }: { options?: string[]; wasm?: string } = {},
): SpawnSyncReturns<string> {
  const inputPath = join(folder, "input.bin");
  writeFileSync(inputPath, input);
  const outputs = join(folder, "outputs");
  rmSync(outputs, { recursive: true, force: true });
  return spawnSync(program, [wasm, model, inputPath, outputs, "--runs", String(runs), ...options], {
    encoding: "utf8",
  });
}

/** The outputs of a run that must have gone well. */
function outputsOf({ status, stderr, error }: SpawnSyncReturns<string>): Uint8Array[] {
  assert.equal(error, undefined);
  assert.equal(status, 0, stderr);
  const outputs = join(folder, "outputs");
  return readdirSync(outputs).map((_, k) => new Uint8Array(readFileSync(join(outputs, `output${k}.bin`))));
}

/** Puts a packed model into `folder`. */
function place(file: Uint8Array): string {
  const path = join(folder, "model.midge");
  writeFileSync(path, file);
  return path;
}

describe("examples/wamr", { skip: reason() }, () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "midge-wamr-"));
    assert.ok(existsSync(engine), "build/engine.mvp.wasm is not here: npm run build");
    cargo("build");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("its own unit tests", () => cargo("test"));

  for (const name of MODELS) {
    test(`${name}: the goldens' bytes`, () => {
      const model = place(packed(name));
      for (const { name: title, input, outputs } of golden(name).cases) {
        assert.deepEqual(outputsOf(run(model, input, 2)), outputs, title);
      }
    });
  }

  test("100 runs: one result, and memory stays as it is", () => {
    // The program itself compares each run's bytes, and the linear memory's size before and after.
    const { input, outputs } = golden("v2_colour").cases[0]!;
    assert.deepEqual(outputsOf(run(place(packed("v2_colour")), input, 100)), outputs);
  });

  test("streamed weights: the goldens' bytes, as many bytes read as the packer says, and no weights in memory", () => {
    const { input, outputs } = golden("v2_colour").cases[0]!;
    const { file, report } = packModel(readFileSync(modelPath("v2_colour")), "v2_colour", { windowBytes: 1024 });
    const { residentBytes, readBytes } = report.streamed!;
    const result = run(place(file), input, 5, { wasm: streamedEngine });
    assert.deepEqual(outputsOf(result), outputs);
    assert.match(result.stdout, new RegExp(`^weights read: +${readBytes} bytes a run$`, "m"));
    const memory = Number(result.stdout.match(/^linear memory: (\d+) bytes/m)?.[1]);
    assert.ok(memory < residentBytes + report.arenaBytes + 256, `${memory} bytes of linear memory`);

    // The file ends too early; the wrong build.
    const short = run(place(file.subarray(0, -64)), input, 1, { wasm: streamedEngine });
    assert.match(short.stderr, /the run stopped: the host did not read a step's weights/);
    assert.match(run(place(file), input).stderr, /the module has 0 imports, the engine for this model has 1/);
    assert.match(run(place(packed("v2_colour")), input, 1, { wasm: streamedEngine }).stderr, /has 1 imports, .* has 0/);
  });

  test("indices: int32 and int64 as in the source model", () => {
    const types = new Set<string>();
    const all: OperatorGolden[] = JSON.parse(gunzipSync(readFileSync(operators)).toString()).operators;
    for (const { name, model, outputs, cases } of all.filter(({ name }) => name.startsWith("arg_max_network"))) {
      const path = place(packModel(Buffer.from(model, "base64"), name, {}).file);
      for (const { name: title, ...bytes } of cases) {
        const expected = bytes.outputs.map((text) => new Uint8Array(Buffer.from(text, "base64")));
        assert.deepEqual(outputsOf(run(path, Buffer.from(bytes.inputs[0]!, "base64"))), expected, `${name}, ${title}`);
      }
      for (const { dtype } of outputs) types.add(dtype);
    }
    assert.deepEqual([...types].sort(), ["int32", "int64"]);
  });

  for (const name of readdirSync(models).filter((file) => file.endsWith(".midge"))) {
    test(`models/${name}: the wrapper's bytes, and no memory that it does not need`, (t) => {
      const model = loadSync(readFileSync(join(models, name)));
      const { type, length } = model.info.input;
      const input = noise(length, 1);
      const result = run(join(models, name), input, 3);
      const outputs = outputsOf(result);
      t.diagnostic(result.stdout.trim().replace(/\s+/g, " "));
      const expected = model.run(typed(type, input));
      assert.deepEqual(
        outputs,
        expected.map(({ buffer }) => new Uint8Array(buffer)),
      );

      // File, arena, and far less than the page of 64 KiB that the engine declares: WAMR has shrunk it to __heap_base.
      const figure = (label: string) => Number(result.stdout.match(new RegExp(`^${label}: +(\\d+) bytes`, "m"))?.[1]);
      const beside = figure("linear memory") - figure("file") - figure("arena");
      assert.ok(beside >= 0 && beside < 256, `${beside} bytes beside file and arena`);
    });
  }

  test("a linked file: --model chooses, and is asked for", () => {
    const names = ["v1_grey", "v2_colour"];
    const path = place(link(names.map((name) => ({ name, file: packed(name) }))));
    for (const name of names) {
      const { input, outputs } = golden(name).cases[0]!;
      assert.deepEqual(outputsOf(run(path, input, 1, { options: ["--model", name] })), outputs, name);
    }
    const input = golden("v1_grey").cases[0]!.input;
    assert.match(run(path, input).stderr, /several models: choose one with --model/);
    assert.match(run(path, input, 1, { options: ["--model", "v3"] }).stderr, /no model "v3"/);
    assert.match(
      run(place(packed("v1_grey")), input, 1, { options: ["--model", "v1_grey"] }).stderr,
      /holds one model/,
    );
  });

  test("a truncated model is refused in words", () => {
    const model = place(packed("v1_grey").subarray(0, -16));
    const { status, stderr } = run(model, golden("v1_grey").cases[0]!.input);
    assert.equal(status, 1);
    assert.match(stderr, /the model was refused: the length differs from the header's \(code 3 STATUS_LENGTH\)/);
    assert.equal(existsSync(join(folder, "outputs")), false);
  });

  test("an input of the wrong length is refused", () => {
    const { status, stderr } = run(place(packed("v1_grey")), new Uint8Array(5));
    assert.equal(status, 1);
    assert.match(stderr, /the input has 5 bytes, the model takes \d+/);
  });
});
