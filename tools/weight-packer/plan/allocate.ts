/** Where the blocks of the arena lie: offsets by what is live when. */
import type { Lives } from "./lives.js";
import { align16 } from "./model.js";

/**
 * How far blocks must lie from each other. Of a pair only the bytes that are live at the same time must not share a
 * place, so a tensor that is read from the top while another is written may have the other at its heels.
 */
export class Distances {
  readonly count: number;
  /** least[a * count + b]: how far b must begin behind a's begin if a lies below it; -Infinity if they never meet. */
  readonly #least: Float64Array;

  /** @param count number of blocks */
  constructor(count: number) {
    this.count = count;
    this.#least = new Float64Array(count * count).fill(-Infinity);
  }

  /** Bytes, a multiple of 16, that block b must begin behind block a, if a is the lower one. */
  between(a: number, b: number): number {
    return this.#least[a * this.count + b]!;
  }

  /** Keeps a and b apart by at least so many bytes if a lies below b. */
  keep(a: number, b: number, bytes: number): void {
    const at = a * this.count + b;
    this.#least[at] = Math.max(this.#least[at]!, align16(bytes));
  }

  /** Keeps apart what is live at once in a segment. @param index the number of each of its blocks, by Life.block */
  add({ blocks }: Lives, index: (block: number) => number): void {
    for (const [k, a] of blocks.entries()) {
      for (let other = k + 1; other < blocks.length; ++other) {
        const b = blocks[other]!;
        let below = -Infinity;
        let above = -Infinity;
        // Both change from time to time; between changes one look is enough.
        for (let i = 0, j = 0; i < a.at.length && j < b.at.length; ) {
          if (a.from[i]! < a.to[i]! && b.from[j]! < b.to[j]!) {
            below = Math.max(below, a.to[i]! - b.from[j]!);
            above = Math.max(above, b.to[j]! - a.from[i]!);
          }
          const nextA = a.at[i + 1] ?? Infinity;
          const nextB = b.at[j + 1] ?? Infinity;
          if (nextA <= nextB) ++i;
          if (nextB <= nextA) ++j;
        }
        if (below === -Infinity) continue;
        this.keep(index(a.block), index(b.block), below);
        this.keep(index(b.block), index(a.block), above);
      }
    }
  }
}

/** An allocation. */
export interface Allocation {
  /** Offset of each block in bytes, a multiple of 16. */
  offsets: number[];
  /** Bytes up to the end of the highest block. */
  bytes: number;
}

/** Places blocks one after the other, each into the tightest gap that the placed ones leave, or on top. */
class Placer {
  readonly #sizes: Float64Array;
  readonly #distances: Distances;
  /** For each block those that it ever meets. */
  readonly #others: Int32Array[];
  readonly #placed: Uint8Array;
  /** Where a block may not begin: from .. to - 1, by rising `from`. */
  readonly #from: Float64Array;
  readonly #to: Float64Array;

  constructor(sizes: readonly number[], distances: Distances) {
    const indices = sizes.map((_, index) => index);
    this.#sizes = Float64Array.from(sizes, align16);
    this.#distances = distances;
    this.#others = indices.map((a) => Int32Array.from(indices.filter((b) => distances.between(a, b) > -Infinity)));
    this.#placed = new Uint8Array(sizes.length);
    this.#from = new Float64Array(sizes.length);
    this.#to = new Float64Array(sizes.length);
  }

  /** Bytes of a block, rounded up to 16. */
  size(block: number): number {
    return this.#sizes[block]!;
  }

  /**
   * Places the blocks of `order` from its `begin`th on; those before it lie where `offsets` has them, the others' are
   * written there. Returns the bytes up to the end of the highest block; Infinity as soon as they are more than `most`.
   */
  place(order: readonly number[], begin: number, offsets: Float64Array, most: number): number {
    let top = 0;
    this.#placed.fill(0);
    for (let k = 0; k < begin; ++k) {
      const block = order[k]!;
      this.#placed[block] = 1;
      top = Math.max(top, offsets[block]! + this.#sizes[block]!);
    }
    for (let k = begin; k < order.length && top <= most; ++k) {
      const block = order[k]!;
      offsets[block] = this.#gap(block, offsets);
      this.#placed[block] = 1;
      top = Math.max(top, offsets[block] + this.#sizes[block]!);
    }
    return top <= most ? top : Infinity;
  }

  /** The begin of the tightest gap for a block among the placed ones. */
  #gap(block: number, offsets: Float64Array): number {
    const from = this.#from;
    const to = this.#to;
    let count = 0;
    for (const other of this.#others[block]!) {
      if (!this.#placed[other]) continue;
      const first = offsets[other]! - this.#distances.between(block, other);
      const end = offsets[other]! + this.#distances.between(other, block);
      if (first >= end || end <= 0) continue;
      let at = count++;
      for (; at > 0 && from[at - 1]! > first; --at) {
        from[at] = from[at - 1]!;
        to[at] = to[at - 1]!;
      }
      from[at] = first;
      to[at] = end;
    }
    let offset = -1;
    let room = Infinity;
    let free = 0;
    for (let k = 0; k < count; ++k) {
      // It may begin at free .. from.
      if (from[k]! >= free && from[k]! - free < room) {
        offset = free;
        room = from[k]! - free;
      }
      free = Math.max(free, to[k]!);
    }
    return offset < 0 ? free : offset;
  }
}

/**
 * Gives every block an offset. Best fit in a few fixed orders (the largest first, the last to come first), then in orders
 * in which a block that reaches the top moves to the front (a seeded sequence: the same blocks always get the same
 * offsets). The least number of bytes wins.
 *
 * @param sizes bytes of the blocks
 * @param births for each block a number that is greater the later it comes
 * @param enough no more tries once so few bytes are reached
 * @param tries of changed orders; each takes some hundredths of a millisecond for a hundred blocks
 */
export function allocate(
  sizes: readonly number[],
  births: readonly number[],
  distances: Distances,
  enough: number,
  tries: number,
): Allocation {
  // Blocks of no bytes lie anywhere.
  const indices = [...sizes.keys()].filter((index) => sizes[index]! > 0);
  const bySize = (a: number, b: number) => sizes[b]! - sizes[a]!;
  const orders = [
    bySize,
    (a: number, b: number) => births[b]! - births[a]! || bySize(a, b),
    (a: number, b: number) => births[a]! - births[b]! || bySize(a, b),
  ];
  const placer = new Placer(sizes, distances);
  let offsets = new Float64Array(sizes.length);
  let trial = new Float64Array(sizes.length);
  let bytes = Infinity;
  let best = indices;
  for (const compare of orders) {
    const order = indices.slice().sort((a, b) => compare(a, b) || a - b);
    const found = placer.place(order, 0, trial, Infinity);
    if (found < bytes) {
      [offsets, trial] = [trial, offsets];
      bytes = found;
      best = order;
    }
    if (bytes <= enough) break;
  }
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 0x100000000) * below);
  };
  for (let attempt = 0; attempt < tries && bytes > enough; ++attempt) {
    const highest = best.filter((index) => offsets[index]! + placer.size(index) === bytes);
    const moved = attempt % 2 === 0 ? highest[random(highest.length)]! : best[random(best.length)]!;
    const order = best.slice();
    const from = order.indexOf(moved);
    order.splice(from, 1);
    const to = random(best.length);
    order.splice(to, 0, moved);
    if (to === from) continue;
    trial.set(offsets);
    // Equal counts as better: it walks over plateaus.
    const found = placer.place(order, Math.min(from, to), trial, bytes);
    if (found === Infinity) continue;
    [offsets, trial] = [trial, offsets];
    bytes = found;
    best = order;
  }
  return { offsets: [...offsets], bytes: indices.length > 0 ? bytes : 0 };
}
