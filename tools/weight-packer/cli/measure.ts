import type { Model } from "../../../src/index.js";

/** What many runs took, in milliseconds. */
export interface Times {
  minMs: number;
  medianMs: number;
  runs: number;
}

/** Least and median of the runs' milliseconds, of which there must be one. */
export function summarise(milliseconds: readonly number[]): Times {
  const times = [...milliseconds].sort((a, b) => a - b);
  return { minMs: times[0]!, medianMs: times[times.length >> 1]!, runs: times.length };
}

/** Milliseconds of each run of each model on the same noise, run in turn, after some runs that do not count. */
export function measure(models: readonly Model[], seconds: number): number[][] {
  const times: number[][] = models.map(() => []);
  const inputs = models.map((model) => noise(model));
  // Engines compile in tiers: the first runs go through slower code.
  const warmUntil = performance.now() + Math.min(1000, 200 * seconds);
  do for (const [k, model] of models.entries()) model.run(inputs[k]!);
  while (performance.now() < warmUntil);
  const until = performance.now() + 1000 * seconds;
  do {
    for (const [k, model] of models.entries()) {
      const start = performance.now();
      model.run(inputs[k]!);
      times[k]!.push(performance.now() - start);
    }
  } while (performance.now() < until);
  return times;
}

/** The same pseudo-random input every time (Lehmer's generator). */
function noise(model: Model): Int8Array | Uint8Array {
  const { length, quantisedType } = model.info.input;
  const bytes = new Uint8Array(length);
  for (let i = 0, state = 20261124; i < length; i++) {
    state = (state * 48271) % 0x7fffffff;
    bytes[i] = state >>> 12;
  }
  return quantisedType === "int8" ? new Int8Array(bytes.buffer) : bytes;
}
