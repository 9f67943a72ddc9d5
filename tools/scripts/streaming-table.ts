/** The tables of docs/streaming.md: what streamed weights cost, in RAM and in bytes read. */
import { count } from "../weight-packer/cli/output.js";
import { packModel } from "../weight-packer/pack.js";

/** The window of all tables, in bytes. */
const WINDOW = 8 * 1024;

/** The model of the table over budgets, and these in KiB. */
export const BUDGETED = "mobilenet_v2_1.0_224_quant";
const BUDGETS = [undefined, 160, 176, 192, 208, 256, 512];

const kib = (bytes: number) => (bytes / 1024).toFixed(1);

/** A row of either table: the arena, all RAM, bytes read in all and as a multiple of the weights. */
function cells(bytes: Uint8Array, name: string, ramBytes: number | undefined): string {
  const { report } = packModel(bytes, name, { inputMode: "rows", windowBytes: WINDOW, ram: ramBytes ?? "min" });
  const { residentBytes, weightBytes, readBytes } = report.streamed!;
  const { arenaBytes } = report;
  const numbers = [
    kib(arenaBytes),
    kib(arenaBytes + residentBytes),
    count(readBytes),
    (readBytes / weightBytes).toFixed(2),
  ];
  return numbers.join(" | ");
}

/** Bytes read of one model for rising budgets. */
export function budgetTable(bytes: Uint8Array): string {
  const rows = BUDGETS.map((ram) => {
    return `| ${ram ? `${ram}K` : "min"} | ${cells(bytes, BUDGETED, ram && ram * 1024)} |`;
  });
  return `| \`--ram\` | arena, KiB | RAM, KiB | bytes read | times the weights |\n|---|---:|---:|---:|---:|\n${rows.join("\n")}`;
}

/** The head of the table over models. */
export const MODELS_HEAD =
  "| model | arena, KiB | RAM, KiB | bytes read | times the weights |\n|---|---:|---:|---:|---:|";

/** A model's row with the least RAM. */
export function modelRow(bytes: Uint8Array, name: string): string {
  return `| ${name} | ${cells(bytes, name, undefined)} |`;
}
