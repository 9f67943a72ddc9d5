/** What runs: Midge's builds and its peers, where each can be tried, and what a page must fetch for it. */

import { VARIANTS } from "../../src/engine.js";

/**
 * @typedef {object} Runtime
 * @property {string} name in tables, e.g. "LiteRT.js relaxed"
 * @property {string} runtime module in peers/
 * @property {string} [variant]
 * @property {boolean} [warm] for a run with --warm
 * @property {string[]} hosts kinds of hosts that it is tried in: "chromium", "firefox", "node", "native"
 * @property {string} [wasm] its WebAssembly module
 * @property {string[]} [scripts] its JavaScript; what these import by relative paths is counted as well
 */

const modules = "node_modules";
const litert = `${modules}/@litertjs`;
const tensorflow = `${modules}/@tensorflow`;
const core = `${tensorflow}/tfjs-core/dist/tf-core.min.js`;
const pages = ["chromium", "firefox", "node"];

/** @type {Runtime[]} */
export const RUNTIMES = [
  ...VARIANTS.map((variant) => ({
    name: `midge ${variant}`,
    runtime: "midge",
    variant,
    hosts: pages,
    wasm: `dist/engine.${variant}.wasm`,
    scripts: ["dist/core.js"],
  })),
  ...[
    ["relaxed", "litert_wasm_internal"],
    ["compat", "litert_wasm_compat_internal"],
  ].map(([variant, file]) => ({
    name: `LiteRT.js ${variant}`,
    runtime: "litert",
    variant,
    hosts: pages,
    wasm: `${litert}/core/wasm/${file}.wasm`,
    scripts: [`${litert}/core/dist/index.js`, `${litert}/wasm-utils/dist/index.js`, `${litert}/core/wasm/${file}.js`],
  })),
  {
    name: "tfjs-tflite",
    runtime: "tflite",
    hosts: pages,
    wasm: `${tensorflow}/tfjs-tflite/wasm/tflite_web_api_cc_simd.wasm`,
    scripts: [
      core,
      `${tensorflow}/tfjs-backend-cpu/dist/tf-backend-cpu.min.js`,
      `${tensorflow}/tfjs-tflite/dist/tf-tflite.min.js`,
      `${tensorflow}/tfjs-tflite/wasm/tflite_web_api_cc_simd.js`,
    ],
  },
  {
    name: "TensorFlow.js wasm",
    runtime: "tfjs",
    hosts: pages,
    wasm: `${tensorflow}/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm`,
    scripts: [core, `${tensorflow}/tfjs-backend-wasm/dist/tf-backend-wasm.min.js`],
  },
  ...[
    [undefined, "onnxruntime-web"],
    ["int8", "onnxruntime-web int8"],
  ].map(([variant, name]) => ({
    name,
    runtime: "onnxruntime",
    variant,
    hosts: pages,
    wasm: `${modules}/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm`,
    scripts: [`${modules}/onnxruntime-web/dist/ort.wasm.bundle.min.mjs`],
  })),
  ...[
    ["xnnpack", "XNNPACK"],
    ["plain", "TFLite's kernels"],
    ["reference", "TFLite's reference kernels"],
  ].map(([variant, name]) => ({ name, runtime: "native", variant, hosts: ["native"] })),
];
