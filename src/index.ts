/**
 * Midge: int8 MobileNets in a few KB of WebAssembly. This entry carries all builds of the engine; midge/core carries
 * none.
 *
 * @example
 * import { load } from "midge";
 * const model = await load(new URL("model.midge", import.meta.url));
 * const [best] = model.classify(imageData);
 */
import {
  type CoreOptions,
  load as loadCore,
  loadLinked as loadLinkedCore,
  loadLinkedSync as loadLinkedSyncCore,
  loadSync as loadSyncCore,
} from "./core.js";
import { mvp } from "./engine/mvp.js";
import { relaxed } from "./engine/relaxed.js";
import { simd } from "./engine/simd.js";
import type { LinkedModels } from "./linked.js";
import type { Model } from "./model.js";
import type { ModelSource } from "./source.js";

export * from "./core.js";
export { mvp, relaxed, simd };

/** How to load: which of the engine's builds to use, or a compiled module of it. */
export type LoadOptions = Omit<CoreOptions, "engines">;

/**
 * Loads a packed model.
 *
 * @param source the packed file: bytes, a URL, a Response or a promise of one; or a compiled standalone module, which
 *   holds both the engine and the model
 * @throws FormatError if the model is refused; EnvironmentError if the host lacks something; InputError
 */
export function load(
  source: ModelSource | PromiseLike<ModelSource> | WebAssembly.Module,
  options: LoadOptions = {},
): Promise<Model> {
  return loadCore(source, { engines: [mvp, simd, relaxed], ...options });
}

/**
 * Loads a packed model at once. Browsers' main threads may refuse to compile this way; Node, Deno, Bun and workers do.
 *
 * @param source the packed file's bytes, or a compiled standalone module
 * @throws as load
 */
export function loadSync(source: Uint8Array | ArrayBuffer | WebAssembly.Module, options: LoadOptions = {}): Model {
  return loadSyncCore(source, { engines: [mvp, simd, relaxed], ...options });
}

/**
 * Loads a linked file: models that take turns in one arena.
 *
 * @example
 * const { models } = await loadLinked("pair.midge");
 * for (const { box } of models.detector.detect(image)) {
 *   const crop = inside(box, image); // whole pixels
 *   const [best] = models.classifier.classify(image, { crop });
 * }
 * @param source the linked file, as for load
 * @throws as load
 */
export function loadLinked(
  source: ModelSource | PromiseLike<ModelSource> | WebAssembly.Module,
  options: LoadOptions = {},
): Promise<LinkedModels> {
  return loadLinkedCore(source, { engines: [mvp, simd, relaxed], ...options });
}

/** Loads a linked file at once. @param source as for loadSync @throws as load */
export function loadLinkedSync(
  source: Uint8Array | ArrayBuffer | WebAssembly.Module,
  options: LoadOptions = {},
): LinkedModels {
  return loadLinkedSyncCore(source, { engines: [mvp, simd, relaxed], ...options });
}
