/** Pseudo-random bytes by Lehmer's generator: the same for a seed everywhere. */
export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (state * 48271) % 0x7fffffff;
    bytes[i] = state >>> 12;
  }
  return bytes;
}
