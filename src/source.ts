import { EnvironmentError, InputError } from "./errors.js";

/** Where a packed model may come from. A string is a URL, relative to the page or worker. */
export type ModelSource = Uint8Array | ArrayBuffer | URL | string | Response;

/**
 * The bytes of a source. URLs are fetched; file: URLs are read in Node, whose fetch does not take them.
 *
 * @throws EnvironmentError if the source cannot be read; InputError if it is none of these
 */
export async function readSource(source: ModelSource | PromiseLike<ModelSource>): Promise<Uint8Array> {
  const given = await source;
  const bytes = bytesOf(given);
  if (bytes) return bytes;
  if (typeof given === "string" || given instanceof URL) return readUrl(given);
  if (typeof Response === "function" && given instanceof Response) return readResponse(given);
  throw new InputError("a model is given as bytes, a URL or a Response");
}

/** The bytes of a source that holds bytes already; undefined for any other. */
export function bytesOf(source: unknown): Uint8Array | undefined {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  return undefined;
}

async function readUrl(url: URL | string): Promise<Uint8Array> {
  const href = String(url);
  if (href.startsWith("file:")) {
    // Not an import: bundlers for browsers would stumble over it.
    const fs = globalThis.process?.getBuiltinModule?.("node:fs/promises");
    if (fs) {
      return fs.readFile(new URL(href)).catch((cause: Error) => {
        throw new EnvironmentError(`cannot read ${href}: ${cause.message}`, { cause });
      });
    }
  }
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new EnvironmentError(`cannot fetch ${href}: ${(cause as Error).message}`, { cause });
  }
  return readResponse(response);
}

async function readResponse(response: Response): Promise<Uint8Array> {
  if (!response.ok) throw new EnvironmentError(`cannot fetch ${response.url}: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
