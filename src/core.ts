/**
 * The wrapper without an engine: for hosts that hand over a compiled module, and for pages that want to carry one build
 * only.
 *
 * @example
 * import { load } from "midge/core";
 * import { simd } from "midge/engine/simd";
 * const model = await load("model.midge", { engines: [simd] });
 * // or one that is fetched only where it is picked
 * const slim = await load("model.midge", { engines: [{ variant: "simd", url: "model.simd.wasm" }] });
 */
import { instantiate, instantiateSync } from "@assemblyscript/loader";
import type { EngineExports } from "./abi.js";
import { type Engine, pick, type RemoteEngine, type Variant } from "./engine.js";
import { EnvironmentError, FormatError, InputError } from "./errors.js";
import { readInfo } from "./info.js";
import { Model } from "./model.js";
import { Session } from "./session.js";
import { bytesOf, type ModelSource, readSource } from "./source.js";
import { carriedModel } from "./standalone.js";

export type { Detection, DetectOptions } from "./detect.js";
export type { DetectionInfo, DetectionParameters, Result } from "./detection-info.js";
export { type Engine, type RemoteEngine, supports, VARIANTS, type Variant } from "./engine.js";
export {
  EngineError,
  EnvironmentError,
  FormatError,
  InputError,
  MidgeError,
  type StatusDetails,
} from "./errors.js";
export type { Crop, Pixels, Rectangle } from "./image.js";
export type { FileInfo, Preprocessing, TensorInfo, TensorType } from "./info.js";
export type { Classification, ClassifyOptions, Model, ModelInfo } from "./model.js";
export { type Drawable, type FrameLike, readFrame } from "./pixels.js";
export type { Segmentation, SegmentOptions } from "./segment.js";
export type { ModelSource } from "./source.js";
export { standalone } from "./standalone.js";
export type { PixelFormat, RowStream, StreamSource } from "./stream.js";
export type { Tensor } from "./tensor.js";

/** What loading needs beside the model. */
export interface CoreOptions {
  /** Builds of the engine to choose from. */
  readonly engines?: readonly (Engine | RemoteEngine)[];
  /** The build to use; "auto" (the fastest that the host supports) unless told. */
  readonly engine?: Variant | "auto";
  /** The engine as a compiled module, for hosts that do not compile at run time; goes before the others. */
  readonly module?: WebAssembly.Module;
}

/** What to instantiate, and how it is called in a model's info. */
interface Build {
  code: WebAssembly.Module | Uint8Array<ArrayBuffer>;
  engine: Variant | "module";
  engineBytes: number | undefined;
}

/**
 * Loads a packed model.
 *
 * @param source the packed file: bytes, a URL, a Response or a promise of one; or a compiled standalone module, which
 *   holds both the engine and the model
 * @throws FormatError if the model is refused; EnvironmentError if the host lacks something; InputError
 */
export async function load(
  source: ModelSource | PromiseLike<ModelSource> | WebAssembly.Module,
  options: CoreOptions = {},
): Promise<Model> {
  if (isModule(source)) {
    const { exports } = await instantiate<Exports>(source);
    return bind(exports, carried(source), { code: source, engine: "module", engineBytes: undefined });
  }
  const [file, [build, { exports }]] = await Promise.all([readSource(source), start(options)]);
  return bind(exports, file, build);
}

/**
 * Loads a packed model at once. Browsers' main threads may refuse to compile this way; Node, Deno, Bun and workers do.
 *
 * @param source the packed file's bytes, or a compiled standalone module
 * @throws as load
 */
export function loadSync(source: Uint8Array | ArrayBuffer | WebAssembly.Module, options: CoreOptions = {}): Model {
  if (isModule(source)) {
    const { exports } = instantiateSync<Exports>(source);
    return bind(exports, carried(source), { code: source, engine: "module", engineBytes: undefined });
  }
  const file = bytesOf(source);
  if (!file) throw new InputError("loadSync takes bytes or a compiled standalone module");
  const build = choose(options);
  if ("url" in build) throw new InputError("loadSync fetches no engine: pass one with bytes, or a module");
  return bind(instantiateSync<Exports>(build.code).exports, file, build);
}

type Exports = EngineExports & Record<string, unknown>;

function isModule(source: unknown): source is WebAssembly.Module {
  return typeof WebAssembly === "object" && source instanceof WebAssembly.Module;
}

function carried(module: WebAssembly.Module): Uint8Array {
  const file = carriedModel(module);
  if (!file) throw new FormatError("the module carries no model: load the packed file with the option module instead");
  return file;
}

/** The build to use, or where to fetch it. */
function choose({ engines = [], engine = "auto", module }: CoreOptions): Build | RemoteEngine {
  if (module) return { code: module, engine: "module", engineBytes: undefined };
  const picked = pick(engines, engine);
  return "url" in picked ? picked : built(picked.variant, picked.bytes());
}

function built(engine: Variant, code: Uint8Array<ArrayBuffer>): Build {
  return { code, engine, engineBytes: code.length };
}

/** The build to use, instantiated. */
async function start(options: CoreOptions): Promise<[Build, { exports: Exports }]> {
  const chosen = choose(options);
  if (!("url" in chosen)) return [chosen, await instantiate<Exports>(chosen.code)];
  const bytes = await readSource(chosen.url);
  try {
    const build = built(chosen.variant, bytes as Uint8Array<ArrayBuffer>);
    return [build, await instantiate<Exports>(build.code)];
  } catch (cause) {
    throw new EnvironmentError(`${chosen.url} is no engine: ${(cause as Error).message}`, { cause });
  }
}

function bind(exports: EngineExports, file: Uint8Array, { engine, engineBytes }: Build): Model {
  const session = new Session(exports, file);
  return new Model(session, { ...readInfo(file), engine, engineBytes });
}
