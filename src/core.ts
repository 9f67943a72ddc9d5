/**
 * The wrapper without an engine: for hosts that hand over a compiled module, and for pages that want to carry one build
 * only.
 *
 * @example
 * import { load } from "midge/core";
 * import { simd } from "midge/engine/simd";
 * const model = await load("model.midge", { engines: [simd] });
 */
import { instantiate, instantiateSync } from "@assemblyscript/loader";
import type { EngineExports } from "./abi.js";
import { type Engine, pick, type Variant } from "./engine.js";
import { FormatError, InputError } from "./errors.js";
import { readInfo } from "./info.js";
import { isLinked, type LinkedModels, readLinked } from "./linked.js";
import { Model } from "./model.js";
import { layOut, Session } from "./session.js";
import { bytesOf, type ModelSource, readSource } from "./source.js";
import { carriedModel } from "./standalone.js";
import { isStreamed, readerOf, splitStreamed, WeightImport, type WeightReader } from "./weights.js";

export type { Detection, DetectOptions } from "./detect.js";
export type { DetectionInfo, DetectionParameters, Result } from "./detection-info.js";
export { type Engine, fastest, supports, VARIANTS, type Variant } from "./engine.js";
export {
  EngineError,
  EnvironmentError,
  FormatError,
  InputError,
  MidgeError,
  type StatusDetails,
} from "./errors.js";
export type { Crop, Pixels, Rectangle } from "./image.js";
export type { FileInfo, Preprocessing, QuantisedType, TensorInfo, TensorType } from "./info.js";
export type { LinkedModels } from "./linked.js";
export type { Classification, ClassifyOptions, Model, ModelInfo, OutputOptions } from "./model.js";
export { type Drawable, type FrameLike, readFrame } from "./pixels.js";
export type { Segmentation, SegmentOptions } from "./segment.js";
export type { ModelSource } from "./source.js";
export { standalone } from "./standalone.js";
export type { PixelFormat, RowStream, StreamSource } from "./stream.js";
export { dequantise, type InputTensor, type Quantisation, quantise, type Tensor } from "./tensor.js";
export type { WeightReader } from "./weights.js";

/** What loading needs beside the model. */
export interface CoreOptions {
  /** Builds of the engine to choose from. */
  readonly engines?: readonly Engine[];
  /** The build to use; "auto" (the fastest that is exact on the host) unless told. */
  readonly engine?: Variant | "auto";
  /** Reads the weights of a file that was packed with streamed weights; without it the whole file must be given. */
  readonly weights?: WeightReader;
  /** The engine as a compiled module, for hosts that do not compile at run time; goes before the others. */
  readonly module?: WebAssembly.Module;
}

/** What to instantiate, and how it is called in a model's info. */
interface Build {
  code: WebAssembly.Module | Uint8Array<ArrayBuffer>;
  engine: Variant | "module";
  engineBytes: number | undefined;
  /** Whether it is a build for streamed weights. */
  streamed: boolean;
}

/**
 * Loads a packed model.
 *
 * @param source the packed file: bytes, a URL, a Response or a promise of one; or a compiled standalone module, which
 *   holds both the engine and the model
 * @throws FormatError if the model is refused; EnvironmentError if the host lacks something; InputError
 */
export function load(source: AsyncSource, options: CoreOptions = {}): Promise<Model> {
  return start(source, options, bind);
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
export function loadLinked(source: AsyncSource, options: CoreOptions = {}): Promise<LinkedModels> {
  return start(source, options, bindLinked);
}

/**
 * Loads a packed model at once. Browsers' main threads may refuse to compile this way; Node, Deno, Bun and workers do.
 *
 * @param source the packed file's bytes, or a compiled standalone module
 * @throws as load
 */
export function loadSync(source: SyncSource, options: CoreOptions = {}): Model {
  return startSync(source, options, bind);
}

/** Loads a linked file at once. @param source as for loadSync @throws as load */
export function loadLinkedSync(source: SyncSource, options: CoreOptions = {}): LinkedModels {
  return startSync(source, options, bindLinked);
}

type AsyncSource = ModelSource | PromiseLike<ModelSource> | WebAssembly.Module;
type SyncSource = Uint8Array | ArrayBuffer | WebAssembly.Module;
/** Makes what the caller gets of an instance of the engine that holds nothing yet. */
type Bind<T> = (exports: EngineExports, file: Uint8Array, build: Build, weights?: WeightImport) => T;

async function start<T>(source: AsyncSource, options: CoreOptions, bind: Bind<T>): Promise<T> {
  if (isModule(source)) {
    const { exports } = await instantiate<Exports>(source);
    return bind(exports, carried(source), standaloneBuild(source));
  }
  const build = choose(options);
  if (build.streamed) {
    const { file, weights } = streamedFile(await readSource(source), options.weights);
    const { exports } = await instantiate<Exports>(build.code, weights.imports);
    return bind(exports, file, build, weights);
  }
  const [file, { exports }] = await Promise.all([readSource(source), instantiate<Exports>(build.code)]);
  return bind(exports, file, build);
}

function startSync<T>(source: SyncSource, options: CoreOptions, bind: Bind<T>): T {
  if (isModule(source)) {
    const { exports } = instantiateSync<Exports>(source);
    return bind(exports, carried(source), standaloneBuild(source));
  }
  const file = bytesOf(source);
  if (!file) throw new InputError("loading at once takes bytes or a compiled standalone module");
  const build = choose(options);
  if (build.streamed) {
    const { file: resident, weights } = streamedFile(file, options.weights);
    return bind(instantiateSync<Exports>(build.code, weights.imports).exports, resident, build, weights);
  }
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

function standaloneBuild(code: WebAssembly.Module): Build {
  return { code, engine: "module", engineBytes: undefined, streamed: false };
}

/** A streamed file's part that the engine holds, and what it imports. @throws FormatError */
function streamedFile(
  given: Uint8Array,
  reader: WeightReader | undefined,
): { file: Uint8Array; weights: WeightImport } {
  const streamed = isStreamed(given);
  if (streamed === false) throw new FormatError('the model\'s weights are not streamed: load it with "midge"');
  // What is no packed file goes to the engine as it is, which says why.
  if (!streamed) return { file: given, weights: new WeightImport(readerOf(given)) };
  const { file, reader: found } = splitStreamed(given, reader);
  return { file, weights: new WeightImport(found) };
}

function choose(options: CoreOptions): Build {
  const build = chooseAny(options);
  if (options.weights && !build.streamed) {
    throw new InputError('a reader of weights is for the builds for streamed weights: load with "midge/streamed"');
  }
  return build;
}

function chooseAny({ engines = [], engine = "auto", module }: CoreOptions): Build {
  if (module) {
    const streamed = WebAssembly.Module.imports(module).some(({ name }) => name === "read_weights");
    return { code: module, engine: "module", engineBytes: undefined, streamed };
  }
  const picked = pick(engines, engine);
  const code = picked.bytes();
  return { code, engine: picked.variant, engineBytes: code.length, streamed: picked.streamed ?? false };
}

function bind(exports: EngineExports, file: Uint8Array, build: Build, weights?: WeightImport): Model {
  const { engine, engineBytes, streamed } = build;
  if (!streamed && isStreamed(file)) {
    throw new FormatError('the model\'s weights are streamed: load it with "midge/streamed"');
  }
  if (isLinked(file)) {
    const names = readLinked(file).map(({ name }) => name);
    throw new FormatError(`the file holds ${names.length} models (${names.join(", ")}): use loadLinked`);
  }
  weights?.attach(exports.memory);
  const session = new Session(exports, file, layOut(exports, file), weights);
  return new Model(session, { ...readInfo(file), engine, engineBytes });
}

function bindLinked(exports: EngineExports, file: Uint8Array, { engine, engineBytes }: Build): LinkedModels {
  const members = readLinked(file);
  const streaming = members.find(({ file }) => isStreamed(file));
  if (streaming)
    throw new FormatError(`the weights of the model "${streaming.name}" are streamed: not in a linked file`);
  const whole = layOut(exports, file);
  const models = members.map(({ name, offset, file }): [string, Model] => {
    const session = new Session(exports, file, { file: whole.file + offset, arena: whole.arena, name });
    return [name, new Model(session, { ...readInfo(file), engine, engineBytes })];
  });
  const arenaBytes = Math.max(...models.map(([, { info }]) => info.arenaBytes));
  return { models: Object.fromEntries(models), arenaBytes, fileBytes: file.length };
}
