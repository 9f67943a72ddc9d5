/** Non-maximum suppression as TFLite's kernels/detection_postprocess.cc does it. */

/** What suppression goes by. */
interface Limits {
  readonly scoreThreshold: number;
  readonly iouThreshold: number;
}

/** A box that was found. */
export interface Candidate {
  /** Index of its anchor. */
  readonly anchor: number;
  readonly score: number;
}

/**
 * Intersection over union of boxes i and j, in float32; 0 where one of them has no area.
 *
 * @param boxes ymin, xmin, ymax, xmax for each box
 */
export function overlap(boxes: Float32Array, i: number, j: number): number {
  const { fround, max, min } = Math;
  const [a, b] = [i * 4, j * 4];
  const area = (k: number) => fround(fround(boxes[k + 2]! - boxes[k]!) * fround(boxes[k + 3]! - boxes[k + 1]!));
  const [first, second] = [area(a), area(b)];
  if (first <= 0 || second <= 0) return 0;
  const height = max(fround(min(boxes[a + 2]!, boxes[b + 2]!) - max(boxes[a]!, boxes[b]!)), 0);
  const width = max(fround(min(boxes[a + 3]!, boxes[b + 3]!) - max(boxes[a + 1]!, boxes[b + 1]!)), 0);
  const both = fround(height * width);
  return fround(both / fround(fround(first + second) - both));
}

/**
 * Anchors that are left, the highest score first, of equal ones the first: NonMaxSuppressionSingleClassHelper.
 *
 * @param boxes ymin, xmin, ymax, xmax for each anchor
 * @param scores one for each anchor
 * @param most how many at most
 */
export function suppress(boxes: Float32Array, scores: Float32Array, limits: Limits, most: number): number[] {
  const { scoreThreshold, iouThreshold } = limits;
  const candidates: number[] = [];
  scores.forEach((score, anchor) => {
    if (score >= scoreThreshold) candidates.push(anchor);
  });
  candidates.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const selected: number[] = [];
  for (const anchor of candidates) {
    if (selected.length >= most) break;
    if (!selected.some((better) => overlap(boxes, better, anchor) > iouThreshold)) selected.push(anchor);
  }
  return selected;
}

/** Two lists, the highest score first, as one of at most so many; of equal scores the first list's come first. */
export function mergeBest<T extends Candidate>(first: readonly T[], second: readonly T[], most: number): T[] {
  return [...first, ...second].sort((a, b) => b.score - a.score).slice(0, most);
}
