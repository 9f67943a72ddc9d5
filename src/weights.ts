/** Streamed weights: the host reads them from wherever the file lies while the engine runs. */
import * as layout from "../assembly/layout.js";
import { FormatError } from "./errors.js";
import { viewOf } from "./records.js";

/**
 * Reads into.length bytes of a packed file from byte `offset` on, at once.
 *
 * @returns how many bytes it read; anything but all of them stops the run with an EngineError, as does what it throws,
 *   which becomes the error's cause
 */
export type WeightReader = (offset: number, into: Uint8Array<ArrayBuffer>) => number;

/** Whether a packed file's weights are streamed; undefined for bytes that do not begin as a packed file does. */
export function isStreamed(file: Uint8Array): boolean | undefined {
  if (file.length < layout.HEADER_BYTES) return undefined;
  const view = viewOf(file);
  if (view.getUint32(layout.HEADER_MAGIC, true) !== layout.MAGIC) return undefined;
  return (view.getUint32(layout.HEADER_FEATURES, true) & layout.FEATURE_STREAMED_WEIGHTS) !== 0;
}

/** Bytes of a packed file, at least its header, that the engine holds: all but streamed weights. */
export function residentBytes(file: Uint8Array): number {
  return viewOf(file).getUint32(layout.HEADER_FILE_BYTES, true);
}

/** A reader of a file that lies in memory as a whole. */
export function readerOf(file: Uint8Array): WeightReader {
  return (offset, into) => {
    const bytes = file.subarray(offset, offset + into.length);
    into.set(bytes);
    return bytes.length;
  };
}

/** What stands for env.read_weights of one instance. */
export class WeightImport {
  readonly #reader: WeightReader;
  #memory: WebAssembly.Memory | undefined;
  #failure: unknown;

  constructor(reader: WeightReader) {
    this.#reader = reader;
  }

  /** The imports to instantiate with. */
  get imports(): { env: Record<string, unknown> } {
    const read_weights = (offset: number, pointer: number, length: number) =>
      this.#read(offset >>> 0, pointer >>> 0, length >>> 0);
    return { env: { read_weights } };
  }

  /** Tells where the instance's memory is; before the first run. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** What the reader threw in the run that stopped; told once. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  #read(offset: number, pointer: number, length: number): number {
    this.#failure = undefined;
    try {
      return this.#reader(offset, new Uint8Array(this.#memory!.buffer as ArrayBuffer, pointer, length));
    } catch (error) {
      // No exception goes through the engine: it ends the run itself, and stays whole.
      this.#failure = error;
      return -1;
    }
  }
}

/**
 * The part of a streamed file that the engine holds, and the reader of the rest.
 *
 * @param given the whole file, or only that part
 * @throws FormatError if neither is there
 */
export function splitStreamed(
  given: Uint8Array,
  reader: WeightReader | undefined,
): { file: Uint8Array; reader: WeightReader } {
  const view = viewOf(given);
  const resident = residentBytes(given);
  const whole = resident + view.getUint32(layout.HEADER_WEIGHTS_BYTES, true);
  if (!reader && given.length < whole) {
    throw new FormatError(`the file has ${given.length} of ${whole} bytes: pass a reader of its weights`);
  }
  return { file: given.subarray(0, resident), reader: reader ?? readerOf(given) };
}
