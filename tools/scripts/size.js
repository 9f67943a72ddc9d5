/**
 * Prints the sizes of what is shipped: the engine's builds, and all that a page fetches beside the model, each file
 * compressed by itself. Fails if one is over its budget.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Budgets in bytes. */
const engines = {
  "build/engine.mvp.wasm": 14 * 1024,
  "build/engine.simd.wasm": 28 * 1024,
  "build/engine.relaxed.wasm": 32 * 1024,
  "build/engine.mvp-streamed.wasm": 16 * 1024,
  "build/engine.simd-streamed.wasm": 30 * 1024,
};
/** Of a page that classifies by whichever build, in bytes of gzip. */
const PAGE_GZIP = 15_000;

let over = false;

/** A script and all that it imports at once. */
function withImports(entry) {
  const files = new Set();
  const visit = (file) => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*"(\.[^"]+)"/g))
      visit(normalize(join(dirname(file), path)));
  };
  visit(entry);
  return [...files];
}

/** Prints the sums of some files. @param budget what `key` may be */
function row(name, files, key, budget) {
  const sum = (size) => files.map((file) => size(readFileSync(file))).reduce((a, b) => a + b, 0);
  const sizes = {
    raw: sum((bytes) => bytes.length),
    gzip: sum((bytes) => gzipSync(bytes, { level: 9 }).length),
    brotli: sum((bytes) => brotliCompressSync(bytes).length),
  };
  const cells = [...Object.values(sizes), budget ? `${budget} ${key}` : "-"];
  console.log(name.padEnd(44) + cells.map((cell, i) => String(cell).padStart(i < 3 ? 9 : 14)).join(""));
  if (budget && sizes[key] > budget) {
    console.error(`${name} is ${sizes[key] - budget} bytes over its budget`);
    over = true;
  }
}

console.log(`${"".padEnd(44)}      raw     gzip   brotli        budget`);
for (const [file, budget] of Object.entries(engines)) row(file, [file], "raw", budget);
for (const entry of ["classify", "core", "index"]) row(`midge/${entry}`, withImports(`dist/${entry}.js`));

const folder = mkdtempSync(join(tmpdir(), "midge-size-"));
const packed = join(folder, "model.midge");
const pack = ["dist/midge.js", "pack", "models/cifar10_mobilenet_v2.tflite", "-o", packed, "--slim"];
const { status, stderr } = spawnSync(process.execPath, pack, { encoding: "utf8" });
if (status !== 0) throw new Error(stderr);
for (const variant of ["mvp", "simd", "relaxed"]) {
  const slim = join(folder, `model.${variant}.wasm`);
  row(`page: classify, slim ${variant} of MobileNetV2`, [...withImports("dist/classify.js"), slim], "gzip", PAGE_GZIP);
}
for (const variant of ["mvp", "simd", "relaxed"]) {
  row(`page: core, ${variant}`, [...withImports("dist/core.js"), `dist/engine.${variant}.wasm`]);
}
rmSync(folder, { recursive: true });
process.exitCode = over ? 1 : 0;
