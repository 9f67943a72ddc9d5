/**
 * Midge for files packed with streamed weights: RAM holds the arena and the file without its weights; these are read
 * piece by piece while the model runs. This entry carries the builds of the engine for such files, and takes no others.
 *
 * @example
 * import { load } from "midge/streamed";
 * const flash = openSync("model.midge", "r");
 * const model = await load(head, { weights: (offset, into) => readSync(flash, into, 0, into.length, offset) });
 */
import { type CoreOptions, load as loadCore, loadSync as loadSyncCore } from "./core.js";
import { mvpStreamed } from "./engine/mvp-streamed.js";
import { simdStreamed } from "./engine/simd-streamed.js";
import type { Model } from "./model.js";
import type { ModelSource } from "./source.js";

export * from "./core.js";
export { mvpStreamed, simdStreamed };

/** How to load: the reader of the weights, and which of the engine's builds to use, or a compiled module of it. */
export type LoadOptions = Omit<CoreOptions, "engines">;

const engines = [mvpStreamed, simdStreamed];

/**
 * Loads a packed model whose weights are streamed.
 *
 * @param source the packed file, whole, or with options.weights at least its resident part (the first `residentBytes`
 *   bytes): bytes, a URL, a Response or a promise of one
 * @throws FormatError if the model is refused; EnvironmentError if the host lacks something; InputError
 */
export function load(source: ModelSource | PromiseLike<ModelSource>, options: LoadOptions = {}): Promise<Model> {
  return loadCore(source, { engines, ...options });
}

/**
 * Loads a packed model whose weights are streamed, at once.
 *
 * @param source the packed file's bytes, as for load
 * @throws as load
 */
export function loadSync(source: Uint8Array | ArrayBuffer, options: LoadOptions = {}): Model {
  return loadSyncCore(source, { engines, ...options });
}
