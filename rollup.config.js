/**
 * dist/: the wrapper as ESM with its types, the engines as .wasm files and as modules that carry them in base64, and
 * the command line. `npm run build:engine` comes first.
 */
import { chmodSync, copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import typescript from "@rollup/plugin-typescript";
import { transform } from "esbuild";
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
const minify = {
  name: "minify",
  async renderChunk(code) {
    const result = await transform(code, { minify: true, format: "esm", target: "es2022", legalComments: "inline" });
    return { code: result.code, map: null };
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
    plugins: [bundleLoader, compile(), minify, copyEngines],
    output: { dir: "dist", format: "es", chunkFileNames: "shared/[name].js", banner },
  },
  // By itself, for a page that needs no more fetches nothing that it shares with the other entries.
  {
    input: smallest,
    // One file, though the words of errors, which are fetched when there is one, share constants with it.
    preserveEntrySignatures: "allow-extension",
    plugins: [compile(), minify],
    output: { dir: "dist", format: "es", chunkFileNames: "shared/classify-[name].js" },
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
