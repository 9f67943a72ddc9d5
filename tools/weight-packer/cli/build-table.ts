import type { CheckedFigure, MemberCosts } from "../architectures/table.js";
import { count, percent, table } from "./output.js";

/** A figure as published, misprints with a mark. */
function figureText(figure: CheckedFigure | undefined): string {
  if (!figure) return "";
  return figure.agrees ? figure.printed : `${figure.printed} (!)`;
}

const millions = (value: number, digits: number) => (value / 1e6).toFixed(digits);

/** Cells of a row of the table of members, the figures of one publication after the other. */
function memberCells(row: MemberCosts): string[] {
  const figures = (of: "macs" | "parameters") =>
    [...new Set(row.published.map((p) => figureText(p[of])).filter(Boolean))].join(", ");
  const { architecture, alpha, resolution, macs, parameters } = row;
  const counted = [millions(macs, 1), figures("macs"), millions(parameters, 2), figures("parameters")];
  return [architecture, String(alpha), String(resolution), ...counted];
}

/** What is wrong in which publication, one a line. */
export function misprintLines(rows: readonly MemberCosts[]): string[] {
  const lines = new Map<string, string[]>();
  for (const { name, published } of rows) {
    for (const { publication, macs, parameters } of published) {
      for (const figure of [macs, parameters]) {
        if (!figure || figure.agrees) continue;
        const line = `${publication}: ${figure.misprint ?? "no reason known"}`;
        lines.set(line, [...(lines.get(line) ?? []), `${figure.printed} of ${name}`]);
      }
    }
  }
  return [...lines].map(([line, figures]) => `${line} (${figures.join(", ")})`);
}

export const MEMBER_COLUMNS = [
  "architecture",
  ">alpha",
  ">resolution",
  ">MACs, M",
  ">published",
  ">parameters, M",
  ">published",
];

/** The rows' cells, by MEMBER_COLUMNS. */
export function memberRows(rows: readonly MemberCosts[]): string[][] {
  return rows.map(memberCells);
}

/** The table of members for people. Parameters are what is trained; some publications count otherwise. */
export function architectureText(rows: readonly MemberCosts[]): string {
  const misprints = misprintLines(rows);
  return [
    table(MEMBER_COLUMNS, memberRows(rows)),
    ...(misprints.length ? ["", "(!) differs from what its own block table gives", ...misprints] : []),
  ].join("\n");
}

export const RATIO_COLUMNS = [">layer", "input", "output", "kernel", ">MACs", ">1/N + 1/k^2", ">pair", ">block"];

/** The cells of a member's cost ratios, by RATIO_COLUMNS. */
export function ratioRows({ ratios = [] }: MemberCosts): string[][] {
  return ratios.map(({ depthwise, kernel, stride, input, output, macs, formula, pair, block }) => [
    String(depthwise),
    input.join("x"),
    output.join("x"),
    `${kernel}x${kernel}${stride > 1 ? `/${stride}` : ""}`,
    count(macs),
    percent(formula),
    percent(pair),
    percent(block),
  ]);
}

/** The cost ratios of a member's depthwise separable pairs, for people. */
export function ratioText(member: MemberCosts): string {
  return `${member.name}\n\n${table(RATIO_COLUMNS, ratioRows(member))}`;
}
