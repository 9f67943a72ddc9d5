/**
 * The relaxed build with its dot product emulated, so that it can be tested as every sort of host would run it. Compiled
 * from the engine's own source, in which a call stands for the instruction; needs no relaxed SIMD of this host.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import type { RawEngine } from "./engine.js";

const INSTRUCTION = "i32x4.relaxed_dot_i8x16_i7x16_add_s";
const EMULATION = "assembly/__tests__/relaxed-dot";
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The engine's exports, and how the instruction is to behave: see assembly/__tests__/relaxed-dot.ts. */
export interface EmulatedEngine extends RawEngine {
  behave(as: number): void;
  relaxedDotOf(a: number, b: number): number;
  usable(): number;
}

/** A source file, a call for each relaxed dot product; null where there is none, as asc wants it. */
function readSource(name: string, base: string): string | null {
  const path = join(base, name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  if (!path.endsWith(".ts") || !text.includes(`${INSTRUCTION}(`)) return text;
  const from = relative(dirname(path), join(root, EMULATION));
  const here = from.startsWith(".") ? from : `./${from}`;
  return `import { relaxedDotAs } from ${JSON.stringify(here)};\n${text.replaceAll(`${INSTRUCTION}(`, "relaxedDotAs(")}`;
}

/** Compiles the module. @throws Error with asc's own words */
export async function emulatedEngine(): Promise<WebAssembly.Module> {
  const { options, targets } = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [
      ...["assembly/index.ts", `${EMULATION}.ts`, "--baseDir", root, "--outFile", "emulated.wasm"],
      ...[...options.use.flatMap((use: string) => ["--use", use]), "--runtime", options.runtime, "--noAssert"],
      ...["--memoryBase", String(options.memoryBase), "-O1", "--enable", targets.relaxed.enable.join(",")],
      ...options.disableWarning.flatMap((code: number) => ["--disableWarning", String(code)]),
    ],
    {
      readFile: readSource,
      writeFile: (name: string, contents: unknown) => {
        if (name === "emulated.wasm") binary = contents as Uint8Array<ArrayBuffer>;
      },
    },
  );
  if (error) throw new Error(`${error.message}\n${stderr}`);
  return new WebAssembly.Module(binary!);
}

/** A new instance that behaves so. */
export function emulated(module: WebAssembly.Module, behaviour: number): EmulatedEngine {
  const engine = new WebAssembly.Instance(module).exports as unknown as EmulatedEngine;
  engine.behave(behaviour);
  return engine;
}
