/** The built package, as a user's program sees it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { supports, VARIANTS } from "../../src/engine.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a module's text in a new Node process in the project's root. */
function node(text: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test("every entry can be imported by its name", () => {
  const text = `
    const main = await import("midge");
    const core = await import("midge/core");
    const classify = await import("midge/classify");
    const { mvp } = await import("midge/engine/mvp");
    const { simd } = await import("midge/engine/simd");
    const streamed = await import("midge/streamed");
    const { mvpStreamed } = await import("midge/engine/mvp-streamed");
    const { simdStreamed } = await import("midge/engine/simd-streamed");
    console.log(typeof main.load, typeof core.load, typeof classify.load, mvp.variant, simd.variant, "mvp" in core);
    console.log(typeof streamed.load, mvpStreamed.variant, simdStreamed.variant, "mvpStreamed" in main);`;
  assert.equal(node(text), "function function function mvp simd false\nfunction mvp simd false");
});

for (const variant of VARIANTS) {
  test(`engine.${variant}.wasm imports nothing and equals the embedded bytes`, () => {
    const file = readFileSync(fileURLToPath(import.meta.resolve(`midge/engine.${variant}.wasm`)));
    // Hosts without relaxed SIMD, Node 20 among them, cannot look into that build.
    if (supports(variant)) assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(file)), []);
    const embedded = node(`
      const { ${variant} } = await import("midge/engine/${variant}");
      console.log(Buffer.from(${variant}.bytes()).toString("base64"));`);
    assert.ok(embedded === file.toString("base64"), "run `npm run build`");
  });
}

for (const variant of ["mvp", "simd"] as const) {
  test(`engine.${variant}-streamed.wasm imports env.read_weights and equals the embedded bytes`, () => {
    const file = readFileSync(fileURLToPath(import.meta.resolve(`midge/engine.${variant}-streamed.wasm`)));
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(file));
    assert.deepEqual(imports, [{ module: "env", name: "read_weights", kind: "function" }]);
    const embedded = node(`
      const { ${variant}Streamed } = await import("midge/engine/${variant}-streamed");
      console.log(Buffer.from(${variant}Streamed.bytes()).toString("base64"));`);
    assert.ok(embedded === file.toString("base64"), "run `npm run build`");
  });
}

test("importing does nothing: not even WebAssembly is needed before a model is loaded", () => {
  const text = `
    delete globalThis.WebAssembly;
    const { supports, loadSync } = await import("midge");
    try { loadSync(new Uint8Array(16)); } catch (error) { console.log(supports("mvp"), error.name); }`;
  assert.equal(node(text), "false EnvironmentError");
});

test("the package works in a module worker", async () => {
  const text = `
    import { parentPort } from "node:worker_threads";
    const { loadSync } = await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
    try { loadSync(new Uint8Array(512)); } catch (error) { parentPort.postMessage(error.details.code); }`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`));
  const code = await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  assert.equal(code, "magic");
});
