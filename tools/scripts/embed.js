/** Writes build/engine.VARIANT.js, which carries build/engine.VARIANT.wasm in base64, and its declaration. */
import { readFileSync, writeFileSync } from "node:fs";

for (const variant of ["mvp", "simd", "relaxed", "mvp-streamed", "simd-streamed"]) {
  const base64 = readFileSync(`build/engine.${variant}.wasm`).toString("base64");
  writeFileSync(`build/engine.${variant}.js`, `export const base64 =\n  "${base64}";\n`);
  writeFileSync(`build/engine.${variant}.d.ts`, "export declare const base64: string;\n");
}
