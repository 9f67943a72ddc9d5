/**
 * The engine's exports as docs/abi.md describes them. Addresses and counts are unsigned 32-bit numbers, which
 * WebAssembly hands over as signed ones: use `>>> 0`.
 */
export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  /** First free address of the memory. */
  readonly __heap_base: WebAssembly.Global;
  /** 0 if the host's instructions are not what the build relies on; builds of before have no such export. */
  usable?(): number;
  /** Checks a packed file and binds it to an arena. @returns status */
  load(file: number, fileBytes: number, arena: number, arenaBytes: number): number;
  /** Makes the arena ready for the next input. */
  reset(arena: number): void;
  /** Address of the next input row's first pixel. */
  inputRow(arena: number): number;
  /** Rows that may be written there, one input row stride apart, before the next push. */
  inputRoom(arena: number): number;
  /** Takes rows that were written and runs all steps that can fire. @returns status */
  push(arena: number, rows: number): number;
  /** 1 when the outputs are complete. */
  done(arena: number): number;
  /** Address of an output's first pixel. */
  outputData(arena: number, output: number): number;
}

/** The file and the arena start at multiples of this. */
export const ALIGNMENT = 16;
/** Bytes of a page of WebAssembly's memory. */
export const PAGE_BYTES = 65536;

/** The next multiple of ALIGNMENT. */
export function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
