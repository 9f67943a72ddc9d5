/**
 * dist/: the wrapper as ESM with its types, the engines as .wasm files and as modules that carry them in base64, and
 * the command line. `npm run build:engine` comes first.
 */
import { chmodSync, copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import typescript from "@rollup/plugin-typescript";
import { build, transform } from "esbuild";
import dts from "rollup-plugin-dts";

/** The loader that goes into a chunk has a licence of its own. */
const banner = ({ moduleIds }) =>
  moduleIds.some((id) => id.includes("@assemblyscript/loader"))
    ? "/*! Contains @assemblyscript/loader, Apache-2.0, by Daniel Wirtz and contributors. */"
    : "";

/** What the command line uses and Node finds in node_modules. */
const external = [/^node:/, "commander", "binaryen", "cli-progress", "cli-table3", "flatbuffers", "sharp"];

const entries = {
  index: "src/index.ts",
  streamed: "src/streamed.ts",
  core: "src/core.ts",
  "engine/mvp": "src/engine/mvp.ts",
  "engine/simd": "src/engine/simd.ts",
  "engine/relaxed": "src/engine/relaxed.ts",
  "engine/mvp-streamed": "src/engine/mvp-streamed.ts",
  "engine/simd-streamed": "src/engine/simd-streamed.ts",
};

const smallest = { classify: "src/classify.ts" };

/** The loader goes into dist/, so that a page can import it as it lies there, without a bundler. */
const bundleLoader = {
  name: "bundle-loader",
  resolveId: (id) => (id === "@assemblyscript/loader" ? fileURLToPath(import.meta.resolve(id)) : null),
};

const copyEngines = {
  name: "copy-engines",
  writeBundle() {
    for (const variant of ["mvp", "simd", "relaxed", "mvp-streamed", "simd-streamed"])
      copyFileSync(`build/engine.${variant}.wasm`, `dist/engine.${variant}.wasm`);
  },
};

/** What pages fetch as it lies there is minified; types and doc comments are in the .d.ts files. */
const minified = { minify: true, format: "esm", target: "es2022", legalComments: "inline" };

const minify = {
  name: "minify",
  async renderChunk(code) {
    const result = await transform(code, minified);
    return { code: result.code, map: null };
  },
};

/**
 * By itself, for a page that needs no more fetches nothing that it shares with the other entries; and from its sources,
 * for esbuild puts constants of other modules where they are used, which it does not do with what rollup has joined. The
 * words of errors, which are fetched when there is one, are a file of their own.
 */
const buildSmallest = {
  name: "build-smallest",
  async writeBundle() {
    const names = { entryNames: "[name]", chunkNames: "shared/classify-[name]" };
    await build({ ...minified, ...names, entryPoints: smallest, bundle: true, splitting: true, outdir: "dist" });
  },
};

const makeExecutable = {
  name: "make-executable",
  writeBundle: () => chmodSync("dist/midge.js", 0o755),
};

const compile = () => typescript({ tsconfig: "tsconfig.build.json" });

export default [
  {
    input: entries,
    plugins: [bundleLoader, compile(), minify, copyEngines, buildSmallest],
    output: { dir: "dist", format: "es", chunkFileNames: "shared/[name].js", banner },
  },
  {
    input: { ...entries, ...smallest },
    plugins: [dts()],
    output: { dir: "dist", format: "es", chunkFileNames: "shared/[name].d.ts" },
    external: ["@assemblyscript/loader"],
  },
  {
    input: { midge: "tools/weight-packer/cli/midge.ts" },
    plugins: [bundleLoader, compile(), makeExecutable],
    external,
    output: { dir: "dist", format: "es", chunkFileNames: "command/[name].js" },
  },
];
