import * as layout from "../assembly/layout.js";
import { align, type EngineExports, PAGE_BYTES } from "./abi.js";
import { EngineError, EnvironmentError, FormatError, InputError } from "./errors.js";
import type { Explain } from "./status.js";
import type { WeightImport } from "./weights.js";

/** How the rows of a tensor lie in the arena. */
interface Rows {
  height: number;
  width: number;
  channels: number;
  pixelStride: number;
  rowStride: number;
}

/** Where a packed file and its arena lie in the engine's memory. */
export interface Place {
  /** Address of the file. */
  readonly file: number;
  readonly arena: Arena;
  /** What the model is called in messages, where several take turns in the arena. */
  readonly name?: string;
}

/** An arena in the engine's memory: of one session, or of several that take turns. */
export class Arena {
  /** The session whose input and outputs it holds. */
  holder: Session | undefined;

  constructor(readonly address: number) {}
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
  new Uint8Array(engine.memory.buffer).set(file, at);
  return { file: at, arena: new Arena(arena) };
}

/**
 * A packed file and its arena inside one instance of the engine: bytes in, bytes out. Knows nothing of types, images
 * and labels.
 *
 * The memory is grown before the engine takes the file; the engine itself never grows it.
 *
 * Sessions may share an arena. Then one of them has it at a time: the first rows of an input take it, and what the
 * other had there is gone.
 */
export class Session {
  readonly #engine: EngineExports;
  readonly #explain: Explain;
  readonly #file: number;
  readonly #arena: number;
  readonly #shared: Arena;
  readonly #name: string | undefined;
  /** What `load` wrote to bind the arena to this file. */
  readonly #binding: Uint8Array<ArrayBuffer>;
  readonly #input: Rows;
  readonly #outputs: Rows[];
  readonly #weights: WeightImport | undefined;
  #claim = 0;
  /** Rows that were pushed since the input began. */
  #pushed = 0;

  /**
   * @param engine exports of an instance that no other session uses, but those that share the arena
   * @param file a whole packed file, streamed weights left out; copied, unless it lies at a place already
   * @param explain puts a status into words
   * @param weights what the instance reads streamed weights by
   * @throws FormatError if the engine refuses the file; EnvironmentError if there is not enough memory, or a relaxed
   *   build is used where it would not be exact
   */
  constructor(
    engine: EngineExports,
    file: Uint8Array,
    explain: Explain,
    place: Place = layOut(engine, file),
    weights?: WeightImport,
  ) {
    this.#engine = engine;
    this.#explain = explain;
    this.#weights = weights;
    this.#file = place.file;
    this.#arena = place.arena.address;
    this.#shared = place.arena;
    this.#name = place.name;
    // First with no arena: so the whole file is checked before its word on the arena's size is taken.
    let status = this.#load(file.length, 0);
    if ((status & 0xff) === layout.STATUS_ARENA) {
      const arenaBytes = this.#word(layout.HEADER_ARENA_BYTES);
      reserve(engine.memory, this.#arena + arenaBytes);
      status = this.#load(file.length, arenaBytes);
    }
    if (engine.usable?.() === 0) throw new EnvironmentError("this host's relaxed dot products are not exact");
    if (status !== layout.STATUS_OK) {
      const { text, details } = explain(status);
      throw new FormatError(`${this.#called()} was refused: ${text}`, details);
    }
    this.#shared.holder = this;
    this.#binding = this.#bound().slice();
    this.#input = this.#rows(layout.HEADER_INPUT);
    this.#outputs = Array.from({ length: this.#word(layout.HEADER_OUTPUT_COUNT) }, (_, k) =>
      this.#rows(this.#word(layout.HEADER_OUTPUTS) + k * layout.PORT_BYTES),
    );
  }

  /** Bytes of one input row. */
  get inputRowBytes(): number {
    return this.#input.width * this.#input.channels;
  }

  /** Rows of the input that are still to come. */
  get rowsLeft(): number {
    return this.#input.height - this.#pushed;
  }

  /** Begins a new input. */
  reset(): void {
    this.#claim++;
    this.#pushed = 0;
    // Another's input goes on until rows of this one come.
    if (this.#shared.holder === this) this.#engine.reset(this.#arena);
  }

  /**
   * Makes the input that was begun the caller's: the claim given before is not `claimed` any more, nor is this one once
   * the next input begins or anyone else claims it.
   */
  claim(): number {
    return ++this.#claim;
  }

  /** Whether a claim still holds. */
  claimed(claim: number): boolean {
    return claim === this.#claim;
  }

  /**
   * Pushes input rows; every step that can fire does.
   *
   * @param bytes whole rows of width x channels bytes in the source model's own type
   * @throws InputError on parts of rows or too many, of which none is taken; EngineError if the engine stops, or another
   *   model took the arena since the input began
   */
  push(bytes: Uint8Array): void {
    const rowBytes = this.inputRowBytes;
    if (bytes.length % rowBytes !== 0) {
      throw new InputError(`${bytes.length} bytes are no whole number of input rows of ${rowBytes}`);
    }
    const count = bytes.length / rowBytes;
    if (count > this.rowsLeft) {
      throw new InputError(`${count} rows are more than the ${this.rowsLeft} that the input has left`);
    }
    if (count > 0) this.#take();
    for (let at = 0; at < bytes.length; ) {
      const room = this.#engine.inputRoom(this.#arena) >>> 0;
      const rows = Math.min(room, (bytes.length - at) / rowBytes);
      if (rows === 0) throw new EngineError("the engine takes no more rows");
      this.#pushed += rows;
      const address = this.#engine.inputRow(this.#arena) >>> 0;
      this.#write(bytes.subarray(at, at + rows * rowBytes), address, rows);
      let status: number;
      try {
        status = this.#engine.push(this.#arena, rows) >>> 0;
      } catch (cause) {
        throw new EngineError(`the engine trapped: ${(cause as Error).message}`, undefined, { cause });
      }
      if (status !== layout.STATUS_OK) {
        const { text, details } = this.#explain(status);
        const cause = this.#weights?.takeFailure();
        const why = cause instanceof Error ? `: ${cause.message}` : "";
        throw new EngineError(`the run stopped: ${text}${why}`, details, cause === undefined ? undefined : { cause });
      }
      at += rows * rowBytes;
    }
  }

  /** Whether all outputs are complete. @throws EngineError if another model took the arena since the input began */
  get done(): boolean {
    if (!this.#holds()) return false;
    return this.#engine.done(this.#arena) === 1;
  }

  /**
   * A copy of an output's bytes: rows of interleaved pixels in the source model's own type. The outputs must be complete.
   */
  output(index: number): Uint8Array<ArrayBuffer> {
    const address = this.#engine.outputData(this.#arena, index) >>> 0;
    return this.#read(address, this.#outputs[index]!);
  }

  /**
   * A copy of a whole tensor's bytes as they lie in the arena, without pads; for debugging. Only a tensor whose
   * ring is as high as itself and which nothing overwrote holds what its step made.
   */
  tensor(index: number): Uint8Array<ArrayBuffer> {
    const record = this.#word(layout.HEADER_TENSORS) + index * layout.TENSOR_BYTES;
    const rows = this.#tensorRows(index);
    const padLeft = this.#word(record + layout.TENSOR_PAD_LEFT);
    const address = this.#arena + this.#word(record + layout.TENSOR_OFFSET) + padLeft * rows.pixelStride;
    return this.#read(address, rows);
  }

  #load(fileBytes: number, arenaBytes: number): number {
    try {
      return this.#engine.load(this.#file, fileBytes, this.#arena, arenaBytes) >>> 0;
    } catch (cause) {
      throw new FormatError(`the engine trapped on ${this.#called()}: ${(cause as Error).message}`, undefined, {
        cause,
      });
    }
  }

  /** Whether the arena holds this session's input; if not, none may have been begun. @throws EngineError */
  #holds(): boolean {
    if (this.#shared.holder === this) return true;
    if (this.#pushed === 0) return false;
    const { holder } = this.#shared;
    const taken = `${holder ? holder.#called() : "another model"} took the arena`;
    throw new EngineError(`${taken} since the input of ${this.#called()} began: begin it again`);
  }

  /** Makes the arena this session's, ready for the first rows, if another had it. @throws EngineError */
  #take(): void {
    if (!this.#holds()) {
      this.#bound().set(this.#binding);
      this.#engine.reset(this.#arena);
      this.#shared.holder = this;
    }
  }

  /** The bytes of the arena that bind it to a file. */
  #bound(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#engine.memory.buffer as ArrayBuffer, this.#arena, layout.STATE_BINDING_BYTES);
  }

  #called(): string {
    return this.#name === undefined ? "the model" : `the model "${this.#name}"`;
  }

  /** A word of the file. */
  #word(offset: number): number {
    return new DataView(this.#engine.memory.buffer).getUint32(this.#file + offset, true);
  }

  #rows(port: number): Rows {
    return this.#tensorRows(this.#word(port + layout.PORT_TENSOR));
  }

  #tensorRows(index: number): Rows {
    const record = this.#word(layout.HEADER_TENSORS) + index * layout.TENSOR_BYTES;
    return {
      height: this.#word(record + layout.TENSOR_HEIGHT),
      width: this.#word(record + layout.TENSOR_WIDTH),
      channels: this.#word(record + layout.TENSOR_CHANNELS),
      pixelStride: this.#word(record + layout.TENSOR_PIXEL_STRIDE),
      rowStride: this.#word(record + layout.TENSOR_ROW_STRIDE),
    };
  }

  #write(bytes: Uint8Array, address: number, rows: number): void {
    const { width, channels, pixelStride, rowStride } = this.#input;
    const memory = new Uint8Array(this.#engine.memory.buffer);
    const rowBytes = width * channels;
    for (let y = 0; y < rows; y++) {
      const from = y * rowBytes;
      const to = address + y * rowStride;
      if (pixelStride === channels) memory.set(bytes.subarray(from, from + rowBytes), to);
      else for (let x = 0; x < width; x++) memory.set(pixel(bytes, from, x, channels), to + x * pixelStride);
    }
  }

  #read(address: number, { height, width, channels, pixelStride, rowStride }: Rows): Uint8Array<ArrayBuffer> {
    const memory = new Uint8Array(this.#engine.memory.buffer);
    const bytes = new Uint8Array(height * width * channels);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at += channels) {
        const from = address + y * rowStride + x * pixelStride;
        bytes.set(memory.subarray(from, from + channels), at);
      }
    }
    return bytes;
  }
}

function pixel(bytes: Uint8Array, row: number, x: number, channels: number): Uint8Array {
  return bytes.subarray(row + x * channels, row + (x + 1) * channels);
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
