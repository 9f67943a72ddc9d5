import { EnvironmentError } from "./errors.js";

/** Builds of the engine, the fastest first; the results are the same bytes. */
export const VARIANTS = ["relaxed", "simd", "mvp"] as const;

/** A build of the engine: plain WebAssembly 1.0 (mvp), with fixed-width SIMD, or with relaxed dot products besides. */
export type Variant = (typeof VARIANTS)[number];

/** A build of the engine, ready to be compiled. */
export interface Engine {
  readonly variant: Variant;
  /** Whether it is a build for files whose weights are streamed; such builds take no others. */
  readonly streamed?: boolean;
  /** The module's bytes. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/** A module that only compiles where fixed-width SIMD is known: a function that returns i32x4.splat(0)'s first lane. */
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 17, 253, 27, 0, 11,
];

/** A module with one function (a, b) that gives the first lane of a relaxed dot product of bytes a by bytes b. */
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 36, 1, 34, 0,
  32, 0, 253, 15, 32, 1, 253, 15, 253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 253, 147, 2, 253, 27, 0, 11,
];

/**
 * Whether the host's relaxed dot product is exact for 8-bit operands: it takes the second one as unsigned (127 * 255 * 4)
 * or as signed (127 * -1 * 4). Others saturate, and the relaxed build is not for them. The engine itself knows which of
 * the two it is (assembly/relaxed.ts).
 */
function relaxedIsExact(): boolean {
  const bytes = new Uint8Array(RELAXED_PROBE);
  if (!WebAssembly.validate(bytes)) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const product = (exports.f as (a: number, b: number) => number)(127, 255);
  return product === 127 * 255 * 4 || product === 127 * -1 * 4;
}

/** Whether this host can run a variant: asked of the host itself, nothing is guessed from its name. */
export function supports(variant: Variant): boolean {
  if (typeof WebAssembly !== "object") return false;
  if (variant === "relaxed") return relaxedIsExact();
  return variant === "mvp" || WebAssembly.validate(new Uint8Array(SIMD_PROBE));
}

/**
 * The engine to use: the forced variant, or the fastest that the host supports.
 *
 * @param engines builds to choose from
 * @param wanted a variant to force, or "auto"
 * @throws EnvironmentError if there is none
 */
export function pick(engines: readonly Engine[], wanted: Variant | "auto"): Engine {
  if (typeof WebAssembly !== "object") throw new EnvironmentError("this host has no WebAssembly");
  if (wanted === "auto") {
    for (const variant of VARIANTS) {
      const engine = engines.find((e) => e.variant === variant);
      if (engine && supports(variant)) return engine;
    }
    throw new EnvironmentError(
      engines.length > 0
        ? "this host supports none of the engine's builds given: import the mvp build as well"
        : "no engine: pass options.engine or options.module, or import from the package's main entry",
    );
  }
  const engine = engines.find((e) => e.variant === wanted);
  if (!engine) throw new EnvironmentError(`the engine's ${wanted} build is not among those given`);
  if (!supports(wanted)) throw new EnvironmentError(`this host's WebAssembly does not support the ${wanted} build`);
  return engine;
}

/** Decodes base64 in any host. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
