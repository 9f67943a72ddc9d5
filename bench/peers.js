/** The peers: a name, a module that runs in the page (peers/), and folders that it fetches from. */
import { fileURLToPath } from "node:url";

const litert = fileURLToPath(new URL("node_modules/@litertjs/", import.meta.url));

/** LiteRT.js takes its relaxed SIMD build by itself; its plain SIMD build is had by serving that one in its place. */
export const PEERS = [
  {
    name: "LiteRT.js relaxed",
    module: "litert.js",
    folders: { "/litert/": `${litert}core/`, "/utils/": `${litert}wasm-utils/dist/` },
    imports: { "@litertjs/wasm-utils": "/utils/index.js" },
  },
  {
    name: "LiteRT.js SIMD",
    module: "litert.js",
    folders: { "/litert/": `${litert}core/`, "/utils/": `${litert}wasm-utils/dist/` },
    imports: { "@litertjs/wasm-utils": "/utils/index.js" },
    rename: (path) => path.replace(/litert_wasm_internal/, "litert_wasm_compat_internal"),
  },
];
