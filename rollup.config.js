/**
 * dist/: the wrapper as ESM with its types, the engines as .wasm files and as modules that carry them in base64, and
 * the command line. `npm run build:engine` comes first.
 */
import { chmodSync, copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import typescript from "@rollup/plugin-typescript";
import dts from "rollup-plugin-dts";

/** The loader that goes into the bundles has a licence of its own. */
const banner = "/* Contains @assemblyscript/loader, Apache-2.0, by Daniel Wirtz and contributors. */";

/** What the command line uses and Node finds in node_modules. */
const external = [/^node:/, "commander", "cli-progress", "cli-table3", "flatbuffers", "sharp"];

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

const makeExecutable = {
  name: "make-executable",
  writeBundle: () => chmodSync("dist/midge.js", 0o755),
};

const compile = () => typescript({ tsconfig: "tsconfig.build.json" });

export default [
  {
    input: entries,
    plugins: [bundleLoader, compile(), copyEngines],
    output: { dir: "dist", format: "es", chunkFileNames: "shared/[name].js", banner },
  },
  {
    input: entries,
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
