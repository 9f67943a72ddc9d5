import { EnvironmentError } from "./errors.js";
import { relaxedIsExact, relaxedWins } from "./relaxed.js";

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

/** A build of the engine that is fetched when it is picked: a slim engine, or the package's engine.VARIANT.wasm. */
export interface RemoteEngine {
  readonly variant: Variant;
  /** Where it lies; a string is relative to the page or worker. */
  readonly url: URL | string;
}

/** A module that only compiles where fixed-width SIMD is known: a function that returns i32x4.splat(0)'s first lane. */
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 10, 11, 1, 9, 0, 65, 0, 253, 17, 253, 27, 0, 11,
];

/** Whether this host can run a variant: asked of the host itself, nothing is guessed from its name. */
export function supports(variant: Variant): boolean {
  if (typeof WebAssembly !== "object") return false;
  if (variant === "relaxed") return relaxedIsExact();
  return variant === "mvp" || WebAssembly.validate(new Uint8Array(SIMD_PROBE));
}

/**
 * The build that is taken unless one is forced: the fastest that gives exact bytes on this host. Beside the simd build
 * the relaxed one has to win a race of about a millisecond, run once for a page or process. For pages that fetch one
 * engine only: `import(\`midge/engine/${fastest()}\`)`.
 *
 * @param among builds to choose from
 * @returns undefined if the host runs none of them
 */
export function fastest(among: readonly Variant[] = VARIANTS): Variant | undefined {
  return VARIANTS.find(
    (variant) =>
      among.includes(variant) &&
      supports(variant) &&
      (variant !== "relaxed" || !among.includes("simd") || relaxedWins()),
  );
}

/**
 * The engine to use: the forced variant, or the fastest.
 *
 * @param engines builds to choose from
 * @param wanted a variant to force, or "auto"
 * @throws EnvironmentError if there is none
 */
export function pick<E extends { readonly variant: Variant }>(engines: readonly E[], wanted: Variant | "auto"): E {
  const given = engines.map((e) => e.variant);
  const variant = wanted === "auto" ? fastest(given) : wanted;
  const engine = engines.find((e) => e.variant === variant);
  if (engine && supports(engine.variant)) return engine;
  const runs = VARIANTS.filter(supports);
  throw new EnvironmentError(
    `no engine: options.engines has [${given}], options.engine is ${wanted}, this host runs [${runs}]`,
  );
}

/** Decodes base64 in any host. A plain loop: cold, Uint8Array.from with a function takes ten times as long. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
