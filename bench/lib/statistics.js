/** Figures of samples. */

/**
 * @param {number[]} samples milliseconds of a run
 * @returns minimum, median, 99th percentile and count; rounded to five digits
 */
export function summarise(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { minMs: at(0), medianMs: at(0.5), p99Ms: at(0.99), samples: sorted.length };
}

/** A number with five digits that count. */
export function round(value) {
  return Number(value.toPrecision(5));
}

/** Index of the greatest value, the first of equal ones. */
export function best(values) {
  return values.reduce((k, value, i) => (value > values[k] ? i : k), 0);
}
