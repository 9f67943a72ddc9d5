import type { ArenaReport } from "./report-arena.js";

/**
 * Where a firing lies on an axis of a given length. The first segments of a network fire hundreds of times, the last
 * ones once a step: so a segment's share of the axis is the square root of its firings, and inside of it they are even.
 */
export function timeAxis({ segments }: ArenaReport, length: number): (firing: number) => number {
  const weights = segments.map(({ firstFiring, endFiring }) => Math.sqrt(endFiring - firstFiring));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const starts = weights.map((_, k) => weights.slice(0, k).reduce((sum, weight) => sum + weight, 0));
  return (firing) => {
    const k = Math.max(
      segments.findIndex(({ endFiring }) => firing <= endFiring),
      0,
    );
    const { firstFiring, endFiring } = segments[k]!;
    const inside = (firing - firstFiring) / (endFiring - firstFiring);
    return (length * (starts[k]! + inside * weights[k]!)) / total;
  };
}
