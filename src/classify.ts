/**
 * The smallest wrapper, for pages: tensors, rows of tensors and classified images; no detection, no segmentation, no
 * streams of pixels, no standalone modules, and no engine.
 *
 * @example
 * import { load } from "midge/classify";
 * const engines = [{ variant: "simd", url: "model.simd.wasm" }, { variant: "mvp", url: "model.mvp.wasm" }];
 * const model = await load("model.midge", { engines });
 * const [best] = model.classify(imageData);
 */
import { HEADER_DETECTION } from "../assembly/layout.js";
import type { EngineExports } from "./abi.js";
import { Classifier } from "./classifier.js";
import { InputError } from "./errors.js";
import { readInfo } from "./info.js";
import { Session } from "./session.js";
import { type ModelSource, readSource } from "./source.js";
import { type CoreOptions, start } from "./start.js";
import type { Explain } from "./status.js";

export type { Classification, Classifier, ClassifyOptions, ModelInfo, OutputOptions } from "./classifier.js";
export { type Engine, fastest, type RemoteEngine, supports, VARIANTS, type Variant } from "./engine.js";
export { EngineError, EnvironmentError, FormatError, InputError, MidgeError, type StatusDetails } from "./errors.js";
export type { Crop, Pixels, Rectangle } from "./image.js";
export type { FileInfo, Preprocessing, QuantisedType, TensorInfo, TensorType } from "./info.js";
export { type Drawable, type FrameLike, readFrame } from "./pixels.js";
export type { ModelSource } from "./source.js";
export type { CoreOptions } from "./start.js";
export type { InputTensor, Tensor } from "./tensor.js";

/**
 * Loads a packed model.
 *
 * @param source the packed file: bytes, a URL, a Response or a promise of one
 * @throws FormatError if the model is refused; InputError if it is a detector, with a post-process or outputs in parts, or
 *   the source is none of these; EnvironmentError if the host lacks something
 */
export async function load(
  source: ModelSource | PromiseLike<ModelSource>,
  options: CoreOptions = {},
): Promise<Classifier> {
  const [file, [{ engine, engineBytes }, exports]] = await Promise.all([
    readSource(source),
    start(options, instantiate),
  ]);
  let session: Session;
  try {
    session = new Session(exports, file, brief);
  } catch {
    // The words for what went wrong are fetched only now.
    const { explain } = await import("./status.js").catch(() => ({ explain: brief }));
    session = new Session(exports, file, explain);
  }
  const info = readInfo(file, (view, outputs, continues) => {
    if (view.getUint32(HEADER_DETECTION, true) || continues.some(Boolean)) {
      throw new InputError("the model is a detector: load it by midge");
    }
    return { outputs, detection: undefined };
  });
  return new Classifier(session, { ...info, engine, engineBytes });
}

/** A status without its words: as docs/abi.md tells to read it. */
const brief: Explain = (status) => {
  const text = `status 0x${status.toString(16)}`;
  return { text, details: { code: text } };
};

/** The engine has no imports and numbers only, so the bare interface of hosts does. */
async function instantiate(code: WebAssembly.Module | Uint8Array<ArrayBuffer>): Promise<EngineExports> {
  // Of a module comes an instance, of bytes an instance with its module.
  const made: WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource = await WebAssembly.instantiate(
    code as Uint8Array<ArrayBuffer>,
  );
  return ("instance" in made ? made.instance : made).exports as unknown as EngineExports;
}
