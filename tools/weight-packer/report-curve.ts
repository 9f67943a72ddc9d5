import type { InputMode } from "./report-ladder.js";
import { coordinate as at, escapeXml, style } from "./report-svg.js";

/** A plan and how fast it ran. */
export interface CurvePoint {
  input: InputMode;
  arenaBytes: number;
  segments: number;
  firings: number;
  minMs: number;
  medianMs: number;
}

/** RAM against milliseconds. */
export interface Curve {
  name: string;
  /** The engine's build that ran. */
  engine: string;
  layerByLayerBytes: number;
  /** For each input mode by rising arena. */
  plans: CurvePoint[];
}

/** Sizes in pixels. */
const WIDTH = 900;
const HEIGHT = 460;
const LEFT = 70;
const RIGHT = 24;
const TOP = 92;
const BOTTOM = 56;

const STYLE = `.image{stroke:var(--input);fill:var(--input)}.rows{stroke:var(--ring);fill:var(--ring)}
polyline{fill:none!important;stroke-width:2}.spread{stroke-width:1.5;opacity:.6}.limit{stroke:var(--peak);stroke-dasharray:4 4}
g:hover>circle{stroke:var(--ink)}`;

/**
 * RAM against milliseconds as an SVG: a point for each plan at its fastest run, a line from there up to its median. RAM
 * is on a logarithmic axis, time starts at 0. Figures show on hover.
 */
export function curvePicture({ name, engine, layerByLayerBytes, plans }: Curve): string {
  const least = Math.min(...plans.map(({ arenaBytes }) => arenaBytes)) / 1.15;
  const most = Math.max(layerByLayerBytes, ...plans.map(({ arenaBytes }) => arenaBytes)) * 1.15;
  const slowest = Math.max(...plans.map(({ medianMs }) => medianMs)) * 1.1;
  const x = (bytes: number) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(bytes / least)) / Math.log(most / least);
  const y = (ms: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - ms / slowest);
  const floor = HEIGHT - BOTTOM;
  const series = (["image", "rows"] as const).filter((input) => plans.some((plan) => plan.input === input));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${escapeXml(`RAM and time of ${name || "a model"}`)}</title>`,
    style(STYLE),
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${LEFT}" y="30">${escapeXml(name || "RAM and time")}</text>`,
    `<text class="soft" x="${LEFT}" y="50">Each point is a plan: its RAM, and its fastest run (${escapeXml(engine)} build); the line above it ends at the median.</text>`,
    ...series.map((input, k) => {
      const left = LEFT + k * 170;
      return `<circle class="${input}" cx="${left + 6}" cy="70" r="5"/><text x="${left + 18}" y="74">--input ${input}</text>`;
    }),
    ...powersOfTwo(least, most).map(
      (bytes) =>
        `<path class="line" d="M${at(x(bytes))} ${TOP}V${floor}"/>` +
        `<text class="soft middle" x="${at(x(bytes))}" y="${floor + 18}">${bytes / 1024} KiB</text>`,
    ),
    ...roundSteps(slowest).map(
      (ms) =>
        `<path class="line" d="M${LEFT} ${at(y(ms))}H${WIDTH - RIGHT}"/>` +
        `<text class="soft end" x="${LEFT - 8}" y="${at(y(ms) + 4)}">${ms} ms</text>`,
    ),
    `<path class="limit" d="M${at(x(layerByLayerBytes))} ${TOP}V${floor}"/>`,
    `<text class="soft end" x="${at(x(layerByLayerBytes) - 6)}" y="${TOP + 12}">layer by layer: ${kib(layerByLayerBytes)}</text>`,
    ...series.map((input) => {
      const points = plans.filter((plan) => plan.input === input);
      return `<polyline class="${input}" points="${points.map((p) => `${at(x(p.arenaBytes))},${at(y(p.minMs))}`).join(" ")}"/>`;
    }),
    ...plans.map((plan) => point(plan, x(plan.arenaBytes), y)),
    `<text class="soft middle" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}">RAM beside the file</text>`,
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function point(plan: CurvePoint, x: number, y: (ms: number) => number): string {
  const { input, arenaBytes, segments, firings, minMs, medianMs } = plan;
  const title = [
    `--input ${input}, ${arenaBytes} bytes (${kib(arenaBytes)})`,
    `${minMs.toFixed(3)} ms at least, ${medianMs.toFixed(3)} ms median`,
    `${segments} segments, ${firings} firings`,
  ].join("\n");
  const spread = `<path class="spread ${input}" d="M${at(x)} ${at(y(minMs))}V${at(y(medianMs))}"/>`;
  return `<g><title>${title}</title>${spread}<circle class="${input}" cx="${at(x)}" cy="${at(y(minMs))}" r="5"/></g>`;
}

/** Powers of two from `least` to `most`. */
function powersOfTwo(least: number, most: number): number[] {
  const first = Math.ceil(Math.log2(least));
  return Array.from({ length: Math.max(0, Math.floor(Math.log2(most)) - first + 1) }, (_, k) => 2 ** (first + k));
}

/** From 0 to `most` in steps of 1, 2 or 5 times a power of ten, five to ten of them. */
function roundSteps(most: number): number[] {
  const rough = 10 ** Math.floor(Math.log10(most));
  const step = [rough / 5, rough / 2, rough, 2 * rough].find((s) => most / s <= 8) ?? 2 * rough;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, k) => Number((k * step).toPrecision(6)));
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
