/** The report's charts: Observable Plot's, drawn once, here. Colours are the page's own variables. */
import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";
import { ratioTo } from "../lib/table.js";

const { document } = new JSDOM("").window;
const WIDTH = 900;
const LABELS = 175;
/** How far apart names of lines are, as a factor of the speed. */
const LABEL_STEP = 1.17;

const colour = (runtime, host) =>
  runtime.startsWith("midge") ? "var(--ours)" : host === "native" ? "var(--native)" : "var(--theirs)";

/** Drawn as text; Plot's defaults aside from these. */
function draw(options) {
  const svg = Plot.plot({ document, width: WIDTH, style: { fontSize: "12px", overflow: "visible" }, ...options });
  return svg.outerHTML;
}

/** Horizontal bars on a logarithmic scale from `base` or the left edge, in groups one below the other. */
function bars(rows, { label, from, text, order, base }) {
  const groups = [...new Set(rows.map(({ group }) => group))];
  const perGroup = groups.map((group) => rows.filter((row) => row.group === group));
  return groups
    .map((group, k) => {
      const own = perGroup[k];
      const last = k === groups.length - 1;
      const sorted = order ? [...own].sort((a, b) => a.value - b.value) : own;
      const greatest = Math.max(...rows.map(({ value }) => value));
      return draw({
        height: 20 * sorted.length + (group ? 24 : 6) + (last ? 34 : 0),
        marginTop: group ? 24 : 6,
        marginBottom: last ? 34 : 0,
        marginLeft: LABELS,
        marginRight: 90,
        x: {
          type: "log",
          domain: [from(rows), greatest * 1.1],
          label: last ? label : null,
          axis: last ? "bottom" : null,
          grid: true,
          ticks: 6,
          tickFormat: base ? "~g" : "~s",
        },
        y: { domain: sorted.map(({ name }) => name), label: null, tickSize: 0 },
        marks: [
          Plot.barX(sorted, {
            x1: base ?? from(rows),
            x2: "value",
            y: "name",
            fill: "fill",
            insetTop: 2,
            insetBottom: 2,
          }),
          Plot.text(sorted, {
            x: ({ value }) => Math.max(value, base ?? 0),
            y: "name",
            text,
            textAnchor: "start",
            dx: 5,
            fill: "currentColor",
          }),
          ...(group
            ? [
                Plot.text([group], {
                  frameAnchor: "top-left",
                  dx: -LABELS + 4,
                  dy: -18,
                  fontWeight: "bold",
                  fill: "currentColor",
                }),
              ]
            : []),
        ],
      });
    })
    .join("\n");
}

/** Minimum of each runtime by Midge's least, a group for each model. */
export function latencyChart({ models }, host) {
  const rows = models.flatMap(({ name, entries }) =>
    entries
      .filter(
        (e) =>
          (e.host === host || e.host === "native") &&
          e.minMs &&
          !e.runtime.includes("mvp") &&
          !e.runtime.includes("reference"),
      )
      .map((e) => ({
        group: name,
        name: e.host === "native" ? `${e.runtime} (native)` : e.runtime,
        value: ratioTo(entries, e) ?? 1,
        ms: e.minMs,
        fill: colour(e.runtime, e.host),
      })),
  );
  const least = Math.min(...rows.map(({ value }) => value));
  return bars(rows, {
    label: "times Midge's best",
    from: () => least / 1.5,
    text: ({ value, ms }) => `${value.toFixed(2)}  (${Number(ms.toPrecision(3))} ms)`,
    order: true,
    base: 1,
  });
}

/** Gzip bytes of each runtime. */
export function sizeChart({ sizes }) {
  const rows = sizes.map(({ name, gzip }) => ({ group: "", name, value: gzip, fill: colour(name) }));
  return bars(rows, {
    label: "bytes, gzip",
    from: () => 1000,
    text: ({ value }) => value.toLocaleString("en"),
    order: true,
  });
}

/** WebAssembly memory of each runtime, a group for each model. */
export function memoryChart({ models }, host) {
  const rows = models.flatMap(({ name, entries }) =>
    entries
      .filter((e) => e.host === host && e.wasmBytes && !/midge (mvp|simd)|compat/.test(e.runtime))
      .map((e) => ({
        group: name,
        name: e.runtime.replace(/ relaxed$/, ""),
        value: e.wasmBytes,
        fill: colour(e.runtime),
      })),
  );
  return bars(rows, {
    label: "bytes",
    from: () => 1e5,
    text: ({ value }) => `${(value / 2 ** 20).toFixed(value < 1e7 ? 2 : 1)} MiB`,
    order: true,
  });
}

/** MACs a second of the fastest builds over the models' MACs. */
export function speedChart({ models }, host) {
  const lines = models.flatMap(({ macs, entries }) =>
    entries
      .filter(
        (e) => e.minMs && (e.host === host || e.runtime === "XNNPACK") && !/mvp|reference|TFLite's/.test(e.runtime),
      )
      .map((e) => ({
        runtime: e.host === "native" ? `${e.runtime} (native)` : e.runtime,
        macs,
        speed: (macs / e.minMs) * 1000,
        stroke: colour(e.runtime, e.host),
      })),
  );
  return draw({
    height: 380,
    marginLeft: 60,
    marginRight: 190,
    marginBottom: 40,
    x: { type: "log", label: "MACs of a run", tickFormat: "~s", grid: true },
    y: { type: "log", label: "MACs a second", tickFormat: "~s", grid: true },
    marks: [
      Plot.line(lines, { x: "macs", y: "speed", z: "runtime", stroke: "stroke", strokeWidth: 2 }),
      Plot.dot(lines, { x: "macs", y: "speed", fill: "stroke", r: 3 }),
      Plot.text(apart(lines), {
        x: "macs",
        y: "label",
        text: "runtime",
        textAnchor: "start",
        dx: 8,
        fill: "currentColor",
      }),
    ],
  });
}

/** Time per MAC of built models over their MACs, a line for each build and architecture. */
export function growthChart({ growth }) {
  const lines = growth.flatMap(({ architecture, macs, entries }) =>
    entries
      .filter(({ minMs, runtime }) => minMs && !runtime.includes("mvp"))
      .map(({ runtime, minMs }) => ({
        runtime: `${runtime.replace("midge ", "")}, ${architecture.replace("mobilenet_", "")}`,
        macs,
        speed: (minMs / macs) * 1e9,
        dash: architecture.endsWith("v1") ? null : "5 4",
        stroke: runtime.includes("relaxed") ? "var(--ours)" : "var(--theirs)",
      })),
  );
  return draw({
    height: 340,
    marginLeft: 60,
    marginRight: 130,
    marginBottom: 40,
    x: { type: "log", label: "MACs of a run", tickFormat: "~s", grid: true },
    y: { domain: [0, Math.max(...lines.map(({ speed }) => speed)) * 1.1], label: "picoseconds for a MAC", grid: true },
    marks: [
      Plot.line(lines, {
        x: "macs",
        y: "speed",
        z: "runtime",
        stroke: "stroke",
        strokeDasharray: "dash",
        strokeWidth: 2,
      }),
      Plot.dot(lines, { x: "macs", y: "speed", fill: "stroke", r: 3 }),
      Plot.text([...new Map(lines.map((point) => [point.runtime, point])).values()], {
        x: "macs",
        y: "speed",
        text: "runtime",
        textAnchor: "start",
        dx: 8,
        fill: "currentColor",
      }),
    ],
  });
}

/** How the kinds of layers that multiply are drawn, and that as text. */
export const LAYER_SYMBOLS = {
  pointwise: { symbol: "circle", text: "●" },
  depthwise: { symbol: "times", text: "×" },
  convolution: { symbol: "diamond", text: "◆" },
};

/** Speed of each layer over its products for each byte of input, output and weights; the peaks of the builds above. */
export function rooflineChart({ builds }) {
  const shown = builds.filter(({ variant }) => variant !== "mvp");
  const fill = (variant) => (variant === shown[0].variant ? "var(--ours)" : "var(--theirs)");
  const points = shown.flatMap(({ variant, layers }) =>
    layers.map(({ kind, macs, bytes, minMs, operator, input, output }) => ({
      intensity: macs / bytes,
      speed: (macs / minMs) * 1000,
      kind,
      fill: fill(variant),
      title: `${variant}: ${operator} ${input} to ${output}, ${minMs} ms`,
    })),
  );
  const peaks = shown.map(({ variant, peak }) => ({
    peak,
    fill: fill(variant),
    text: `${variant}: its dot product alone, ${(peak / 1e9).toFixed(0)} GMAC/s`,
  }));
  const [least, greatest] = [Math.min, Math.max].map((f) => f(...points.map(({ intensity }) => intensity)));
  return draw({
    height: 360,
    marginLeft: 60,
    marginRight: 40,
    marginBottom: 40,
    x: { type: "log", label: "MACs for each byte of input, output and weights", tickFormat: "~g", grid: true },
    y: {
      type: "log",
      domain: [Math.min(...points.map(({ speed }) => speed)) / 1.3, Math.max(...peaks.map(({ peak }) => peak)) * 1.4],
      label: "MACs a second",
      tickFormat: "~s",
      grid: true,
    },
    symbol: { domain: Object.keys(LAYER_SYMBOLS), range: Object.values(LAYER_SYMBOLS).map(({ symbol }) => symbol) },
    marks: [
      Plot.link(peaks, { x1: least, x2: greatest, y1: "peak", y2: "peak", stroke: "fill", strokeWidth: 2 }),
      Plot.text(peaks, { x: least, y: "peak", text: "text", textAnchor: "start", dy: -9, fill: "currentColor" }),
      Plot.dot(points, {
        x: "intensity",
        y: "speed",
        symbol: "kind",
        fill: "fill",
        stroke: "fill",
        r: 3.5,
        title: "title",
      }),
    ],
  });
}

/** The last point of each line with a place for its name, no two closer than a line of text. */
function apart(points) {
  const lasts = [...new Map(points.map((point) => [point.runtime, point])).values()];
  lasts.sort((a, b) => b.speed - a.speed);
  let above = Number.POSITIVE_INFINITY;
  return lasts.map((point) => {
    above = Math.min(point.speed, above / LABEL_STEP);
    return { ...point, label: above };
  });
}
