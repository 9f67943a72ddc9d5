/**
 * Feeds damaged files to the engine, in a worker so that one which hangs can be stopped. After each file the whole
 * memory but the arena is compared with what it was; file or arena end where the memory ends, so that reading past them
 * traps.
 */
import { parentPort, workerData } from "node:worker_threads";
import * as layout from "../../assembly/layout.js";
import { explain, newEngine, type RawEngine, reserve, type Variant } from "./engine.js";
import { damaged, Random } from "./engine-damage.js";
import { noise } from "./noise.js";
import { Flash, newStreamedEngine, resident, STREAMED_VARIANTS, type StreamedVariant } from "./streamed.js";

/** What the worker is told. */
export interface Task {
  variant: Variant | StreamedVariant;
  /** Sound files; of those with streamed weights, the whole. */
  sound: Uint8Array[];
  /** Files first .. first + count - 1. */
  first: number;
  count: number;
  /** Int32Array of one element: the file at work. */
  progress: SharedArrayBuffer;
}

/** What it answers. */
export interface Report {
  /** How many files ended with each status; 0 = loaded and run to the end. */
  statuses: Record<number, number>;
  slowest: { file: number; ms: number };
  failures: string[];
}

/** All the memory of the engine: small, so that comparing it is quick. */
const MEMORY_BYTES = 4 * 65536;
const CANARY = 0xa5;
const { variant, sound, first, count, progress } = workerData as Task;
const streamed = STREAMED_VARIANTS.find((name) => name === variant);
/** The sound file whose weights a streamed build reads, and the arena where they may go. */
const flash = new Flash(sound[0]!);
let windowsIn: [from: number, to: number] = [0, 0];
flash.answer = (_, { pointer, length }) => {
  if (pointer < windowsIn[0] || pointer + length > windowsIn[1])
    throw new Error("weights read to outside of the arena");
  flash.clear();
  return undefined;
};
const engine = streamed ? newStreamedEngine(streamed, flash) : newEngine(variant as Variant);
reserve(engine, MEMORY_BYTES);
const memory = new Uint8Array(engine.memory.buffer);
const heap = Math.ceil((engine.__heap_base.value as number) / 16) * 16 + 64;
/** Where memory begins that no run may write to: simd builds have static memory for what they widen. */
const kept = variant.startsWith("simd") ? (engine.__heap_base.value as number) : 0;
const statics = memory.slice(0, heap);
const canary = Buffer.alloc(memory.length, CANARY);
const rowNoise = noise(MEMORY_BYTES, 7);

/** Places file and arena, the one or the other at the memory's end. */
function place(file: Uint8Array, arenaBytes: number, arenaLast: boolean): { at: number; arena: number } {
  const low = heap;
  const room = Math.ceil((arenaLast ? arenaBytes : file.length) / 16) * 16;
  const high = memory.length - room;
  return arenaLast ? { at: low, arena: high } : { at: high, arena: low };
}

/** Runs one file. @returns the status @throws if it breaks a rule */
function feed(file: Uint8Array, wholeArena: number, arenaLast: boolean): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  // The host gives what the file asks for, if that is not absurd.
  const asked = file.length >= layout.HEADER_BYTES ? view.getUint32(layout.HEADER_ARENA_BYTES, true) : 0;
  const arenaBytes = asked <= 2 * wholeArena ? asked : wholeArena;
  const { at, arena } = place(file, arenaBytes, arenaLast);
  windowsIn = [arena, arena + arenaBytes];
  memory.set(canary);
  memory.set(statics);
  memory.set(file, at);
  const before = Buffer.from(memory);
  const unchanged = (from: number, to: number, what: string) => {
    if (before.compare(memory, from, to, from, to) !== 0) throw new Error(`${what} was written to`);
  };

  let status = engine.load(at, file.length, arena, arenaBytes) >>> 0;
  if (status !== layout.STATUS_OK) {
    unchanged(0, memory.length, "memory of a refused file");
    return status;
  }
  const outside = (what: string) => {
    unchanged(kept, arena, `${what}: memory below the arena`);
    unchanged(arena + arenaBytes, memory.length, `${what}: memory above the arena`);
  };
  outside("load");
  const input = engine.inputDescriptor(arena) >>> 0;
  const tensor =
    at +
    view.getUint32(layout.HEADER_TENSORS, true) +
    new DataView(memory.buffer).getUint32(input, true) * layout.TENSOR_BYTES;
  const field = (offset: number) => new DataView(memory.buffer).getUint32(tensor + offset, true);
  const rowBytes = (field(layout.TENSOR_WIDTH) - 1) * field(layout.TENSOR_PIXEL_STRIDE) + field(layout.TENSOR_CHANNELS);
  const write = (rows: number) => {
    const row = engine.inputRow(arena) >>> 0;
    const stride = field(layout.TENSOR_ROW_STRIDE);
    if (row < arena || row + (rows - 1) * stride + rowBytes > arena + arenaBytes) throw new Error("input rows outside");
    for (let y = 0; y < rows; y++) memory.set(rowNoise.subarray(0, rowBytes), row + y * stride);
  };
  // All at once where the engine takes that, else in portions.
  engine.reset(arena);
  if (field(layout.TENSOR_RING_ROWS) === field(layout.TENSOR_HEIGHT)) write(field(layout.TENSOR_HEIGHT));
  status = engine.invoke(arena) >>> 0;
  outside("invoke");
  if ((status & 0xff) === layout.STATUS_STREAMED) status = pushAll(engine, arena, field(layout.TENSOR_HEIGHT), write);
  outside("push");
  for (let k = 0; engine.outputDescriptor(arena, k) >>> 0; k++) {
    const data = engine.outputData(arena, k) >>> 0;
    if (data < arena || data >= arena + arenaBytes) throw new Error("an output outside");
  }
  return status;
}

function pushAll(
  { inputRoom, push, reset }: RawEngine,
  arena: number,
  height: number,
  write: (rows: number) => void,
): number {
  reset(arena);
  for (let y = 0; y < height; ) {
    const rows = Math.min(inputRoom(arena) >>> 0, height - y);
    if (rows === 0) return layout.STATUS_STALLED;
    write(rows);
    const status = push(arena, rows) >>> 0;
    if (status !== layout.STATUS_OK) return status;
    y += rows;
  }
  return layout.STATUS_OK;
}

const report: Report = { statuses: {}, slowest: { file: -1, ms: 0 }, failures: [] };
const current = new Int32Array(progress);
for (let index = first; index < first + count && report.failures.length < 5; index++) {
  Atomics.store(current, 0, index);
  const random = new Random(index);
  const whole = sound[index % sound.length]!;
  const base = streamed ? resident(whole) : whole;
  flash.file = whole;
  const file = damaged(base, random);
  const wholeArena = new DataView(base.buffer, base.byteOffset).getUint32(layout.HEADER_ARENA_BYTES, true);
  const begin = performance.now();
  let status = 0;
  try {
    status = feed(file, wholeArena, index % 2 === 0);
    const known = [layout.STATUS_STALLED, layout.STATUS_OK];
    if ((status & 0xff) > layout.STATUS_READ) report.failures.push(`file ${index}: unknown ${explain(status)}`);
    if (known.includes(status & 0xff) && status >>> 20) report.failures.push(`file ${index}: odd ${explain(status)}`);
  } catch (error) {
    report.failures.push(`file ${index}: ${(error as Error).stack?.split("\n").slice(0, 6).join(" ")}`);
  }
  const ms = performance.now() - begin;
  if (ms > report.slowest.ms) report.slowest = { file: index, ms };
  report.statuses[status & 0xff] = (report.statuses[status & 0xff] ?? 0) + 1;
}
parentPort!.postMessage(report);
