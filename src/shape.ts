/**
 * Rows, pixels of a row and channels of a pixel: a shape without its batch, 1 where a dimension is missing. `planar`: the
 * channels come first.
 */
export function extentOf(
  shape: readonly number[],
  planar = false,
): { height: number; width: number; channels: number } {
  const pixels = shape.slice(shape.length > 1 ? 1 : 0);
  if (planar) pixels.push(pixels.shift()!);
  const [height, width, channels] = [1, 1, 1, ...pixels].slice(-3) as [number, number, number];
  return { height, width, channels };
}
