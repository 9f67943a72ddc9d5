/** Seeded randomness, the same on every host: whole numbers only. */

/**
 * A generator of uniform 32-bit numbers: a Weyl sequence whose steps are mixed by MurmurHash3's finalizer (public domain,
 * Austin Appleby).
 *
 * @param seed a whole number; each with its own sequence
 * @param stream one of many sequences of a seed
 */
export function randomBits(seed: number, stream: number): () => number {
  let state = mix(mix(seed | 0) ^ stream);
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mix(state) >>> 0;
  };
}

function mix(bits: number): number {
  let h = bits;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** int8 weights in -127..127 about 0, bell-shaped with a standard deviation of 37: the mean of four bytes. */
export function randomWeights(count: number, next: () => number): Int8Array {
  const weights = new Int8Array(count);
  for (let i = 0; i < count; i++) {
    const bits = next();
    const sum = (bits & 0xff) + ((bits >>> 8) & 0xff) + ((bits >>> 16) & 0xff) + (bits >>> 24);
    weights[i] = Math.trunc((sum - 510) / 4);
  }
  return weights;
}

/** A number in -1..1. */
export function randomUnit(next: () => number): number {
  return (next() - 2 ** 31) / 2 ** 31;
}
