import * as layout from "../assembly/layout.js";
import { align, type EngineExports, PAGE_BYTES } from "./abi.js";
import { EngineError, EnvironmentError, FormatError, InputError } from "./errors.js";
import { outputPorts, portRows, type Rows, viewOf } from "./records.js";
import type { Explain } from "./status.js";

/** Addresses of a packed file and its arena in the engine's memory. */
export interface Place {
  readonly file: number;
  readonly arena: number;
}

/**
 * Copies a file into the memory of an engine that holds none: heap base, file, arena, each aligned to 16 bytes.
 *
 * @throws EnvironmentError if there is not enough memory
 */
export function layOut(engine: EngineExports, file: Uint8Array): Place {
  const at = align(engine.__heap_base.value >>> 0);
  const arena = align(at + file.length);
  reserve(engine.memory, arena);
  bytesOf(engine).set(file, at);
  return { file: at, arena };
}

/**
 * A packed file and its arena inside one instance of the engine: bytes in, bytes out. Knows nothing of types, images
 * and labels.
 *
 * The memory is grown before the engine takes the file; the engine itself never grows it.
 */
export class Session {
  protected readonly engine: EngineExports;
  protected readonly arena: number;
  /** What messages call the model. */
  protected readonly called: string;
  /** Rows that were pushed since the input began. */
  protected pushed = 0;
  readonly #explain: Explain;
  readonly #input: Rows;
  readonly #outputs: Rows[];

  /**
   * @param engine exports of an instance that no other session uses
   * @param file a whole packed file, streamed weights left out; copied, unless it lies at a place already
   * @param explain puts a status into words
   * @throws FormatError if the engine refuses the file; EnvironmentError if there is not enough memory, or a relaxed
   *   build is used where it would not be exact
   */
  constructor(
    engine: EngineExports,
    file: Uint8Array,
    explain: Explain,
    place: Place = layOut(engine, file),
    called = "the model",
  ) {
    this.engine = engine;
    this.#explain = explain;
    this.arena = place.arena;
    this.called = called;
    const view = viewOf(file);
    const load = (arenaBytes: number) => {
      reserve(engine.memory, place.arena + arenaBytes);
      try {
        return engine.load(place.file, file.length, place.arena, arenaBytes) >>> 0;
      } catch (cause) {
        throw new FormatError(`the engine trapped on ${called}: ${(cause as Error).message}`, { cause });
      }
    };
    const arenaBytes = file.length < layout.HEADER_BYTES ? 0 : view.getUint32(layout.HEADER_ARENA_BYTES, true);
    // A file that asks for more than its own size is first checked with no arena, before its word is taken.
    let status = load(arenaBytes > file.length ? 0 : arenaBytes);
    if ((status & 0xff) === layout.STATUS_ARENA) status = load(arenaBytes);
    if (engine.usable?.() === 0) throw new EnvironmentError("this host's relaxed dot products are not exact");
    if (status !== layout.STATUS_OK) {
      const { text, details } = explain(status);
      throw new FormatError(`${called} was refused: ${text}`, undefined, details);
    }
    this.#input = portRows(view, layout.HEADER_INPUT);
    this.#outputs = outputPorts(view).map((port) => portRows(view, port));
  }

  /** Rows of the input that are still to come. */
  get rowsLeft(): number {
    return this.#input.height - this.pushed;
  }

  /** Begins a new input. */
  reset(): void {
    this.pushed = 0;
    this.engine.reset(this.arena);
  }

  /**
   * Pushes input rows; every step that can fire does.
   *
   * @param bytes whole rows of width x channels bytes in the source model's own type
   * @throws InputError on parts of rows or too many, of which none is taken; EngineError if the engine stops
   */
  push(bytes: Uint8Array): void {
    const { engine, arena } = this;
    const rowBytes = this.#input.width * this.#input.channels;
    let count = bytes.length / rowBytes;
    if (!Number.isInteger(count) || count > this.rowsLeft) {
      const rows = `whole rows of ${rowBytes} bytes, or more than the ${this.rowsLeft} that the input has left`;
      throw new InputError(`${bytes.length} bytes are no ${rows}`);
    }
    if (count) this.begin();
    for (let at = 0; count > 0; ) {
      const rows = Math.min(engine.inputRoom(arena) >>> 0, count);
      if (!rows) throw new EngineError("the run ended without its outputs");
      const address = engine.inputRow(arena) >>> 0;
      const memory = bytesOf(engine);
      eachRun(this.#input, rows, (from, to, length) => {
        memory.set(bytes.subarray(at + from, at + from + length), address + to);
      });
      at += rows * rowBytes;
      count -= rows;
      this.pushed += rows;
      let status: number;
      try {
        status = engine.push(arena, rows) >>> 0;
      } catch (cause) {
        throw new EngineError(`the engine trapped on ${this.called}: ${(cause as Error).message}`, { cause });
      }
      if (status !== layout.STATUS_OK) {
        const { text, details } = this.#explain(status);
        throw new EngineError(`the run stopped: ${text}`, undefined, details);
      }
    }
  }

  /** Whether all outputs are complete. */
  get done(): boolean {
    return this.engine.done(this.arena) === 1;
  }

  /**
   * A copy of an output's bytes: rows of interleaved pixels in the source model's own type. The outputs must be complete.
   */
  output(index: number): Uint8Array<ArrayBuffer> {
    return this.read(this.engine.outputData(this.arena, index) >>> 0, this.#outputs[index]!);
  }

  /** Called before rows of an input are written. */
  protected begin(): void {}

  /** A copy of the pixels of a tensor whose first row lies at an address. */
  protected read(address: number, tensor: Rows): Uint8Array<ArrayBuffer> {
    const { height, width, channels } = tensor;
    const memory = bytesOf(this.engine);
    const bytes = new Uint8Array(height * width * channels);
    eachRun(tensor, height, (to, from, length) => {
      bytes.set(memory.subarray(address + from, address + from + length), to);
    });
    return bytes;
  }
}

/**
 * Tells which runs of bytes of rows lie next to each other both in the arena and without gaps: pixels, or whole rows.
 *
 * @param visit gets a run's place without gaps, its place from the first row's address on, and its length
 */
function eachRun(
  { width, channels, pixelStride, rowStride }: Rows,
  rows: number,
  visit: (packed: number, placed: number, length: number) => void,
): void {
  const runs = pixelStride === channels ? 1 : width;
  const length = (width * channels) / runs;
  for (let y = 0, packed = 0; y < rows; y++) {
    for (let x = 0; x < runs; x++, packed += length) visit(packed, y * rowStride + x * pixelStride, length);
  }
}

/** All of an engine's memory; good until it grows. */
function bytesOf({ memory }: EngineExports): Uint8Array {
  return new Uint8Array(memory.buffer);
}

/** Grows a memory so that addresses below `end` exist. @throws EnvironmentError */
function reserve(memory: WebAssembly.Memory, end: number): void {
  const missing = end - memory.buffer.byteLength;
  if (missing <= 0) return;
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
  } catch (cause) {
    throw new EnvironmentError(`the host gives no ${end} bytes of memory`, { cause });
  }
}
