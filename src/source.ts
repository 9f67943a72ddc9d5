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
  try {
    // Not an import: bundlers for browsers would stumble over it.
    const fs = href.startsWith("file:") && globalThis.process?.getBuiltinModule?.("node:fs/promises");
    return fs ? await fs.readFile(new URL(href)) : await readResponse(await fetch(href));
  } catch (cause) {
    throw new EnvironmentError(`cannot read ${href}: ${(cause as Error).message}`, { cause });
  }
}

async function readResponse(response: Response): Promise<Uint8Array> {
  const { ok, status, url } = response;
  if (!ok) throw new EnvironmentError(`status ${status} of ${url}`);
  return new Uint8Array(await response.arrayBuffer());
}
