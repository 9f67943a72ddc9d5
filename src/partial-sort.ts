/**
 * std::partial_sort as TFLite's builds have it (libstdc++): which of equal values comes first is that algorithm's, a
 * heap's, and no stable sort's.
 *
 * A heap of `order[0..length)` whose root is the last of its elements by `before`.
 */

type Before = (a: number, b: number) => boolean;

/** Moves `value` up from `hole` to where it belongs: std::__push_heap. */
function push(order: number[], from: number, top: number, value: number, before: Before): void {
  let hole = from;
  while (hole > top) {
    const parent = (hole - 1) >> 1;
    if (!before(order[parent]!, value)) break;
    order[hole] = order[parent]!;
    hole = parent;
  }
  order[hole] = value;
}

/** Moves the hole down to a leaf, the greater child up each time, then pushes `value` up from it: std::__adjust_heap. */
function adjust(order: number[], top: number, length: number, value: number, before: Before): void {
  let hole = top;
  while (2 * hole + 2 < length) {
    const right = 2 * hole + 2;
    const child = before(order[right]!, order[right - 1]!) ? right - 1 : right;
    order[hole] = order[child]!;
    hole = child;
  }
  if (2 * hole + 2 === length) {
    order[hole] = order[length - 1]!;
    hole = length - 1;
  }
  push(order, hole, top, value, before);
}

/** Puts the root at `result` and the element from there into the heap: std::__pop_heap. */
function pop(order: number[], length: number, result: number, before: Before): void {
  const value = order[result]!;
  order[result] = order[0]!;
  adjust(order, 0, length, value, before);
}

/**
 * Indices of the greatest values, the greatest first.
 *
 * @param values not NaN
 * @param count how many, 1..values.length
 */
export function greatest(values: ArrayLike<number>, count: number): number[] {
  // The reference takes another way for one: the first of the greatest.
  if (count === 1) return [Array.prototype.indexOf.call(values, Math.max(...Array.from(values)))];
  const order = Array.from(values, (_, i) => i);
  const before: Before = (a, b) => values[a]! > values[b]!;
  for (let top = (count - 2) >> 1; top >= 0; top--) adjust(order, top, count, order[top]!, before);
  for (let i = count; i < order.length; i++) if (before(order[i]!, order[0]!)) pop(order, count, i, before);
  for (let length = count - 1; length > 0; length--) pop(order, length, length, before);
  return order.slice(0, count);
}
