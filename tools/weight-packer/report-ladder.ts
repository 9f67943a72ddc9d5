import { type PackOptions, packModel } from "./pack.js";
import { arenaReport } from "./report-arena.js";

/** How the input comes: whole, or pushed row by row. */
export type InputMode = "image" | "rows";

/** A model packed for one budget. */
export interface Rung {
  input: InputMode;
  /** The bytes of RAM that the planner was given; undefined for the least. */
  ramBytes: number | undefined;
  /** The bytes of RAM that its plan takes. */
  arenaBytes: number;
  segments: number;
  firings: number;
  file: Uint8Array;
}

/** Plans of a model from the least arena to what running layer by layer takes. */
export interface Ladder {
  name: string;
  /** Bytes of the largest sum of a layer's inputs and output. */
  layerByLayerBytes: number;
  /** For each input mode by rising arena, none twice. */
  rungs: Rung[];
}

/** Budgets between the least and the most, a constant factor apart, both ends included. */
export function budgets(least: number, most: number, count: number): number[] {
  if (most <= least) return [];
  return Array.from({ length: count }, (_, k) => Math.round(least * (most / least) ** ((k + 1) / count)));
}

/**
 * Packs a model for a ladder of budgets, in both input modes.
 *
 * @param bytes the source model
 * @param fileName for messages
 * @param count budgets above the least, for each mode
 * @param onRung called before each packing with the fraction done, 0..1
 * @throws ImportError
 */
export function ladder(
  bytes: Uint8Array,
  fileName: string,
  count: number,
  onRung?: (fraction: number) => void,
): Ladder {
  const rungs: Rung[] = [];
  let done = 0;
  const pack = (inputMode: InputMode, ramBytes: number | undefined): Rung => {
    onRung?.(done++ / (2 * (count + 1)));
    return packRung(bytes, fileName, { inputMode }, ramBytes);
  };
  const least = { image: pack("image", undefined), rows: pack("rows", undefined) };
  const { name, layerByLayerBytes } = arenaReport(least.image.file);
  for (const input of ["image", "rows"] as const) {
    const higher = budgets(least[input].arenaBytes, layerByLayerBytes, count).map((budget) => pack(input, budget));
    rungs.push(...distinct([least[input], ...higher]));
  }
  return { name, layerByLayerBytes, rungs };
}

/**
 * Packs a model for a ladder of budgets, from the least to the one that the plan for `most` bytes takes.
 *
 * @param bytes the source model
 * @param fileName for messages
 * @param most bytes of RAM that no plan may exceed
 * @param count budgets above the least
 * @param options how to pack beside the budget
 * @param onRung called before each packing with the fraction done, 0..1
 * @returns plans by rising arena, none twice
 * @throws ImportError; BudgetError if `most` is too little, with the least
 */
export function ladderUpTo(
  bytes: Uint8Array,
  fileName: string,
  most: number,
  count: number,
  options: Omit<PackOptions, "ram">,
  onRung?: (fraction: number) => void,
): Rung[] {
  let done = 0;
  const pack = (ramBytes: number | undefined): Rung => {
    onRung?.(done++ / (count + 1));
    return packRung(bytes, fileName, options, ramBytes);
  };
  const top = pack(most);
  const least = pack(undefined);
  const between = budgets(least.arenaBytes, top.arenaBytes, count).slice(0, -1);
  return distinct([least, ...between.map(pack), top]);
}

/** Packs a model for a budget; for the least arena without one. */
function packRung(bytes: Uint8Array, fileName: string, options: PackOptions, ramBytes: number | undefined): Rung {
  const { file, report } = packModel(bytes, fileName, { ...options, ram: ramBytes ?? "min" });
  const { segments } = arenaReport(file);
  return {
    input: options.inputMode ?? "image",
    ramBytes,
    arenaBytes: report.arenaBytes,
    segments: segments.length,
    firings: segments.at(-1)!.endFiring,
    file,
  };
}

/** By rising arena, without those that are there already: a budget that the planner does not use up leads to such a one. */
function distinct(rungs: readonly Rung[]): Rung[] {
  return rungs
    .filter(({ file }, k) => !rungs.slice(0, k).some((before) => equal(before.file, file)))
    .sort((a, b) => a.arenaBytes - b.arenaBytes || b.firings - a.firings);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}
