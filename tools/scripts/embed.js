/** Writes build/NAME.VARIANT.js, which carries build/NAME.VARIANT.wasm in base64, and its declaration. */
import { readFileSync, writeFileSync } from "node:fs";

const targets = JSON.parse(readFileSync("asconfig.json", "utf8")).targets;
for (const path of Object.values(targets).map(({ outFile }) => outFile.replace(/\.wasm$/, ""))) {
  const base64 = readFileSync(`${path}.wasm`).toString("base64");
  writeFileSync(`${path}.js`, `export const base64 =\n  "${base64}";\n`);
  writeFileSync(`${path}.d.ts`, "export declare const base64: string;\n");
}
