/** bench/report.html: one page with everything in it, charts as drawings, for light and dark screens. */
import { unevenness } from "../lib/growth.js";
import { ratioTo } from "../lib/table.js";
import {
  growthChart,
  LAYER_SYMBOLS,
  latencyChart,
  memoryChart,
  rooflineChart,
  sizeChart,
  speedChart,
} from "./charts.js";
import { STYLE } from "./style.js";

/** @param {any} report as written to bench/results/ @returns {string} HTML */
export function writeReport(report) {
  const { date, machine, hosts, versions, models } = report;
  const host = mainHost(report);
  const features = machine.features.join(", ") || "no known instruction sets";
  const withheld = machine.withheld ? `; withheld: ${machine.withheld}` : "";
  const where = `${machine.cpu} (family ${machine.family}, model ${machine.model}), ${machine.cores} cores, ${features}${withheld}`;
  const with_ = [
    ...hosts.filter((h) => h.version).map((h) => `${h.name} ${h.version}`),
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
  ];
  const sections = [
    chart(
      `Latency in ${host}`,
      `Time of a run by the least of Midge's builds, which is 1 in every group: bars to the right are slower, to the left
       faster. Minimum over all rounds of this run, one thread. Logarithmic. Native TFLite is an outer reference: no page can run it.`,
      latencyChart(report, host),
    ),
    chart(
      "What a page fetches, the model apart",
      "WebAssembly module and minified JavaScript, gzip, bytes. Logarithmic.",
      sizeChart(report),
    ),
    chart(
      `WebAssembly memory in ${host}`,
      "All memories of the page after the rounds, bytes. Logarithmic. Some runtimes begin with a fixed amount.",
      memoryChart(report, host),
    ),
    models.length > 1 &&
      chart(
        `Speed by size of the network in ${host}`,
        "Multiplications with additions a second, by how many a run has. Both logarithmic. Higher is better.",
        speedChart(report, host),
      ),
    growths(report),
    rooflines(models),
    compileTable(report),
    ...models.map(modelTable),
    missing(report),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Midge and its peers</title>
<style>${STYLE}</style>
<main>
<h1>Midge and its peers</h1>
<p>${escapeHtml(`${date}. ${where}.`)}</p>
<p class="fine">${escapeHtml(with_.join("; "))}. Made by <code>npm run bench</code>; docs/benchmark.md says what each figure means.</p>
${sections.filter(Boolean).join("\n")}
</main>
</html>
`;
}

/** The host that charts show: the browser where it ran. */
function mainHost({ hosts }) {
  const ran = hosts.filter(({ version, name }) => version && name !== "native").map(({ name }) => name);
  return ran.includes("chromium") ? "chromium" : (ran.at(-1) ?? "native");
}

function chart(title, text, svg) {
  return `<section><h2>${escapeHtml(title)}</h2><p>${text}</p><div class="chart" role="img" aria-label="${escapeHtml(title)}">${svg}</div></section>`;
}

function table(head, rows) {
  const line = (tag, cells) =>
    `<tr>${cells.map((cell) => (cell.startsWith("<td") ? cell : `<${tag}>${cell}`)).join("")}`;
  return `<div class="wide"><table>${line("th", head)}${rows.map((row) => line("td", row)).join("\n")}</table></div>`;
}

function growths({ growth = [] }) {
  if (growth.length < 2) return "";
  const lines = unevenness(growth).map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`);
  return chart(
    `Growth in ${growth[0].entries[0].host}`,
    `Midge alone, on models with random weights that <code>midge build</code> makes: time by the number of MACs. The worst by the
     best of each line: ${lines.join("; ")}.`,
    growthChart({ growth }),
  );
}

/** The roofline of the model with the most products. */
function rooflines(models) {
  const largest = models.filter(({ layers }) => layers).at(-1);
  if (!largest) return "";
  const { name, layers } = largest;
  const sums = layers.builds.map(
    ({ variant, sumMs, layerByLayerMs, plannedMs }) =>
      `${variant} ${figure(sumMs)} / ${figure(layerByLayerMs)} / ${figure(plannedMs)} ms`,
  );
  const legend = Object.entries(LAYER_SYMBOLS).map(([kind, { text }]) => `${text} ${kind}`);
  return chart(
    `Layers of ${name}`,
    `Midge alone, in ${layers.host}: each layer's speed, and above what a loop of nothing but the build's dot product reaches.
     ${legend.join(", ")}. Both logarithmic. The sum of the layers, one after the other, and as packed: ${sums.join("; ")}.`,
    rooflineChart(layers),
  );
}

function compileTable({ compile, hosts }) {
  const names = [...new Set(compile.map(({ runtime }) => runtime))];
  const columns = hosts.filter(({ name }) => compile.some(({ host }) => host === name));
  if (columns.length === 0) return "";
  const cell = (runtime, host) => {
    const found = compile.find((c) => c.runtime === runtime && c.host === host);
    return found?.ms === undefined ? "–" : figure(found.ms);
  };
  const rows = names.map((name) => [escapeHtml(name), ...columns.map((host) => cell(name, host.name))]);
  return `<section><h2>Compile time, ms</h2><p>WebAssembly.compile of the runtime's module, the least of three.
V8 compiles functions of small modules when they are first called.</p>${table(["", ...columns.map((h) => escapeHtml(h.name))], rows)}</section>`;
}

function modelTable({ name, macs, sourceBytes, packedBytes, arenaBytes, entries }) {
  const head = [
    "host",
    "runtime",
    "min ms",
    "median",
    "p99",
    "first",
    "second",
    "load",
    "ratio",
    "memory KiB",
    "off by",
    "",
  ];
  const rows = entries.map((entry) => {
    const { host, runtime, error } = entry;
    if (error) return [escapeHtml(host), escapeHtml(runtime), `<td colspan="10" class="error">${escapeHtml(error)}`];
    const times = ["minMs", "medianMs", "p99Ms", "firstMs", "secondMs", "loadMs"].map((key) =>
      entry[key] === undefined ? "" : figure(entry[key]),
    );
    const bytes = entry.wasmBytes ?? entry.residentBytes;
    return [
      escapeHtml(host),
      escapeHtml(runtime),
      ...times,
      ratioTo(entries, entry)?.toFixed(2) ?? "",
      bytes ? Math.round(bytes / 1024).toLocaleString("en") : "",
      entry.difference === undefined ? "" : figure(entry.difference),
      escapeHtml(entry.note ?? ""),
    ];
  });
  const facts = `${(macs / 1e6).toFixed(1)} million MACs; ${[sourceBytes, packedBytes, arenaBytes]
    .map((n) => n.toLocaleString("en"))
    .join(" / ")} bytes of .tflite / .midge / Midge's arena`;
  return `<section><details><summary><h2>${escapeHtml(name)}</h2> ${facts}</summary>
<p>Ratio: its minimum by the least of Midge's in the same host, native ones by Chromium's. Off by: greatest difference from
Midge's output for the same input, in steps of its quantisation. Memory: WebAssembly's; the process's for native.</p>
${table(head, rows)}</details></section>`;
}

function missing({ hosts, refused }) {
  const lines = [
    ...hosts.filter((h) => h.missing).map((h) => `${h.name}: ${h.missing}`),
    ...refused.map(({ name, reason }) => `${name}, refused by Midge: ${reason}`),
  ];
  if (lines.length === 0) return "";
  return `<section><h2>Not measured</h2><ul>${lines.map((line) => `<li>${escapeHtml(line)}`).join("")}</ul></section>`;
}

function figure(value) {
  return value === 0
    ? "0"
    : value >= 1000
      ? Math.round(value).toLocaleString("en")
      : Number(value.toPrecision(3)).toString();
}

function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
