/** Which build of the engine a model gets, and where its bytes come from. */
import type { EngineExports } from "./abi.js";
import { type Engine, pick, type RemoteEngine, type Variant } from "./engine.js";
import { EnvironmentError } from "./errors.js";
import { readSource } from "./source.js";

/** What loading needs beside the model. */
export interface CoreOptions {
  /** Builds of the engine to choose from. */
  readonly engines?: readonly (Engine | RemoteEngine)[];
  /** The build to use; "auto" (the fastest that is exact on the host) unless told. */
  readonly engine?: Variant | "auto";
  /** The engine as a compiled module, for hosts that do not compile at run time; goes before the others. */
  readonly module?: WebAssembly.Module;
}

/** What to instantiate, and how it is called in a model's info. */
export interface Build {
  code: WebAssembly.Module | Uint8Array<ArrayBuffer>;
  engine: Variant | "module";
  engineBytes: number | undefined;
  /** Whether the bytes are a build for streamed weights. */
  streamed?: boolean;
}

/** Makes an instance of bytes or of a compiled module. */
export type Instantiate = (code: Build["code"]) => Promise<EngineExports>;

/** Whether something is a compiled module. */
export function isModule(source: unknown): source is WebAssembly.Module {
  return typeof WebAssembly === "object" && source instanceof WebAssembly.Module;
}

/** The build to use, or where to fetch it. */
export function choose({ engines = [], engine = "auto", module }: CoreOptions): Build | RemoteEngine {
  if (module) return { code: module, engine: "module", engineBytes: undefined };
  const picked = pick(engines, engine);
  return "url" in picked ? picked : built(picked.variant, picked.bytes(), picked.streamed);
}

function built(engine: Variant, code: Uint8Array<ArrayBuffer>, streamed = false): Build {
  return { code, engine, engineBytes: code.length, streamed };
}

/**
 * The build to use, instantiated.
 *
 * @throws EnvironmentError if there is none, or it cannot be fetched
 */
export async function start(options: CoreOptions, instantiate: Instantiate): Promise<[Build, EngineExports]> {
  const chosen = choose(options);
  if (!("url" in chosen)) return [chosen, await instantiate(chosen.code)];
  const build = built(chosen.variant, (await readSource(chosen.url)) as Uint8Array<ArrayBuffer>);
  try {
    return [build, await instantiate(build.code)];
  } catch (cause) {
    throw new EnvironmentError(`${chosen.url} is no engine: ${(cause as Error).message}`, { cause });
  }
}
