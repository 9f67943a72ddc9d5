/**
 * The engine holds activations as uint8, 128 above the int8 that the graph speaks of: the relaxed dot product of x86 takes
 * them so, and what ReLU leaves begins at 0. Zero points, clamps, tables and constant operands move with them.
 */

/** From an int8 value to the byte that the engine holds for it. */
export function held(q: number): number {
  return q + 128;
}

/** Int8 values as the engine holds them. */
export function heldBytes(values: Int8Array): Uint8Array {
  return Uint8Array.from(values, held);
}
