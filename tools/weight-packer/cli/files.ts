import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MAGIC } from "../../../assembly/layout.js";
import { isLinked, readLinked } from "../../../src/linked.js";

/** How a WebAssembly module begins. */
const WASM_MAGIC = [0, 0x61, 0x73, 0x6d];

/** Reads a file. @throws Error with one clear line */
export async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reason(error)}`, { cause: error });
  }
}

/** Writes a file whole or not at all: beside its place first, then renamed. Makes its folder. */
export async function writeWhole(path: string, data: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, data);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Error(`cannot write ${path}: ${reason(error)}`, { cause: error });
  }
}

/** Whether bytes begin as a packed file does. */
export function isPacked(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === MAGIC;
}

/** Reads a source model, for commands that plan it themselves. @throws Error on a packed or linked file as well */
export async function readSourceModel(path: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (isPacked(bytes) || isLinked(bytes)) throw new Error(`${path} is packed already: give its source model`);
  return notWasm(bytes, path);
}

/** Bytes that are no WebAssembly module, which is what `pack -o FILE.wasm` and `--slim` write. @throws Error if they are */
function notWasm(bytes: Uint8Array, path: string): Uint8Array {
  if (!WASM_MAGIC.every((byte, k) => bytes[k] === byte)) return bytes;
  throw new Error(`${path} is a WebAssembly module: give the .midge file or the source model`);
}

/**
 * A packed model from a .midge file, or from a source model packed on the fly.
 *
 * @param model which of a linked file's models
 */
export async function readPacked(path: string, model?: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (isLinked(bytes)) return memberOf(bytes, path, model);
  if (model !== undefined) throw new Error(`${path} holds one model, none called "${model}"`);
  if (isPacked(bytes) || path.endsWith(".midge")) return bytes;
  notWasm(bytes, path);
  const { packModel } = await import("../pack.js");
  const { file, warnings } = packModel(bytes, basename(path));
  warn(warnings);
  return file;
}

function memberOf(linked: Uint8Array, path: string, model: string | undefined): Uint8Array {
  const members = readLinked(linked);
  const names = members.map(({ name }) => name).join(", ");
  if (model === undefined) throw new Error(`${path} holds the models ${names}: choose one with --model`);
  const member = members.find(({ name }) => name === model);
  if (!member) throw new Error(`${path} holds no model "${model}", but ${names}`);
  return member.file;
}

/** Writes what is lawful in a model but looks wrong to standard error. */
export function warn(warnings: readonly string[]): void {
  for (const warning of warnings) process.stderr.write(`midge: warning: ${warning}\n`);
}

/** The lines of a text file, without the empty ones at its end. */
export async function readLines(path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await read(path));
  return text.trimEnd().split(/\r?\n/);
}

/** What a failed file operation means, in a few words. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: "no such file or folder",
    EISDIR: "it is a folder",
    ENOTDIR: "a part of the path is no folder",
    EACCES: "permission denied",
    ENOSPC: "no space left",
  };
  return known[code ?? ""] ?? message;
}
