/** Damaged packed files: seeded mutations of sound ones. */
import * as layout from "../../assembly/layout.js";
import { checksum } from "../../src/checksum.js";

/** Random numbers by Lehmer's generator, from a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed % 0x7ffffffe) + 1;
    for (let i = 0; i < 8; i++) this.below(2);
  }

  /** 0..limit - 1. */
  below(limit: number): number {
    this.#state = (this.#state * 48271) % 0x7fffffff;
    return Math.floor((this.#state / 0x7fffffff) * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** Where the words of a sound file are that the engine believes or not: ranges of bytes. */
function regions(view: DataView): [from: number, bytes: number][] {
  const word = (at: number) => view.getUint32(at, true);
  const section = (count: number, recordBytes: number): [number, number] => [
    word(count + 4),
    word(count) * recordBytes,
  ];
  return [
    [0, layout.HEADER_BYTES],
    section(layout.HEADER_TENSOR_COUNT, layout.TENSOR_BYTES),
    section(layout.HEADER_STEP_COUNT, layout.STEP_BYTES),
    section(layout.HEADER_SEGMENT_COUNT, 4),
    section(layout.HEADER_CONSUMER_COUNT, 4),
    section(layout.HEADER_OUTPUT_COUNT, layout.PORT_BYTES),
    [0, view.byteLength],
  ];
}

/** Which of the regions to change, by index: steps and tensors most. */
const CHOICES = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5, 6];

function changedWord(old: number, random: Random): number {
  const change = random.below(4);
  if (change === 0)
    return random.pick([0, 1, 2, 3, 7, 15, 16, 255, 4095, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff]);
  if (change === 1) return old + random.pick([-16, -8, -2, -1, 1, 2, 3, 4, 8, 16, 1024, 65536]);
  if (change === 2) return random.pick([old * 2, old >>> 1, old * 3, ~old, -old, old ^ (1 << random.below(32))]);
  return random.below(0x100000000);
}

function change(file: Uint8Array, random: Random): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let all: [number, number][];
  try {
    all = regions(view).filter(([from, bytes]) => bytes > 0 && from + bytes <= file.length);
  } catch {
    all = [[0, file.length]]; // too short for a header
  }
  const [from, bytes] = all[Math.min(random.pick(CHOICES), all.length - 1)]!;
  if (bytes < 4) return;
  const at = from + 4 * random.below(bytes >> 2);
  if (at + 4 > file.length) return;
  const kind = random.below(16);
  if (kind === 0) file[at + random.below(4)]! ^= 1 << random.below(8);
  else if (kind === 1) view.setUint32(at, view.getUint32(from + 4 * random.below(bytes >> 2), true), true);
  else if (kind === 2) {
    const end = Math.min(from + bytes, at + random.below(200));
    for (let i = at; i < end; i++) file[i] = random.below(256);
  } else view.setUint32(at, changedWord(view.getUint32(at, true), random) >>> 0, true);
}

/** Shorter or longer by a random number of bytes; the header's length mended in half of the cases. */
function resized(file: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const length = random.below(4)
    ? 16 * random.below(Math.ceil((file.length * 5) / 64))
    : random.below(Math.ceil(file.length * 1.25));
  const result = new Uint8Array(length);
  result.set(file.subarray(0, length));
  if (length >= layout.HEADER_BYTES && random.below(2)) {
    new DataView(result.buffer).setUint32(layout.HEADER_FILE_BYTES, length, true);
  }
  return result;
}

/**
 * A damaged copy of a sound file. In nine of ten the checksum is right all the same, so that the deeper checks are
 * reached.
 */
export function damaged(sound: Uint8Array, random: Random): Uint8Array {
  let file = new Uint8Array(sound);
  const how = random.below(20);
  if (how === 0) file = resized(file, random);
  else if (how === 1 && random.below(4) === 0) for (let i = 0; i < file.length; i++) file[i] = random.below(256);
  if (how !== 0 || random.below(2)) {
    for (let n = random.pick([1, 1, 1, 2, 3, 8]); n > 0 && file.length >= 4; n--) change(file, random);
  }
  if (file.length >= layout.HEADER_BYTES && file.length % 16 === 0 && random.below(10)) {
    new DataView(file.buffer).setUint32(layout.HEADER_CHECKSUM, checksum(file), true);
  }
  return file;
}
