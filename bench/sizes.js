/** What a page has to fetch beside the model. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const litert = "node_modules/@litertjs/core/";
const FETCHED = {
  "midge: core and simd engine": ["../dist/core.js", "../dist/engine.simd.wasm"],
  "midge: core and relaxed engine": ["../dist/core.js", "../dist/engine.relaxed.wasm"],
  "midge: simd engine alone": ["../dist/engine.simd.wasm"],
  "LiteRT.js: module, relaxed build": [
    `${litert}dist/index.js`,
    `${litert}wasm/litert_wasm_internal.js`,
    `${litert}wasm/litert_wasm_internal.wasm`,
  ],
};

/** Bytes as they lie there (none of the JavaScript is minified by us), and compressed file by file. */
export function sizes() {
  return Object.entries(FETCHED).map(([what, files]) => {
    const bytes = files.map((file) => readFileSync(fileURLToPath(new URL(file, import.meta.url))));
    const sum = (f) => bytes.reduce((total, b) => total + f(b).length, 0);
    return { what, raw: sum((b) => b), gzip: sum((b) => gzipSync(b, { level: 9 })), brotli: sum(brotliCompressSync) };
  });
}
