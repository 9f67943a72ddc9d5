/** The errors that importers, passes and the lowering share: all that is wrong with a model, at once. */
import type { Operator } from "./graph.js";

/** One thing that stands in the way: an operator that cannot be taken, or (without `operator`) the model itself. */
export interface Problem {
  /** Index of the operator in the source model. */
  operator?: number;
  /** The operator's name in the source; a custom operator's own code. */
  name?: string;
  /** The operator's inputs, then its outputs, as "'name' type [shape]". */
  tensors?: string[];
  /** What is wrong, as part of a sentence. */
  reason: string;
  /** What the model's owner could do about it. */
  advice?: string[];
}

/** Converters name a fused tensor after all that it was made of; messages show so much of a name. */
const NAME_LENGTH = 60;

/** One line for a problem, advice not included and long tensor names cut. */
export function describe(problem: Problem): string {
  const tensors = problem.tensors?.length ? ` (${problem.tensors.join(", ")})` : "";
  const operator = problem.operator === undefined ? "" : `operator ${problem.operator} ${problem.name ?? "unnamed"}: `;
  return `${operator}${problem.reason}${tensors}`.replace(/'([^']+)'/g, (quoted, name: string) =>
    name.length > NAME_LENGTH ? `'${name.slice(0, NAME_LENGTH - 1)}…'` : quoted,
  );
}

function text(file: string, problems: readonly Problem[]): string {
  const advice = [...new Set(problems.flatMap((p) => p.advice ?? []))];
  const hints = advice.length ? [`what may help: ${advice.join("; ")}`] : [];
  if (problems.length === 1) return [`${file}: ${describe(problems[0]!)}`, ...hints].join(" - ");
  return [`${file}: ${problems.length} problems`, ...problems.map(describe), ...hints].join("\n  ");
}

/** A model that cannot be taken. `message` tells everything: on one line for one problem, else a line for each. */
export class ImportError extends Error {
  override readonly name = "ImportError";

  /**
   * @param file the source's file name, for messages
   * @param problems all that is wrong, at least one
   * @param others operators in which nothing was found to be wrong so far
   */
  constructor(
    readonly file: string,
    readonly problems: readonly Problem[],
    readonly others: readonly Operator[] = [],
  ) {
    super(text(file, problems));
  }
}
