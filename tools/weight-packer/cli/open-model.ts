/** Models for the commands that run them: streamed weights stay in their file. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { HEADER_BYTES } from "../../../assembly/layout.js";
import type { Variant } from "../../../src/engine.js";
import { loadSync, type Model } from "../../../src/index.js";
import { loadSync as loadStreamed } from "../../../src/streamed.js";
import { isStreamed, residentBytes, type WeightReader } from "../../../src/weights.js";
import { readPacked, reason } from "./files.js";

/** A packed model as the wrapper takes it: its bytes, or those that RAM holds and a reader of the rest. */
interface OpenModel {
  file: Uint8Array;
  weights?: WeightReader;
}

/** A packed model of whose streamed weights none is read yet; the file stays open till the process ends. */
function openStreamed(path: string): OpenModel | undefined {
  let open: number | undefined;
  try {
    open = openSync(path, "r");
    const head = new Uint8Array(HEADER_BYTES);
    readSync(open, head, 0, head.length, 0);
    if (!isStreamed(head)) {
      closeSync(open);
      return undefined;
    }
    const descriptor = open;
    const { size } = fstatSync(descriptor);
    const file = new Uint8Array(Math.min(residentBytes(head), size));
    const weights: WeightReader = (offset, into) => readSync(descriptor, into, 0, into.length, offset);
    weights(0, file);
    return { file, weights };
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/**
 * A model ready to be loaded, from a .midge file or a source model packed on the fly.
 *
 * @param model which of a linked file's models
 */
export async function openModel(path: string, model?: string): Promise<OpenModel> {
  return (model === undefined ? openStreamed(path) : undefined) ?? { file: await readPacked(path, model) };
}

/** Loads a model, as openModel gives it, into one of the engine's builds. */
export function loadModel({ file, weights }: OpenModel, engine: Variant | undefined): Model {
  return weights ? loadStreamed(file, { weights, engine }) : loadSync(file, { engine });
}
