/**
 * The relaxed build with its relaxed instructions emulated, so that it can be tested as every sort of host would run it. Compiled
 * from the engine's own source, in which calls stand for the instructions; needs no relaxed SIMD of this host.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import type { RawEngine } from "./engine.js";

const EMULATION = "assembly/__tests__/relaxed-simd";

/** Instructions and their functions there. */
const CALLS: Record<string, string> = {
  "i32x4.relaxed_dot_i8x16_i7x16_add_s": "relaxedDot",
  "f32x4.relaxed_madd": "relaxedMultiplyAdd",
  "i32x4.relaxed_trunc_f32x4_s": "relaxedTruncate",
};

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The engine's exports, and how the instructions are to behave: see assembly/__tests__/relaxed-simd.ts. */
export interface EmulatedEngine extends RawEngine {
  behave(as: number, fuses: number): void;
  relaxedDotOf(a: number, b: number): number;
  relaxedMultiplyAddOf(a: number, b: number): number;
  usable(): number;
}

/** A source file, a call for each relaxed instruction; null where there is none, as asc wants it. */
function readSource(name: string, base: string): string | null {
  const path = join(base, name);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  if (!path.startsWith(join(root, "assembly")) || path.endsWith(`${EMULATION}.ts`)) return text;
  const used = new Set<string>();
  const calls = text.replace(/\b\w+\.relaxed_\w+(?=\()/g, (instruction) => {
    const call = CALLS[instruction];
    if (!call) throw new Error(`${name}: ${EMULATION}.ts has no ${instruction}`);
    used.add(call);
    return `emulated.${call}`;
  });
  if (used.size === 0) return text;
  const from = relative(dirname(path), join(root, EMULATION));
  return `import * as emulated from ${JSON.stringify(from.startsWith(".") ? from : `./${from}`)};\n${calls}`;
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

/** A new instance that behaves so: see assembly/__tests__/relaxed-simd.ts. */
export function emulated(module: WebAssembly.Module, behaviour: number, fuses: boolean): EmulatedEngine {
  const engine = new WebAssembly.Instance(module).exports as unknown as EmulatedEngine;
  engine.behave(behaviour, Number(fuses));
  return engine;
}
