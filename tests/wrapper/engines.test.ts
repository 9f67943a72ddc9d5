/** Engines that are fetched: slim ones of `midge pack --slim`, by URL, by bytes, as a module. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { load, loadSync } from "../../src/core.js";
import { pick } from "../../src/engine.js";
import { EnvironmentError, FormatError, InputError, mvp } from "../../src/index.js";
import { midge, midgeJson, temporaryFolder } from "../support/command.js";
import { golden, modelPath, packed, typed } from "../support/models.js";

const folder = temporaryFolder();
const output = join(folder, "grey.midge");
const packedSlim = midgeJson<{ engines: { file: string; variant: string; bytes: number }[] }>(
  "pack",
  modelPath("v1_grey"),
  "-o",
  output,
  "--slim",
  "mvp,simd",
);
const urlOf = (variant: string) => pathToFileURL(join(folder, `grey.${variant}.wasm`));
const { input, cases } = golden("v1_grey");

function assertRuns(model: Awaited<ReturnType<typeof load>>): void {
  const { input: bytes, outputs } = cases[0]!;
  const [got] = model.run(typed(input.dtype, bytes));
  assert.deepEqual(Buffer.from(got!.buffer), Buffer.from(outputs[0]!));
}

test("pack --slim writes engines beside the model, and says how large they are", () => {
  assert.deepEqual(
    packedSlim.engines.map((e) => [e.variant, e.file, readFileSync(e.file).length === e.bytes]),
    ["mvp", "simd"].map((variant) => [variant, join(folder, `grey.${variant}.wasm`), true]),
  );
});

test("an engine by its URL is fetched when it is picked, and no other", async () => {
  const engines = [
    { variant: "mvp" as const, url: new URL("file:///nowhere/engine.wasm") },
    { variant: "simd" as const, url: urlOf("simd") },
  ];
  const model = await load(pathToFileURL(output), { engines });
  assert.equal(model.info.engine, "simd");
  assert.equal(model.info.engineBytes, readFileSync(urlOf("simd")).length);
  assertRuns(model);
  await assert.rejects(load(pathToFileURL(output), { engines, engine: "mvp" }), EnvironmentError);
  assert.throws(() => loadSync(readFileSync(output), { engines }), InputError);
});

test("an engine by its bytes or as a module", async () => {
  const bytes = new Uint8Array(readFileSync(urlOf("mvp")));
  assertRuns(loadSync(readFileSync(output), { engines: [{ variant: "mvp", bytes: () => bytes }] }));
  assertRuns(await load(readFileSync(output), { module: new WebAssembly.Module(bytes) }));
});

test("why there is no engine: what is given, wanted and known to the host", () => {
  const simd = { variant: "simd" as const, url: "" };
  assert.throws(() => pick([simd], "mvp"), {
    name: "EnvironmentError",
    message: /has \[simd\], options\.engine is mvp, this host runs \[(relaxed,)?(simd,)?mvp\]$/,
  });
  assert.throws(() => pick([], "auto"), { name: "EnvironmentError", message: /has \[\], options\.engine is auto/ });
});

test("what is no engine is told by its URL", async () => {
  const path = join(folder, "text.wasm");
  writeFileSync(path, "<!doctype html>");
  const engines = [{ variant: "mvp" as const, url: pathToFileURL(path) }];
  await assert.rejects(load(readFileSync(output), { engines }), (error: Error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.match(error.message, /text\.wasm is no engine/);
    return true;
  });
});

test("a slim engine refuses a model that needs more, by step and field", async () => {
  const engines = [{ variant: "mvp" as const, url: urlOf("mvp") }];
  await assert.rejects(load(packed("v3_colour"), { engines }), (error: Error) => {
    assert.ok(error instanceof FormatError);
    assert.equal(error.details?.code, "operator");
    assert.ok(error.details?.step !== undefined && error.details.field !== undefined);
    assert.match(error.message, /slim engine leaves out: step \d+, STEP_/);
    return true;
  });
});

test("pack FILE.wasm --slim carries a slim engine", async () => {
  const [slim, whole] = [join(folder, "slim.wasm"), join(folder, "whole.wasm")];
  for (const [path, ...option] of [[slim, "--slim"], [whole]]) {
    assert.equal(midge("pack", modelPath("v1_grey"), "-o", path!, "--variant", "mvp", ...option).status, 0);
  }
  const bytes = readFileSync(slim);
  assert.ok(bytes.length < readFileSync(whole).length && readFileSync(whole).length > mvp.bytes().length);
  assertRuns(await load(new WebAssembly.Module(bytes)));
});

test("pack --slim refuses a list that it does not know", () => {
  const { status, stderr } = midge("pack", modelPath("v1_grey"), "-o", output, "--slim", "sse");
  assert.equal(status, 1);
  assert.match(stderr, /list of relaxed, simd, mvp/);
});
