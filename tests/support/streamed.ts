/** Engines whose weights are streamed, and a host that reads them: from a packed file in memory, failing when told to. */
import { readFileSync } from "node:fs";
import * as layout from "../../assembly/layout.js";
import { residentBytes } from "../../src/weights.js";
import { Machine, type RawEngine } from "./engine.js";

/** The builds for streamed weights. */
export const STREAMED_VARIANTS = ["mvp-streamed", "simd-streamed"] as const;
export type StreamedVariant = (typeof STREAMED_VARIANTS)[number];

const modules = new Map<StreamedVariant, WebAssembly.Module>();

/** The built engine, compiled once. */
export function streamedModule(variant: StreamedVariant): WebAssembly.Module {
  const module =
    modules.get(variant) ??
    new WebAssembly.Module(readFileSync(new URL(`../../build/engine.${variant}.wasm`, import.meta.url)));
  modules.set(variant, module);
  return module;
}

/** One read, as the engine asked for it. */
export interface Read {
  offset: number;
  pointer: number;
  length: number;
}

/** What holds the file, and counts. */
export class Flash {
  /** All reads since the last `clear`. */
  reads: Read[] = [];
  /** What the k-th read answers instead of reading; undefined lets it read. */
  answer: (index: number, read: Read) => number | undefined = () => undefined;

  constructor(public file: Uint8Array) {}

  /** Bytes read since the last `clear`. */
  get bytes(): number {
    return this.reads.reduce((sum, { length }) => sum + length, 0);
  }

  clear(): void {
    this.reads = [];
  }

  /** Reads into a memory; less where the file ends. */
  read(memory: Uint8Array, offset: number, pointer: number, length: number): number {
    const read = { offset: offset >>> 0, pointer: pointer >>> 0, length: length >>> 0 };
    const answer = this.answer(this.reads.push(read) - 1, read);
    if (answer !== undefined) return answer;
    const bytes = this.file.subarray(read.offset, read.offset + read.length);
    memory.set(bytes, read.pointer);
    return bytes.length;
  }
}

/** A new instance that reads from a flash. */
export function newStreamedEngine(variant: StreamedVariant, flash: Flash): RawEngine {
  const read_weights = (offset: number, pointer: number, length: number) =>
    flash.read(new Uint8Array(engine.memory.buffer), offset, pointer, length);
  const instance = new WebAssembly.Instance(streamedModule(variant), { env: { read_weights } });
  const engine = instance.exports as unknown as RawEngine;
  return engine;
}

/** The part of a streamed file that the engine gets. */
export function resident(file: Uint8Array): Uint8Array {
  return file.subarray(0, residentBytes(file));
}

/** Loads a streamed file's resident part into a new engine, its weights in a flash. */
export function streamedMachine(variant: StreamedVariant, file: Uint8Array): { model: Machine; flash: Flash } {
  const flash = new Flash(file);
  return { model: new Machine(newStreamedEngine(variant, flash), resident(file)), flash };
}

/** The prefetch order of a streamed file: the steps whose weights a run reads, firing by firing. */
export function prefetchOrder(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const at = residentBytes(file);
  return Array.from({ length: view.getUint32(layout.HEADER_PREFETCH_COUNT, true) }, (_, k) =>
    view.getUint16(at + 2 * k, true),
  );
}
