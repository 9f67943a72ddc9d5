/**
 * The machine's peak: how many multiplications with additions a second a build's dot product can do at all. A loop of
 * nothing but that instruction in independent chains, all operands in registers: no loads, no requantisation.
 */
import type { Variant } from "../../../src/engine.js";

/** Turns of the loop in a call: some 10 microseconds. The operand is one more, whose bytes are all below 128. */
const TURNS = 1100;
/** How often the chains stand in the loop's body, so that its own counting does not matter. */
const UNROLL = 4;

const GET = 0x20;
const SET = 0x21;
const I32 = 0x7f;
const V128 = 0x7b;
const SIMD = 0xfd;

/** A build's dot product as wasm code. */
interface Dot {
  /** As many chains as hide its latency and fit the registers. */
  chains: number;
  /** Products of one. */
  macs: number;
  type: number;
  /** From an i32 on the stack to the chains' type, and from their type to an i32; and xor, which joins them at the end. */
  widen: number[];
  narrow: number[];
  xor: number[];
  /** Local `sum` plus a product with local `x`: code that leaves the new sum on the stack. */
  code(sum: number, x: number): number[];
}

/**
 * In the first two the sum is an operand as well: an optimiser would take a product of constant operands out of the loop.
 * The relaxed dot has its addition inside and cannot be taken out.
 */
const DOTS: Record<Variant, Dot> = {
  mvp: {
    chains: 8,
    macs: 1,
    type: I32,
    widen: [],
    narrow: [],
    xor: [0x73],
    code: (sum, x) => [GET, sum, GET, x, 0x6c, GET, sum, 0x6a], // i32.mul, i32.add
  },
  simd: {
    chains: 12,
    macs: 8,
    type: V128,
    widen: [SIMD, 0x11], // i32x4.splat
    narrow: [SIMD, 0x1b, 0], // i32x4.extract_lane
    xor: [SIMD, 0x51],
    code: (sum, x) => [GET, sum, GET, x, SIMD, 0xba, 1, GET, sum, SIMD, 0xae, 1], // i32x4.dot_i16x8_s, i32x4.add
  },
  relaxed: {
    chains: 12,
    macs: 16,
    type: V128,
    widen: [SIMD, 0x11],
    narrow: [SIMD, 0x1b, 0],
    xor: [SIMD, 0x51],
    code: (sum, x) => [GET, x, GET, x, GET, sum, SIMD, 0x93, 2], // i32x4.relaxed_dot_i8x16_i7x16_add_s
  },
};

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function section(id: number, content: number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** A module with one export, f(turns) -> i32. */
function moduleOf({ chains, type, widen, narrow, xor, code }: Dot): Uint8Array<ArrayBuffer> {
  // Local 0 counts the turns, local 1 is the operand, the sums follow; each begins with another value.
  const sums = Array.from({ length: chains }, (_, k) => 2 + k);
  const start = [1, ...sums].flatMap((local) => [GET, 0, 0x41, local, 0x6a, ...widen, SET, local]);
  const turn = sums.flatMap((sum) => [...code(sum, 1), SET, sum]);
  const count = [GET, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0]; // turns -= 1; br_if
  const loop = [0x03, 0x40, ...Array.from({ length: UNROLL }, () => turn).flat(), ...count, 0x0b];
  const join = sums.flatMap((sum, k) => (k === 0 ? [GET, sum] : [GET, sum, ...xor]));
  const body = [1, chains + 1, type, ...start, ...loop, ...join, ...narrow, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/**
 * A build's peak, ready to be sampled in turn with what is compared with it.
 *
 * @returns the chains, MACs of a call, and the call, which gives the chains' sums xored (the first lane)
 * @throws WebAssembly.CompileError where the host does not know the build's instructions
 */
export function peakLoop(variant: Variant): { chains: number; macs: number; run: () => number } {
  const dot = DOTS[variant];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf(dot)));
  const f = exports.f as (turns: number) => number;
  return { chains: dot.chains, macs: dot.chains * dot.macs * UNROLL * TURNS, run: () => f(TURNS) };
}
