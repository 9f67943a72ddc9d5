/**
 * Indices of the greatest values, in the order in which the reference has them: std::partial_sort of the C++ library
 * that TFLite's builds are linked with is not stable, so which of equal values comes first is that algorithm's.
 *
 * @param values not NaN
 * @param count how many, 1..values.length
 */
export function greatest(values: Float32Array, count: number): number[] {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
  return order.slice(0, count);
}
