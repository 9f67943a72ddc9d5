/**
 * npm's `prepare`: builds after `npm ci` and `npm install`, unless everything is built and newer than its sources.
 * npm also runs it when `npx midge` first links this package into its cache, which should not take a build's time.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const sources = [
  "assembly",
  "src",
  "tools/weight-packer",
  "asconfig.json",
  "package.json",
  "rollup.config.js",
  "tsconfig.json",
];
const products = [
  "build/engine.mvp.wasm",
  "build/engine.simd.wasm",
  "build/slim-base.relaxed.wasm",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/midge.js",
];

/** Times of last change of all files at or below a path. */
function times(path) {
  if (!statSync(path).isDirectory()) return [statSync(path).mtimeMs];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
    entry.name.startsWith("__") ? [] : times(join(path, entry.name)),
  );
}

const built = products.every((product) => existsSync(product));
if (!built || Math.max(...sources.flatMap(times)) > Math.min(...products.flatMap(times))) {
  process.exitCode = spawnSync("npm run build", { shell: true, stdio: "inherit" }).status ?? 1;
}
