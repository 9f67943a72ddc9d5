/** Where the blocks of the arena lie: offsets by lifetime. */
import { align16 } from "./model.js";

/** A block of memory that must keep its place for some segments. */
export interface Block {
  /** Bytes; rounded up to a multiple of 16. */
  bytes: number;
  /** Alive in the segments from .. until - 1. */
  from: number;
  until: number;
}

/** An allocation. */
export interface Allocation {
  /** Offset of each block in bytes, a multiple of 16. */
  offsets: number[];
  /** Bytes up to the end of the highest block. */
  bytes: number;
}

/** The most bytes that are alive in one segment, and the first segment where they are: no allocation takes less. */
export function mostAlive(blocks: readonly Block[]): { segment: number; bytes: number } {
  const sums: number[] = [];
  for (const { bytes, from, until } of blocks) {
    for (let segment = from; segment < until; ++segment) sums[segment] = (sums[segment] ?? 0) + align16(bytes);
  }
  let segment = 0;
  for (let index = 1; index < sums.length; ++index) if ((sums[index] ?? 0) > (sums[segment] ?? 0)) segment = index;
  return { segment, bytes: sums[segment] ?? 0 };
}

/** Places blocks in the given order, each into the tightest gap between the placed blocks alive with it, or on top. */
function place(blocks: readonly Block[], order: readonly number[]): Allocation {
  const offsets: number[] = new Array<number>(blocks.length).fill(0);
  /** Placed blocks by offset. */
  const placed: number[] = [];
  let top = 0;
  for (const index of order) {
    const block = blocks[index]!;
    const size = align16(block.bytes);
    let best = -1;
    let bestGap = Infinity;
    let free = 0;
    for (const other of placed) {
      const { from, until, bytes } = blocks[other]!;
      if (until <= block.from || from >= block.until) continue;
      const gap = offsets[other]! - free;
      if (gap >= size && gap < bestGap) {
        best = free;
        bestGap = gap;
      }
      free = Math.max(free, offsets[other]! + align16(bytes));
    }
    const offset = best >= 0 ? best : free;
    offsets[index] = offset;
    top = Math.max(top, offset + size);
    let position = placed.length;
    while (position > 0 && offsets[placed[position - 1]!]! > offset) --position;
    placed.splice(position, 0, index);
  }
  return { offsets, bytes: top };
}

/** Tries of changed orders after the fixed ones; each takes well under a millisecond for a hundred blocks. */
const TRIES = 400;

/**
 * Gives every block an offset so that no two blocks that are alive in one segment overlap. Best fit, largest first; if
 * that leaves gaps, a few other fixed orders, and then orders in which a block that reaches the top moves to the front
 * (a seeded sequence: the same blocks always get the same offsets). The least number of bytes wins.
 */
export function allocate(blocks: readonly Block[]): Allocation {
  const least = mostAlive(blocks).bytes;
  const indices = blocks.map((_, index) => index);
  const size = (index: number): number => blocks[index]!.bytes;
  const span = (index: number): number => blocks[index]!.until - blocks[index]!.from;
  const from = (index: number): number => blocks[index]!.from;
  const orders = [
    (a: number, b: number): number => size(b) - size(a),
    (a: number, b: number): number => size(b) * span(b) - size(a) * span(a),
    (a: number, b: number): number => span(b) - span(a) || size(b) - size(a),
    (a: number, b: number): number => from(a) - from(b) || size(b) - size(a),
    (a: number, b: number): number => from(a) - from(b) || span(b) - span(a) || size(b) - size(a),
  ];
  let best: Allocation | undefined;
  let bestOrder = indices;
  for (const compare of orders) {
    const order = indices.slice().sort((a, b) => compare(a, b) || a - b);
    const found = place(blocks, order);
    if (!best || found.bytes < best.bytes) {
      best = found;
      bestOrder = order;
    }
    if (best.bytes === least) return best;
  }
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 0x100000000) * below);
  };
  for (let attempt = 0; best && attempt < TRIES && best.bytes > least; ++attempt) {
    const { offsets, bytes }: Allocation = best;
    const highest = bestOrder.filter((index) => offsets[index]! + align16(size(index)) === bytes);
    const order = bestOrder.slice();
    const moved = attempt % 2 === 0 ? highest[random(highest.length)]! : order[random(order.length)]!;
    order.splice(order.indexOf(moved), 1);
    order.splice(random(order.length + 1), 0, moved);
    const found = place(blocks, order);
    // Equal counts as better: it walks over plateaus.
    if (found.bytes <= bytes) {
      best = found;
      bestOrder = order;
    }
  }
  return best ?? { offsets: [], bytes: 0 };
}
