import type { ArenaBlock, ArenaReport } from "../report-arena.js";
import { timeAxis } from "../report-time.js";
import { bytes, count, table } from "./output.js";

/** Characters of the picture. */
const COLUMNS = 96;
const LINES = 24;
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/**
 * The arena over the time of one inference in characters, for terminals: high offsets above, time to the right, each
 * block a letter of its own (the same again after 62 of them), "." where nothing is in use. Then the blocks of the peak
 * segment, and the segments.
 */
export function arenaText(arena: ArenaReport): string {
  const { peak, segments } = arena;
  const busiest = segments[peak.segment]!;
  const inPeak = arena.blocks
    .filter(({ spans }) => spans.some((span) => span.from < busiest.endFiring && busiest.firstFiring < span.until))
    .sort((a, b) => b.offset - a.offset);
  const letters = new Map(
    [...new Set([...inPeak, ...arena.blocks])].map((block, k) => [block, LETTERS[k % LETTERS.length]!]),
  );
  return [
    picture(arena, letters),
    "",
    `the peak, segment ${peak.segment}: ${bytes(peak.bytes)} in use at once`,
    "",
    table(
      ["", "block", ">rows", ">of", ">bytes", ">at", ">firings"],
      inPeak.map((block) => [
        letters.get(block)!,
        block.name,
        block.rows || "",
        block.height || "",
        count(block.bytes),
        count(block.offset),
        `${block.firstFiring}..${block.endFiring - 1}`,
      ]),
    ),
    "",
    table(
      [">segment", ">steps", ">firings", ">in use", ">of the arena"],
      segments.map(({ first, end, firstFiring, endFiring, bytes: kept }, k) => [
        k,
        `${first}..${end - 1}`,
        endFiring - firstFiring,
        count(kept),
        `${((100 * kept) / arena.arenaBytes).toFixed(0)} %`,
      ]),
    ),
  ].join("\n");
}

function picture(arena: ArenaReport, letters: ReadonlyMap<ArenaBlock, string>): string {
  const { arenaBytes, blocks, segments } = arena;
  const time = timeAxis(arena, COLUMNS);
  const lines: string[] = [];
  for (let line = 0; line < LINES; line++) {
    const offset = (arenaBytes * (LINES - line - 0.5)) / LINES;
    const across = blocks.filter((block) => block.offset <= offset && offset < block.offset + block.bytes);
    const cells = Array.from({ length: COLUMNS }, (_, column) => {
      const block = across.find(({ spans }) =>
        spans.some(
          ({ from, until, first, end }) =>
            first <= offset && offset < end && time(from) <= column + 0.5 && column + 0.5 < time(until),
        ),
      );
      return block ? letters.get(block)! : ".";
    });
    const label = line % 4 === 0 ? `${((arenaBytes * (LINES - line)) / LINES / 1024).toFixed(1)} KiB` : "";
    lines.push(`${label.padStart(10)} |${cells.join("")}|`);
  }
  const ruler = new Array<string>(COLUMNS).fill(" ");
  for (const [k, { firstFiring }] of segments.entries()) {
    const at = Math.floor(time(firstFiring));
    const text = `^${k}`;
    if (ruler.slice(Math.max(0, at - 1), at + text.length).every((c) => c === " ")) {
      ruler.splice(at, text.length, ...text);
    }
  }
  return [...lines, `${"segment".padStart(10)}  ${ruler.slice(0, COLUMNS).join("").trimEnd()}`].join("\n");
}
