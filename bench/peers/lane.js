/**
 * A lane: one runtime with one model in one page or process, ready to be timed in turns with the others. Runs in pages
 * and in Node alike.
 */
import { trackMemories } from "./memories.js";

/** A sample is so many runs that it lasts about this long, in ms: many of a timer's steps. */
const SAMPLE_MS = 1;

/**
 * @typedef {object} Job what a lane runs
 * @property {string} runtime name of a module in peers/
 * @property {string} [variant] the runtime's build
 * @property {boolean} [warm] whether Midge warms up while loading
 * @property {string} folder where the model's forms lie, from bench/
 * @property {{ type: string, shape: number[], scale: number, zeroPoint: number }} input
 * @property {import("../forms/forms.js").Forms} forms which forms there are
 */

/**
 * Loads a runtime and a model, and runs it twice.
 *
 * @param {import("./environment.js").Environment} environment
 * @param {Job} job
 */
export async function openLane(environment, job) {
  const memoryBytes = trackMemories();
  const start = performance.now();
  const { load } = await environment.module(`peers/${job.runtime}.js`);
  const { run, note, lostMs = 0 } = await load(environment, job);
  const loaded = performance.now();
  const first = await run();
  const firstMs = performance.now() - loaded;
  const output = Array.from(first, Number);
  const again = performance.now();
  await run();
  const secondMs = performance.now() - again;
  let perRun = firstMs;

  /** Milliseconds of a run, over `count` of them. */
  const time = async (count) => {
    const from = performance.now();
    for (let i = 0; i < count; i++) {
      const result = run();
      if (typeof result.then === "function") await result;
    }
    return (performance.now() - from) / count;
  };

  return {
    facts: { loadMs: loaded - start - lostMs, firstMs, secondMs, note, output },
    /** Runs for a while without counting: hosts compile in tiers. */
    async warm(ms) {
      const until = performance.now() + ms;
      do {
        perRun = await time(Math.max(1, Math.min(100, Math.round(SAMPLE_MS / perRun))));
      } while (performance.now() < until);
    },
    /** @returns {Promise<number[]>} ms a run of each sample; at least one */
    async sample(ms) {
      const count = Math.max(1, Math.ceil(SAMPLE_MS / perRun));
      const samples = [];
      const until = performance.now() + ms;
      do samples.push(await time(count));
      while (performance.now() < until);
      perRun = Math.min(perRun, ...samples);
      return samples;
    },
    /** The output of one more run. */
    again: async () => Array.from(await run(), Number),
    memoryBytes,
  };
}
