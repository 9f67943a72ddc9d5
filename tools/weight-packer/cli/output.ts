import Table from "cli-table3";

/** Writes a result to standard output: as JSON for machines, or as text for people. */
export function print(json: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : text()}\n`);
}

/**
 * A table for people: plain, with as few lines as reading needs.
 *
 * @param head column titles; one that starts with ">" is aligned to the right
 */
export function table(head: readonly string[], rows: readonly (string | number)[][]): string {
  const line = { top: "", "top-mid": "", "top-left": "", "top-right": "" };
  const bottom = { bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" };
  const middle = { "left-mid": "", mid: "", "mid-mid": "", "right-mid": "" };
  const result = new Table({
    head: head.map((title) => title.replace(/^>/, "")),
    colAligns: head.map((title) => (title.startsWith(">") ? "right" : "left")),
    chars: { ...line, ...bottom, ...middle, left: "", right: "", middle: " " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  result.push(...rows.map((row) => row.map(String)));
  return result
    .toString()
    .split("\n")
    .map((row) => row.trimEnd())
    .join("\n");
}

/** A whole number with thin groups: 300 774 272. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Bytes with their binary multiple: 12 345 B (12.1 KiB). */
export function bytes(value: number): string {
  if (value < 1024) return `${count(value)} B`;
  const [divisor, unit] = value < 1024 * 1024 ? [1024, "KiB"] : [1024 * 1024, "MiB"];
  return `${count(value)} B (${(value / divisor).toFixed(1)} ${unit})`;
}

/** A share as a percentage with one decimal. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
