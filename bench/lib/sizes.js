/** What a page must fetch for a runtime, the model apart: its WebAssembly module and its JavaScript. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { transform } from "esbuild";

const bench = fileURLToPath(new URL("..", import.meta.url));
const cacheFile = join(bench, "build/sizes.json");

/**
 * Sizes of every runtime that has files, each file compressed by itself at the best level. JavaScript is counted as
 * esbuild minifies it, for all alike: some packages ship it minified, some do not, and pages do.
 *
 * @param {import("./runtimes.js").Runtime[]} runtimes
 */
export async function sizes(runtimes) {
  const cache = existsSync(cacheFile) ? JSON.parse(readFileSync(cacheFile, "utf8")) : {};
  const shipped = runtimes.filter(({ wasm }) => wasm);
  const result = await Promise.all(
    shipped.map(async ({ name, wasm, scripts }) => {
      const files = await Promise.all([wasm, ...withImports(scripts)].map((path) => measure(path, cache)));
      const sum = (key) => files.reduce((total, file) => total + file[key], 0);
      return { name, raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli"), wasm: files[0].raw };
    }),
  );
  mkdirSync(dirname(cacheFile), { recursive: true });
  writeFileSync(cacheFile, JSON.stringify(cache));
  return result;
}

const locate = (path) => join(bench, path.startsWith("dist/") ? ".." : ".", path);

/** Scripts and what they import by relative paths. */
function withImports(paths) {
  const seen = new Set();
  const visit = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, target] of readFileSync(locate(path), "utf8").matchAll(
      /(?:^|[;/}])(?:import|export)\b[^;"'(]*["'](\.[^"']+)/gm,
    )) {
      visit(normalize(join(dirname(path), target)));
    }
  };
  for (const path of paths) visit(path);
  return [...seen];
}

/** Compressing megabytes at brotli's best level takes long: remembered by what the file holds. */
async function measure(path, cache) {
  const bytes = readFileSync(locate(path));
  const key = createHash("sha256").update(bytes).digest("hex").slice(0, 24);
  if (!cache[key]) {
    const shipped = path.endsWith(".wasm") ? bytes : await minified(bytes);
    const [zipped, brotli] = await Promise.all([
      promisify(gzip)(shipped, { level: 9 }),
      promisify(brotliCompress)(shipped),
    ]);
    cache[key] = { raw: shipped.length, gzip: zipped.length, brotli: brotli.length };
  }
  return cache[key];
}

/** Minified, unless that makes it longer. */
async function minified(bytes) {
  const { code } = await transform(bytes.toString("utf8"), { minify: true, legalComments: "none" });
  const shorter = Buffer.from(code);
  return shorter.length < bytes.length ? shorter : bytes;
}
