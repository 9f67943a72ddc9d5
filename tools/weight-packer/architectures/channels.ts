/** How width multipliers round channels. */

/**
 * V2, V3 and V4: the nearest multiple of 8, at least 8, and the next one where rounding down would take more than a tenth
 * (make_divisible of the authors' code).
 */
export function divisible(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

/** V1: cut to a whole number, at least 8. */
export function truncated(channels: number): number {
  return Math.max(8, Math.floor(channels));
}
