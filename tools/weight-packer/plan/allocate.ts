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

/** Places blocks in the given order, each into the tightest gap that the placed ones leave, or on top. */
function place(sizes: readonly number[], distances: Distances, order: readonly number[]): Allocation {
  const offsets: number[] = new Array<number>(sizes.length).fill(0);
  const placed: number[] = [];
  let top = 0;
  for (const index of order) {
    // Where it may not begin: from .. to - 1 for each placed block.
    const taken: { from: number; to: number }[] = [];
    for (const other of placed) {
      const from = offsets[other]! - distances.between(index, other);
      const to = offsets[other]! + distances.between(other, index);
      if (from < to && to > 0) taken.push({ from, to });
    }
    taken.sort((a, b) => a.from - b.from);
    let offset = -1;
    let room = Infinity;
    let free = 0;
    for (const { from, to } of taken) {
      // It may begin at free .. from.
      if (from >= free && from - free < room) {
        offset = free;
        room = from - free;
      }
      free = Math.max(free, to);
    }
    if (offset < 0) offset = free;
    offsets[index] = offset;
    top = Math.max(top, offset + align16(sizes[index]!));
    placed.push(index);
  }
  return { offsets, bytes: top };
}

/**
 * Gives every block an offset. Best fit in a few fixed orders (the largest first, the last to come first), then in orders
 * in which a block that reaches the top moves to the front (a seeded sequence: the same blocks always get the same
 * offsets). The least number of bytes wins.
 *
 * @param sizes bytes of the blocks
 * @param births for each block a number that is greater the later it comes
 * @param enough no more tries once so few bytes are reached
 * @param tries of changed orders; each takes well under a millisecond for a hundred blocks
 */
export function allocate(
  sizes: readonly number[],
  births: readonly number[],
  distances: Distances,
  enough: number,
  tries: number,
): Allocation {
  const indices = sizes.map((_, index) => index);
  const bySize = (a: number, b: number) => sizes[b]! - sizes[a]!;
  const orders = [
    bySize,
    (a: number, b: number) => births[b]! - births[a]! || bySize(a, b),
    (a: number, b: number) => births[a]! - births[b]! || bySize(a, b),
  ];
  let best: Allocation | undefined;
  let bestOrder = indices;
  for (const compare of orders) {
    const order = indices.slice().sort((a, b) => compare(a, b) || a - b);
    const found = place(sizes, distances, order);
    if (!best || found.bytes < best.bytes) {
      best = found;
      bestOrder = order;
    }
    if (best.bytes <= enough) return best;
  }
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 0x100000000) * below);
  };
  for (let attempt = 0; best && attempt < tries && best.bytes > enough; ++attempt) {
    const { offsets, bytes }: Allocation = best;
    const highest = bestOrder.filter((index) => offsets[index]! + align16(sizes[index]!) === bytes);
    const order = bestOrder.slice();
    const moved = attempt % 2 === 0 ? highest[random(highest.length)]! : order[random(order.length)]!;
    order.splice(order.indexOf(moved), 1);
    order.splice(random(order.length + 1), 0, moved);
    const found = place(sizes, distances, order);
    // Equal counts as better: it walks over plateaus.
    if (found.bytes <= bytes) {
      best = found;
      bestOrder = order;
    }
  }
  return best ?? { offsets: [], bytes: 0 };
}
