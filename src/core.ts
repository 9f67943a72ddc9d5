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
import { readAnyInfo } from "./detection-info.js";
import { FormatError, InputError } from "./errors.js";
import { isLinked, type LinkedModels, readLinked } from "./linked.js";
import { Model } from "./model.js";
import { layOut } from "./session.js";
import { SharedSession, type Turns } from "./shared-session.js";
import { bytesOf, type ModelSource, readSource } from "./source.js";
import { carriedModel } from "./standalone.js";
import { type Build, choose, type CoreOptions as EngineOptions, isModule, start } from "./start.js";
import { explain } from "./status.js";
import { isStreamed, readerOf, splitStreamed, WeightImport, type WeightReader } from "./weights.js";

export type { Classification, Classifier, ClassifyOptions, ModelInfo, OutputOptions } from "./classifier.js";
export type { Detection, DetectOptions } from "./detect.js";
export type { DetectionInfo, DetectionParameters, Result } from "./detection-info.js";
export { type Engine, fastest, type RemoteEngine, supports, VARIANTS, type Variant } from "./engine.js";
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
export type { Model } from "./model.js";
export { type Drawable, type FrameLike, readFrame } from "./pixels.js";
export type { Segmentation, SegmentOptions } from "./segment.js";
export type { ModelSource } from "./source.js";
export { standalone } from "./standalone.js";
export type { PixelFormat, RowStream, StreamSource } from "./stream.js";
export { dequantise, type InputTensor, type Quantisation, quantise, type Tensor } from "./tensor.js";
export type { WeightReader } from "./weights.js";

/** What loading needs beside the model. */
export interface CoreOptions extends EngineOptions {
  /** Reads the weights of a file that was packed with streamed weights; without it the whole file must be given. */
  readonly weights?: WeightReader;
  /**
   * Runs each model on zeros before it is handed over, at least once and for at least 15 ms, so that the host has compiled
   * well what the first real run needs: for hosts that load in good time.
   */
  readonly warm?: boolean;
}

/**
 * Loads a packed model.
 *
 * @param source the packed file: bytes, a URL, a Response or a promise of one; or a compiled standalone module, which
 *   holds both the engine and the model
 * @throws FormatError if the model is refused; EnvironmentError if the host lacks something; InputError
 */
export function load(source: AsyncSource, options: CoreOptions = {}): Promise<Model> {
  return open(source, options, options.warm ? bindWarm : bind);
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
  return open(source, options, options.warm ? bindLinkedWarm : bindLinked);
}

/**
 * Loads a packed model at once. Browsers' main threads may refuse to compile this way; Node, Deno, Bun and workers do.
 *
 * @param source the packed file's bytes, or a compiled standalone module
 * @throws as load
 */
export function loadSync(source: SyncSource, options: CoreOptions = {}): Model {
  return openSync(source, options, options.warm ? bindWarm : bind);
}

/** Loads a linked file at once. @param source as for loadSync @throws as load */
export function loadLinkedSync(source: SyncSource, options: CoreOptions = {}): LinkedModels {
  return openSync(source, options, options.warm ? bindLinkedWarm : bindLinked);
}

type AsyncSource = ModelSource | PromiseLike<ModelSource> | WebAssembly.Module;
type SyncSource = Uint8Array | ArrayBuffer | WebAssembly.Module;
/** Makes what the caller gets of an instance of the engine that holds nothing yet. */
type Bind<T> = (exports: EngineExports, file: Uint8Array, build: Build, weights?: WeightImport) => T;

async function open<T>(source: AsyncSource, options: CoreOptions, bind: Bind<T>): Promise<T> {
  if (isModule(source)) {
    const { exports } = await instantiate<Exports>(source);
    return bind(exports, carried(source), standaloneBuild(source));
  }
  const streaming = streamedBuild(choose(options), options);
  if (streaming) {
    const { file, weights } = streamedFile(await readSource(source), options.weights);
    const { exports } = await instantiate<Exports>(streaming.code, weights.imports);
    return bind(exports, file, streaming, weights);
  }
  const instance = async (code: Build["code"]) => (await instantiate<Exports>(code)).exports;
  const [file, [started, exports]] = await Promise.all([readSource(source), start(options, instance)]);
  return bind(exports, file, started);
}

function openSync<T>(source: SyncSource, options: CoreOptions, bind: Bind<T>): T {
  if (isModule(source)) {
    const { exports } = instantiateSync<Exports>(source);
    return bind(exports, carried(source), standaloneBuild(source));
  }
  const file = bytesOf(source);
  if (!file) throw new InputError("loading at once takes bytes or a compiled standalone module");
  const build = choose(options);
  const streaming = streamedBuild(build, options);
  if (streaming) {
    const { file: resident, weights } = streamedFile(file, options.weights);
    return bind(instantiateSync<Exports>(streaming.code, weights.imports).exports, resident, streaming, weights);
  }
  if ("url" in build) throw new InputError("loading at once fetches no engine: pass one with bytes, or a module");
  return bind(instantiateSync<Exports>(build.code).exports, file, build);
}

type Exports = EngineExports & Record<string, unknown>;

function carried(module: WebAssembly.Module): Uint8Array {
  const file = carriedModel(module);
  if (!file) throw new FormatError("the module carries no model: load the packed file with the option module instead");
  return file;
}

function standaloneBuild(code: WebAssembly.Module): Build {
  return { code, engine: "module", engineBytes: undefined };
}

/**
 * The chosen build if it is one for streamed weights.
 *
 * @throws InputError if it is not, and there is a reader of weights
 */
function streamedBuild(build: ReturnType<typeof choose>, options: CoreOptions): Build | undefined {
  if (!("url" in build)) {
    const imports = isModule(build.code) ? WebAssembly.Module.imports(build.code) : [];
    if (build.streamed || imports.some(({ name }) => name === "read_weights")) return build;
  }
  if (options.weights) {
    throw new InputError('a reader of weights is for the builds for streamed weights: load with "midge/streamed"');
  }
  return undefined;
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

function bind(exports: EngineExports, file: Uint8Array, build: Build, weights?: WeightImport): Model {
  const { engine, engineBytes } = build;
  if (!weights && isStreamed(file)) {
    throw new FormatError('the model\'s weights are streamed: load it with "midge/streamed"');
  }
  if (isLinked(file)) {
    const names = readLinked(file).map(({ name }) => name);
    throw new FormatError(`the file holds ${names.length} models (${names.join(", ")}): use loadLinked`);
  }
  weights?.attach(exports.memory);
  const session = new SharedSession(exports, file, explain, { weights });
  return new Model(session, { ...readAnyInfo(file), engine, engineBytes });
}

function bindLinked(exports: EngineExports, file: Uint8Array, { engine, engineBytes }: Build): LinkedModels {
  const members = readLinked(file);
  const streaming = members.find(({ file }) => isStreamed(file));
  if (streaming)
    throw new FormatError(`the weights of the model "${streaming.name}" are streamed: not in a linked file`);
  const whole = layOut(exports, file);
  const turns: Turns = {};
  const models = members.map(({ name, offset, file }): [string, Model] => {
    const place = { file: whole.file + offset, arena: whole.arena };
    const session = new SharedSession(exports, file, explain, { place, turns, name });
    return [name, new Model(session, { ...readAnyInfo(file), engine, engineBytes })];
  });
  const arenaBytes = Math.max(...models.map(([, { info }]) => info.arenaBytes));
  return { models: Object.fromEntries(models), arenaBytes, fileBytes: file.length };
}

function bindWarm(...parts: Parameters<typeof bind>): Model {
  const model = bind(...parts);
  warmUp(model);
  return model;
}

function bindLinkedWarm(...parts: Parameters<typeof bindLinked>): LinkedModels {
  const linked = bindLinked(...parts);
  for (const model of Object.values(linked.models)) warmUp(model);
  return linked;
}

/** How long V8 needs, roughly, until it has compiled what is hot (docs/performance.md), ms. */
const WARM_MS = 15;

/** Runs a model on zeros for a while and leaves it as new. @throws EngineError if a reader of weights fails */
function warmUp(model: Model): void {
  const { length, quantisedType } = model.info.input;
  const zeros = quantisedType === "uint8" ? new Uint8Array(length) : new Int8Array(length);
  const end = Date.now() + WARM_MS;
  do model.run(zeros);
  while (Date.now() < end);
  model.reset();
}
