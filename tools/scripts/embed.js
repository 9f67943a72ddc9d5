/** Writes build/engine.VARIANT.js, which carries build/engine.VARIANT.wasm in base64, and its declaration. */
import { readFileSync, writeFileSync } from "node:fs";

for (const variant of Object.keys(JSON.parse(readFileSync("asconfig.json", "utf8")).targets)) {
  const base64 = readFileSync(`build/engine.${variant}.wasm`).toString("base64");
  writeFileSync(`build/engine.${variant}.js`, `export const base64 =\n  "${base64}";\n`);
  writeFileSync(`build/engine.${variant}.d.ts`, "export declare const base64: string;\n");
}
