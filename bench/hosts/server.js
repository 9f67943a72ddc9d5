/**
 * Serves bench/ and dist/ to the pages on a free port of this machine, with cross-origin isolation: that makes
 * performance.now() finer (5 microseconds instead of 100). No runtime uses threads.
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL("..", import.meta.url));
const project = fileURLToPath(new URL("../..", import.meta.url));

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Bare names that served modules import. */
const IMPORTS = { "@litertjs/wasm-utils": "/node_modules/@litertjs/wasm-utils/dist/index.js" };

const PAGE = `<!doctype html><meta charset="utf-8"><title>lane</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module" src="/hosts/page.js"></script>`;

/**
 * tfjs-tflite takes its threaded build wherever there is a SharedArrayBuffer, which isolation brings: it is given the
 * one-threaded SIMD build, what it takes in ordinary pages.
 */
const RENAME = [/tflite_web_api_cc_simd_threaded\.js$/, "tflite_web_api_cc_simd.js"];

/** @returns {Promise<{ origin: string, close: () => void }>} */
export async function serve() {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname)).replace(...RENAME);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Cache-Control", "no-store");
    if (path === "/") return response.setHeader("Content-Type", TYPES[".html"]).end(PAGE);
    const file = path.startsWith("/dist/") ? join(project, path) : join(bench, path);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
