/** The engine's own ABI for tests: raw WebAssembly instances, no wrapper between. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import * as layout from "../../assembly/layout.js";
import { align, type EngineExports, PAGE_BYTES } from "../../src/abi.js";
import { Records } from "../../tools/weight-packer/records.js";

export type Variant = "mvp" | "simd" | "relaxed";

/** The engine's file. */
function built(variant: Variant): URL {
  return new URL(`../../build/engine.${variant}.wasm`, import.meta.url);
}

/** Whether this host runs the relaxed build; Node 20 does with --experimental-wasm-relaxed-simd. */
function hasRelaxed(): boolean {
  const file = built("relaxed");
  if (!existsSync(file) || !WebAssembly.validate(readFileSync(file))) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)));
  return (exports.usable as () => number)() === 1;
}

/** The builds that this host runs. */
export const VARIANTS: readonly Variant[] = hasRelaxed() ? ["mvp", "simd", "relaxed"] : ["mvp", "simd"];

/** All of the engine's exports. */
export interface RawEngine extends EngineExports {
  readonly __data_end: WebAssembly.Global;
  invoke(arena: number): number;
  inputDescriptor(arena: number): number;
  outputDescriptor(arena: number, index: number): number;
}

const compiled = new Map<Variant, WebAssembly.Module>();

/** The built engine, compiled once. */
export function engineModule(variant: Variant): WebAssembly.Module {
  let module = compiled.get(variant);
  if (!module) {
    module = new WebAssembly.Module(readFileSync(built(variant)));
    compiled.set(variant, module);
  }
  return module;
}

/** A new instance: memory of its own, no imports. */
export function newEngine(variant: Variant): RawEngine {
  return new WebAssembly.Instance(engineModule(variant), {}).exports as unknown as RawEngine;
}

/** Makes an engine's memory at least so many bytes large. */
export function reserve(engine: RawEngine, bytes: number): void {
  const missing = Math.ceil(bytes / PAGE_BYTES) - engine.memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) engine.memory.grow(missing);
}

/** A status in words, for messages. */
export function explain(status: number): string {
  return `status ${status & 0xff}, index ${(status >>> 8) & 0xfff}, field ${(status >>> 20) * 4}`;
}

/** A packed file and its arena in an engine's memory. */
export class Machine {
  readonly records: Records;
  readonly file: number;
  readonly arena: number;
  /** First address behind the arena. */
  readonly end: number;
  readonly #input: number;
  readonly #outputs: number[];

  /**
   * Places and loads a file.
   *
   * @param at the lowest address that may be used
   * @throws AssertionError if the engine refuses the file
   */
  constructor(
    readonly engine: RawEngine,
    file: Uint8Array,
    at = engine.__heap_base.value as number,
  ) {
    this.records = new Records(file);
    this.#input = this.records.ports.input;
    this.#outputs = this.records.ports.outputs;
    const arenaBytes = this.records.header(layout.HEADER_ARENA_BYTES);
    this.file = align(at);
    this.arena = align(this.file + file.length);
    this.end = this.arena + arenaBytes;
    reserve(engine, this.end);
    this.memory.set(file, this.file);
    const status = engine.load(this.file, file.length, this.arena, arenaBytes) >>> 0;
    assert.equal(status, layout.STATUS_OK, `refused: ${explain(status)}`);
  }

  /** The whole memory; a new view, as growing detaches old ones. */
  get memory(): Uint8Array {
    return new Uint8Array(this.engine.memory.buffer);
  }

  /** Bytes of one input row, and rows of the input. */
  get inputRowBytes(): number {
    return this.#rowBytes(this.#input);
  }

  get inputRows(): number {
    return this.records.tensor(this.#input, layout.TENSOR_HEIGHT);
  }

  /** Writes the whole input where it lies and invokes. @returns the status */
  invoke(input: Uint8Array): number {
    this.engine.reset(this.arena);
    this.#write(input, this.inputRows);
    return this.engine.invoke(this.arena) >>> 0;
  }

  /**
   * Pushes the whole input.
   *
   * @param choose how many of 1..room rows to push next
   * @returns the last status
   */
  push(input: Uint8Array, choose: (room: number) => number = (room) => room): number {
    this.engine.reset(this.arena);
    const bytes = this.inputRowBytes;
    for (let y = 0; y < this.inputRows; ) {
      const room = this.engine.inputRoom(this.arena) >>> 0;
      assert.ok(room > 0, `no room for input row ${y}`);
      const rows = choose(room);
      this.#write(input.subarray(y * bytes), rows);
      const status = this.engine.push(this.arena, rows) >>> 0;
      if (status !== layout.STATUS_OK) return status;
      y += rows;
    }
    return layout.STATUS_OK;
  }

  /** Fills all that holds nothing before an input's first row with garbage: rings, scratch, slack. */
  poison(): void {
    const state = layout.STATE_PROGRESS + 4 * (this.records.stepCount + this.records.tensorCount);
    this.memory.fill(0xa5, this.arena + state, this.end);
  }

  /** Writes garbage where the host may write rows, as one does whose camera fills them while nothing is pushed. */
  scribble(room: number): void {
    this.#write(new Uint8Array(room * this.inputRowBytes).fill(0x5a), room);
  }

  /** A whole inference, invoked where the input's ring is whole and pushed where it is not. @returns the outputs */
  run(input: Uint8Array): Uint8Array[] {
    const whole = this.records.tensor(this.#input, layout.TENSOR_RING_ROWS) === this.inputRows;
    const status = whole ? this.invoke(input) : this.push(input);
    assert.equal(status, layout.STATUS_OK, `stopped: ${explain(status)}`);
    return this.outputs();
  }

  /** Copies of the outputs. */
  outputs(): Uint8Array[] {
    assert.equal(this.engine.done(this.arena), 1, "outputs are not complete");
    return this.#outputs.map((tensor, k) => this.#rows(tensor, this.engine.outputData(this.arena, k) >>> 0));
  }

  /** Outputs of the source model: those that continue others put behind them. */
  joined(parts: readonly Uint8Array[]): Uint8Array[] {
    const ports = this.records.header(layout.HEADER_OUTPUTS);
    const whole: Uint8Array[] = [];
    parts.forEach((part, k) => {
      const continues = this.records.word(ports + k * layout.PORT_BYTES + layout.PORT_CONTINUES);
      whole.push(continues ? Uint8Array.from([...whole.pop()!, ...part]) : part);
    });
    return whole;
  }

  /** A copy of a tensor as the arena holds it, gaps and pads taken out; its ring must be whole. */
  tensor(index: number): Uint8Array {
    const { records } = this;
    const pad = records.tensor(index, layout.TENSOR_PAD_LEFT) * records.tensor(index, layout.TENSOR_PIXEL_STRIDE);
    return this.#rows(index, this.arena + records.tensor(index, layout.TENSOR_OFFSET) + pad);
  }

  #rowBytes(tensor: number): number {
    const [, width, channels] = this.records.extent(tensor);
    return width * channels;
  }

  #write(input: Uint8Array, rows: number): void {
    const { memory, inputRowBytes: bytes } = this;
    const at = this.engine.inputRow(this.arena) >>> 0;
    const stride = this.records.tensor(this.#input, layout.TENSOR_ROW_STRIDE);
    for (let y = 0; y < rows; y++) memory.set(input.subarray(y * bytes, (y + 1) * bytes), at + y * stride);
  }

  #rows(tensor: number, at: number): Uint8Array {
    const [height] = this.records.extent(tensor);
    const bytes = this.#rowBytes(tensor);
    const stride = this.records.tensor(tensor, layout.TENSOR_ROW_STRIDE);
    const { memory } = this;
    const result = new Uint8Array(height * bytes);
    for (let y = 0; y < height; y++) {
      const row = at + y * stride;
      result.set(memory.subarray(row, row + bytes), y * bytes);
    }
    return result;
  }
}

/** Loads a file into a new engine. */
export function machine(variant: Variant, file: Uint8Array): Machine {
  return new Machine(newEngine(variant), file);
}

/** Asserts that bytes are equal, with a message of one line. */
export function assertBytes(got: Uint8Array, wanted: Uint8Array, name: string): void {
  assert.equal(got.length, wanted.length, `${name}: length`);
  if (Buffer.compare(got, wanted) === 0) return;
  const at = got.findIndex((byte, i) => byte !== wanted[i]);
  const different = got.reduce((n, byte, i) => n + Number(byte !== wanted[i]), 0);
  assert.fail(
    `${name}: ${different} of ${got.length} bytes differ, first at ${at}: ${got[at]} instead of ${wanted[at]}`,
  );
}

/** Asserts that both builds give these outputs, and what each file gives in each build is the same. */
export function assertOutputs(
  files: Record<string, Uint8Array>,
  cases: { name: string; input: Uint8Array; outputs: Uint8Array[] }[],
  name: string,
): void {
  for (const [form, file] of Object.entries(files)) {
    for (const variant of VARIANTS) {
      const model = machine(variant, file);
      for (const { name: caseName, input, outputs } of cases) {
        const got = model.joined(model.run(input));
        const label = `${name}, ${form}, ${variant}, case ${caseName}`;
        assert.equal(got.length, outputs.length, label);
        got.forEach((bytes, k) => {
          assertBytes(bytes, outputs[k]!, `${label}, output ${k}`);
        });
      }
    }
  }
}
