/** Plans of one model, measured side by side: what `midge plan` and `midge tune` share. */
import type { Variant } from "../../../src/engine.js";
import { loadSync, type ModelInfo } from "../../../src/index.js";
import type { Rung } from "../report-ladder.js";
import { measure, summarise, type Times } from "./measure.js";
import { count } from "./output.js";

/** A plan and how fast it ran. */
export type MeasuredPlan = Omit<Rung, "file"> & Times;

/**
 * Runs plans of one model in turn.
 *
 * @param variant the engine's build; the fastest that runs here unless told
 * @param seconds how long to measure, all plans together
 * @returns the build that ran, and what the plans took, in the order given
 * @throws EnvironmentError if the host does not support the build
 */
export function measurePlans(
  rungs: readonly Rung[],
  variant: Variant | undefined,
  seconds: number,
): { engine: ModelInfo["engine"]; plans: MeasuredPlan[] } {
  const models = rungs.map(({ file }) => loadSync(file, { engine: variant }));
  const samples = measure(models, seconds);
  const plans = rungs.map(({ file: _, ...rung }, k) => ({ ...rung, ...summarise(samples[k]!) }));
  return { engine: models[0]!.info.engine, plans };
}

/** Titles of the cells that a plan has in a table. */
export const PLAN_COLUMNS = [">arena", ">KiB", ">segments", ">firings", ">minimum ms", ">median ms", ">runs"];

/** A plan's cells in a table, as PLAN_COLUMNS names them. */
export function planCells(plan: MeasuredPlan): (string | number)[] {
  const { arenaBytes, segments, firings, minMs, medianMs, runs } = plan;
  return [
    count(arenaBytes),
    (arenaBytes / 1024).toFixed(1),
    segments,
    firings,
    minMs.toFixed(3),
    medianMs.toFixed(3),
    runs,
  ];
}
