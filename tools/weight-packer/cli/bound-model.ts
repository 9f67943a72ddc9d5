import * as layout from "../../../assembly/layout.js";
import { align, type EngineExports, PAGE_BYTES } from "../../../src/abi.js";
import { Records } from "../records.js";

/**
 * A packed file in an engine of its own, run without the wrapper: whole, or one step again and again. The latter sets
 * the counters in the arena's state as if all other rows were done.
 */
export class BoundModel {
  readonly #engine: EngineExports;
  readonly #file: number;
  readonly #arena: number;
  readonly #records: Records;
  /** The memory's words; it does not grow any more. */
  readonly #words: Uint32Array;

  /**
   * @param module a build of the engine
   * @param bytes a packed file whose input is an image, not rows
   * @throws Error if the engine refuses it
   */
  constructor(module: WebAssembly.Module, bytes: Uint8Array) {
    this.#engine = new WebAssembly.Instance(module).exports as unknown as EngineExports;
    const { memory, __heap_base } = this.#engine;
    this.#records = new Records(bytes);
    const arenaBytes = this.#records.header(layout.HEADER_ARENA_BYTES);
    this.#file = align(__heap_base.value);
    this.#arena = align(this.#file + bytes.length);
    const missing = this.#arena + arenaBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
    new Uint8Array(memory.buffer).set(bytes, this.#file);
    this.#words = new Uint32Array(memory.buffer);
    this.#check(this.#engine.load(this.#file, bytes.length, this.#arena, arenaBytes));
    // At the end of its last segment, which `only` makes any segment, the engine turns int8 outputs in place. Nobody reads
    // them here: with no outputs in the header, tensors stay as their steps made them.
    this.#header(layout.HEADER_OUTPUT_COUNT, 0);
    this.#fillInput();
    this.run();
  }

  get steps(): number {
    return this.#records.stepCount;
  }

  /** The bytes of a tensor's ring, pads included, where they lie. */
  tensor(index: number): Uint8Array {
    const from = this.#arena + this.#records.tensor(index, layout.TENSOR_OFFSET);
    return new Uint8Array(this.#words.buffer, from, this.#records.ring(index).bytes);
  }

  /** A whole inference on whatever the input's bytes have become. */
  run(): void {
    this.#header(layout.HEADER_SEGMENT_COUNT, this.#records.segments.length);
    this.#engine.reset(this.#arena);
    const { input } = this.#records.ports;
    this.#check(this.#engine.push(this.#arena, this.#records.tensor(input, layout.TENSOR_HEIGHT)));
  }

  /**
   * Prepares a step to be run alone, after a whole run of a file that keeps every tensor whole, a step a segment.
   *
   * @returns what runs it once more on the same input
   */
  only(step: number): () => void {
    // The engine stops at the last segment: without those behind it looks at no other step.
    this.#header(layout.HEADER_SEGMENT_COUNT, step + 1);
    const state = this.#arena >> 2;
    const done = state + (layout.STATE_PROGRESS >> 2);
    const complete = done + this.steps + this.#records.step(step, layout.STEP_OUTPUT);
    const segment = state + (layout.STATE_SEGMENT >> 2);
    const words = this.#words;
    return () => {
      words[segment] = step;
      words[done + step] = 0;
      words[complete] = 0;
      this.#engine.push(this.#arena, 0);
    };
  }

  #header(field: number, value: number): void {
    this.#words[(this.#file + field) >> 2] = value;
  }

  /** Pseudo-random bytes (Lehmer's generator). */
  #fillInput(): void {
    const bytes = this.tensor(this.#records.ports.input);
    for (let i = 0, state = 20261124; i < bytes.length; i++) {
      state = (state * 48271) % 0x7fffffff;
      bytes[i] = state >>> 12;
    }
  }

  #check(status: number): void {
    if (status !== layout.STATUS_OK) throw new Error(`the engine stopped with status ${status & 0xff}`);
  }
}
