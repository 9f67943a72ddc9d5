import { packModel } from "./pack.js";
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
  const pack = (input: InputMode, ramBytes: number | undefined): Rung => {
    onRung?.(done++ / (2 * (count + 1)));
    const { file, report } = packModel(bytes, fileName, { inputMode: input, ram: ramBytes ?? "min" });
    const { segments } = arenaReport(file);
    const { arenaBytes } = report;
    return { input, ramBytes, arenaBytes, segments: segments.length, firings: segments.at(-1)!.endFiring, file };
  };
  const least = { image: pack("image", undefined), rows: pack("rows", undefined) };
  const { name, layerByLayerBytes } = arenaReport(least.image.file);
  for (const input of ["image", "rows"] as const) {
    const found = [least[input]];
    for (const budget of budgets(least[input].arenaBytes, layerByLayerBytes, count)) {
      const rung = pack(input, budget);
      // A budget that the planner does not use up leads to a plan that is there already.
      if (!found.some(({ file }) => equal(file, rung.file))) found.push(rung);
    }
    rungs.push(...found.sort((a, b) => a.arenaBytes - b.arenaBytes || b.firings - a.firings));
  }
  return { name, layerByLayerBytes, rungs };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, k) => byte === b[k]);
}
