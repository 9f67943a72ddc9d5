/** Compares a run with an earlier one by ratios, which travel better between days and machines than milliseconds. */
import { ratioTo } from "./table.js";

/**
 * @param {any} before an earlier report
 * @param {any} now
 * @returns {{ text: string, worse: boolean }[]} a line for each peer that both have, Midge's lead by peer's minimum
 */
export function compareReports(before, now, tolerance = 0.1) {
  const sameSort = String(before.machine.features) === String(now.machine.features);
  const lines = sameSort ? [] : [{ text: "the earlier run was made on another sort of machine", worse: false }];
  for (const { name, entries } of now.models) {
    const old = before.models.find((model) => model.name === name)?.entries ?? [];
    for (const entry of entries) {
      if (entry.runtime.startsWith("midge")) continue;
      const earlier = old.find((e) => e.host === entry.host && e.runtime === entry.runtime);
      const [was, is] = [earlier && ratioTo(old, earlier), ratioTo(entries, entry)];
      if (was === undefined || is === undefined) continue;
      const worse = is < was * (1 - tolerance);
      const text = `${name}, ${entry.host}, ${entry.runtime}: ${was.toFixed(2)} -> ${is.toFixed(2)}`;
      lines.push({ text: worse ? `${text}  worse` : text, worse });
    }
  }
  return lines;
}
