/** Prints the sizes of what is shipped and fails if a build of the engine is over its budget. */
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** Budgets in bytes. */
const budgets = {
  "build/engine.mvp.wasm": 14 * 1024,
  "build/engine.simd.wasm": 28 * 1024,
  "build/engine.relaxed.wasm": 32 * 1024,
  "build/engine.mvp-streamed.wasm": 16 * 1024,
  "build/engine.simd-streamed.wasm": 30 * 1024,
};

let over = false;
console.log("file                                  raw     gzip   brotli   budget");
for (const [file, budget] of [...Object.entries(budgets), ["dist/index.js", undefined], ["dist/core.js", undefined]]) {
  const bytes = readFileSync(file);
  const row = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length, budget ?? "-"];
  console.log(file.padEnd(32) + row.map((n) => String(n).padStart(9)).join(""));
  if (budget && bytes.length > budget) {
    console.error(`${file} is ${bytes.length - budget} bytes over its budget`);
    over = true;
  }
}
process.exitCode = over ? 1 : 0;
