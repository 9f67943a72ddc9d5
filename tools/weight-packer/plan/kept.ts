/** Which steps keep their streamed weights, by what is live at each firing. */
import type { Lives, Shape } from "./lives.js";
import { type Model, windowOfStep } from "./model.js";

/** Bytes that are live at each firing. */
function liveBytes({ firings, blocks }: Lives): Float64Array {
  const bytes = new Float64Array(firings.length);
  for (const { at, from, to } of blocks) {
    for (const [k, start] of at.entries()) {
      const live = to[k]! - from[k]!;
      if (live > 0) for (let t = start; t < (at[k + 1] ?? firings.length); ++t) bytes[t]! += live;
    }
  }
  return bytes;
}

/**
 * The steps that keep their weights from their first firing to their last, as many as fit under `limit` bytes at every
 * firing: those first that save the most reading for their bytes.
 *
 * @param lives of the segment when none keeps its weights
 * @param saved bytes that a step reads less if it keeps its weights
 */
export function mostKept(
  model: Model,
  { first, end }: Shape,
  lives: Lives,
  saved: (step: number) => number,
  limit: number,
): Uint8Array {
  const { firings } = lives;
  const kept = new Uint8Array(model.steps);
  const live = liveBytes(lives);
  const bytes = (step: number): number => windowOfStep(model, step, true);
  const share = (step: number): number => saved(step) / bytes(step);
  const order = Array.from({ length: end - first }, (_, index) => first + index).filter((step) => saved(step) > 0);
  order.sort((a, b) => share(b) - share(a) || saved(b) - saved(a) || a - b);
  for (const step of order) {
    const [from, last] = [firings.indexOf(step), firings.lastIndexOf(step)];
    const more = (t: number): number => bytes(step) - (firings[t] === step ? windowOfStep(model, step, false) : 0);
    let fits = true;
    for (let t = from; t <= last && fits; ++t) fits = live[t]! + more(t) <= limit;
    if (!fits) continue;
    kept[step] = 1;
    for (let t = from; t <= last; ++t) live[t]! += more(t);
  }
  return kept;
}
