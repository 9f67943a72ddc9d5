import type { ArenaBlock, ArenaReport, BlockKind } from "./report-arena.js";
import { coordinate as at, escapeXml, style } from "./report-svg.js";
import { timeAxis } from "./report-time.js";

/** Sizes in pixels. */
const WIDTH = 1200;
const LEFT = 84;
const RIGHT = 24;
const TOP = 92;
const PLOT = 480;
/** The strip below the plot: the most bytes in use in each segment. */
const STRIP_TOP = TOP + PLOT + 44;
const STRIP = 72;
const HEIGHT = STRIP_TOP + STRIP + 34;
/** Width of a label's character. */
const CHARACTER = 6.9;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;

const LEGEND: [kind: BlockKind, text: string][] = [
  ["input", "input"],
  ["ring", "ring of rows"],
  ["whole", "whole tensor"],
  ["scratch", "scratch"],
  ["fixed", "state"],
];

/** Times that are closer than this are drawn as one. */
const NARROW = 1;

const STYLE = `.block{stroke:var(--back);stroke-width:.5}
.input{fill:var(--input)}.ring{fill:var(--ring)}.whole{fill:var(--whole)}.scratch{fill:var(--scratch)}.fixed{fill:var(--fixed)}
.label{fill:var(--back);font-size:11px;pointer-events:none}.band{fill:var(--band)}
.cut{stroke:var(--line);stroke-dasharray:2 3}.peak{stroke:var(--peak);stroke-width:1.5;fill:none}.peaktext{fill:var(--peak);font-weight:600}
g:hover>.block{stroke:var(--ink);stroke-width:1.5}`;

/**
 * The arena over the time of one inference as an SVG: bytes high, firings wide. A block is drawn where and while its
 * bytes are in use: a tensor that is written or read row by row as a staircase. Names show on hover.
 */
export function arenaPicture(arena: ArenaReport): string {
  const { arenaBytes, segments, peak, blocks, name } = arena;
  const time = timeAxis(arena, PLOT_WIDTH);
  const x = (firing: number) => LEFT + time(firing);
  const y = (bytes: number) => TOP + PLOT * (1 - bytes / arenaBytes);
  const busiest = segments[peak.segment]!;
  const firings = segments.at(-1)!.endFiring;
  const [peakX, peakEnd] = [x(busiest.firstFiring), x(busiest.endFiring)];
  const summary =
    `${kib(arenaBytes)} of RAM, ${percent(arenaBytes, arena.layerByLayerBytes)} of the ` +
    `${kib(arena.layerByLayerBytes)} that its largest layer's tensors take. ` +
    `${segments.length} segments, ${firings} firings.`;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escapeXml(`The arena of ${name || "a model"} over one inference`)}</title>`,
    `<desc>${escapeXml(summary)}</desc>`,
    style(STYLE),
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${LEFT}" y="30">${escapeXml(name || "Arena")}</text>`,
    `<text class="soft" x="${LEFT}" y="50">${escapeXml(summary)}</text>`,
    legend(),
    `<rect class="band" x="${at(peakX)}" y="${TOP}" width="${at(peakEnd - peakX)}" height="${PLOT}"/>`,
    ...ticks(arenaBytes).map(
      (bytes) =>
        `<path class="line" d="M${LEFT} ${at(y(bytes))}H${WIDTH - RIGHT}"/>` +
        `<text class="soft end" x="${LEFT - 8}" y="${at(y(bytes) + 4)}">${bytes / 1024} KiB</text>`,
    ),
    ...blocks.map((block) => shape(block, x, y)),
    ...segments.slice(1).map(({ firstFiring }) => `<path class="cut" d="M${at(x(firstFiring))} ${TOP}v${PLOT}"/>`),
    ...blocks.map((block) => boxLabel(block, x, y)),
    ...segments.map((segment, k) => segmentLabel(segment.firstFiring, segment.endFiring, k, x)),
    `<rect class="peak" x="${at(peakX)}" y="${TOP}" width="${at(peakEnd - peakX)}" height="${PLOT}"/>`,
    strip(arena, x),
    `<text class="soft" x="${LEFT}" y="${HEIGHT - 8}">Time runs to the right in firings; a segment is as wide as the square root of its firings.</text>`,
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** A block's bytes in use over time: a rectangle for each span, those that are too narrow to see joined. */
function shape(block: ArenaBlock, x: (firing: number) => number, y: (bytes: number) => number): string {
  const boxes: { left: number; right: number; first: number; end: number }[] = [];
  for (const { from, until, first, end } of block.spans) {
    const [left, right] = [x(from), x(until)];
    const last = boxes.at(-1);
    if (last && right - last.left < NARROW && left - last.right < NARROW) {
      last.right = right;
      last.first = Math.min(last.first, first);
      last.end = Math.max(last.end, end);
    } else if (last && last.first === first && last.end === end && left - last.right < NARROW) last.right = right;
    else boxes.push({ left, right, first, end });
  }
  const path = boxes.map(
    ({ left, right, first, end }) => `M${at(left)} ${at(y(end))}H${at(right)}V${at(y(first))}H${at(left)}Z`,
  );
  return `<g><title>${escapeXml(tooltip(block))}</title><path class="${block.kind} block" d="${path.join("")}"/></g>`;
}

/** As much of a block's name as fits where it is in use longest; empty if nothing does. */
function boxLabel(block: ArenaBlock, x: (firing: number) => number, y: (bytes: number) => number): string {
  const { name, rows, height, offset, bytes } = block;
  const tall = y(offset) - y(offset + bytes);
  if (tall < 13) return "";
  const lines = tall < 40 ? [0.5] : [0.5, 1 - 10 / tall, 10 / tall];
  const runs = lines.map((share) => ({ share, ...longestRun(block, offset + share * bytes, x) }));
  const { share, left, right } = runs.reduce((a, b) => (b.right - b.left > a.right - a.left ? b : a));
  const choices = [`${name}${rows < height ? `, ${rows} rows` : ""}`, name, name.replace(/ [\dx]+$/, "")];
  const label = choices.find((text) => text.length * CHARACTER < right - left - 10);
  if (!label) return "";
  return `<text class="label" x="${at(left + 5)}" y="${at(y(offset + share * bytes) + 4)}">${escapeXml(label)}</text>`;
}

/** The longest time for which a byte of a block is in use, short gaps not counted. */
function longestRun({ spans }: ArenaBlock, byte: number, x: (firing: number) => number) {
  let longest = { left: 0, right: 0 };
  let run = longest;
  for (const { from, until, first, end } of spans) {
    if (byte < first || byte >= end) continue;
    run = { left: run.right > 0 && x(from) - run.right < NARROW ? run.left : x(from), right: x(until) };
    if (run.right - run.left > longest.right - longest.left) longest = run;
  }
  return longest;
}

function tooltip({ name, rows, height, bytes, offset, firstFiring, endFiring }: ArenaBlock): string {
  return [
    name,
    height > 0 ? `${rows === height ? "all" : `${rows} of`} ${height} rows` : "",
    `${group(bytes)} bytes at ${group(offset)}`,
    `in use from firing ${firstFiring} to ${endFiring - 1}`,
  ]
    .filter(Boolean)
    .join("\n");
}

function legend(): string {
  return LEGEND.map(([kind, text], k) => {
    const left = LEFT + k * 118;
    return `<rect class="${kind}" x="${left}" y="64" width="12" height="12"/><text x="${left + 18}" y="74">${text}</text>`;
  }).join("");
}

function segmentLabel(first: number, end: number, index: number, x: (firing: number) => number): string {
  const width = x(end) - x(first);
  if (width < 14) return "";
  const text = width > 150 ? `segment ${index}: ${end - first} firings` : String(index);
  return `<text class="soft middle" x="${at(x(first) + width / 2)}" y="${TOP + PLOT + 16}">${text}</text>`;
}

/** The most bytes in use in each segment, and the peak by name. */
function strip({ segments, peak, arenaBytes }: ArenaReport, x: (firing: number) => number): string {
  const bars = segments.map(({ firstFiring, endFiring, bytes, first, end }, k) => {
    const height = (STRIP * bytes) / arenaBytes;
    const title = `segment ${k}, steps ${first} to ${end - 1}: ${group(bytes)} bytes in use at most, ${endFiring - firstFiring} firings`;
    return (
      `<g><title>${title}</title><rect class="block" fill="var(--${k === peak.segment ? "peak" : "fixed"})" ` +
      `x="${at(x(firstFiring))}" y="${at(STRIP_TOP + STRIP - height)}" width="${at(x(endFiring) - x(firstFiring))}" height="${at(height)}"/></g>`
    );
  });
  const { firstFiring, endFiring } = segments[peak.segment]!;
  const middle = (x(firstFiring) + x(endFiring)) / 2;
  const anchor = middle < LEFT + 130 ? "" : middle > WIDTH - RIGHT - 130 ? " end" : " middle";
  const labelX = anchor === " middle" ? middle : anchor ? x(endFiring) : x(firstFiring);
  return [
    `<text class="soft end" x="${LEFT - 8}" y="${STRIP_TOP + 10}">bytes in use</text>`,
    ...bars,
    `<text class="peaktext${anchor}" x="${at(labelX)}" y="${STRIP_TOP - 6}">peak: ${group(peak.bytes)} bytes in segment ${peak.segment}</text>`,
  ].join("\n");
}

/** Multiples of a power of two, four to eight of them up to `most` bytes. */
function ticks(most: number): number[] {
  const step = 2 ** Math.max(10, Math.ceil(Math.log2(most / 8)));
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, k) => k * step);
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(0)} %`;
}

function group(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, " ");
}
