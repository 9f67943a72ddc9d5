/** Rows, pixels of a row and channels of a pixel: a shape without its batch, 1 where a dimension is missing. */
export function extentOf(shape: readonly number[]): { height: number; width: number; channels: number } {
  const pixels = [1, 1, 1, ...shape.slice(shape.length > 1 ? 1 : 0)];
  const [height, width, channels] = pixels.slice(-3) as [number, number, number];
  return { height, width, channels };
}
