import type { LayerReport, PackReport } from "../report.js";
import { bytes, count, table } from "./output.js";

/** The report on a packed model for people: a table of its layers, then totals. */
export function reportText(report: PackReport, verbose = false): string {
  const shown = report.streamed ? COLUMNS : COLUMNS.filter(([title]) => title !== READ);
  const columns = verbose ? [...shown, ...MORE_COLUMNS] : shown;
  const layers = table(
    columns.map(([title]) => title),
    report.layers.map((layer) => columns.map(([, cell]) => cell(layer))),
  );
  return `${report.name ? `${report.name}\n\n` : ""}${layers}\n\n${totals(report)}`;
}

type Column = [title: string, cell: (layer: LayerReport) => string | number];

const shape = (extent: readonly number[]) => extent.join("x");

/** The column of layers whose weights are streamed. */
const READ = ">bytes read";

const COLUMNS: Column[] = [
  [">#", (l) => l.step],
  ["operator", (l) => l.operator],
  ["input", (l) => shape(l.input)],
  ["output", (l) => shape(l.output)],
  ["kernel", (l) => `${shape(l.kernel)}${l.stride[0] > 1 || l.stride[1] > 1 ? `/${l.stride[0]}` : ""}`],
  [">MACs", (l) => count(l.macs)],
  [">parameters", (l) => count(l.parameters)],
  [">ring rows", (l) => l.ringRows],
  [">ring bytes", (l) => count(l.ringBytes)],
  [READ, (l) => (l.readBytes === undefined ? "" : count(l.readBytes))],
  [">of plain", (l) => (l.costRatio === undefined ? "" : `${(100 * l.costRatio).toFixed(1)} %`)],
];

const MORE_COLUMNS: Column[] = [
  [">segment", (l) => l.segment],
  [">rows a firing", (l) => l.rows],
  ["row kernel", (l) => l.kind],
  [">source operator", (l) => l.sourceOperator],
];

/** What streaming the weights costs. */
function streaming({ arenaBytes, streamed }: PackReport): [string, string][] {
  if (!streamed) return [];
  const { residentBytes, windowBytes, weightBytes, readBytes } = streamed;
  const times = (readBytes / weightBytes).toFixed(2);
  return [
    ["read", `${bytes(readBytes)} an inference, ${times} times the weights`],
    ["window", `${bytes(windowBytes)}, part of the arena`],
    ["RAM", `${bytes(arenaBytes + residentBytes)}: the arena and ${bytes(residentBytes)} of the file`],
  ];
}

/** Totals, one a line. "of plain" in the table: a depthwise-separable pair's MACs over the plain convolution's. */
function totals(report: PackReport): string {
  return [
    [
      "arena",
      `${bytes(report.arenaBytes)}, at most ${bytes(report.peak.bytes)} alive at once (segment ${report.peak.segment})`,
    ],
    ["file", bytes(report.fileBytes)],
    ["weights", bytes(report.weightBytes)],
    ...streaming(report),
    ["parameters", count(report.parameters)],
    ["MACs", count(report.macs)],
  ]
    .map(([name, value]) => `${name!.padEnd(11)} ${value}`)
    .join("\n");
}
