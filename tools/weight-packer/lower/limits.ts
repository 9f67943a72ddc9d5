/** What operators are too large for. Whatever passes make of a graph, these limits stay: they can be asked before. */
import { MAX_EXTENT } from "../../../assembly/layout.js";
import { ImportError, type Problem } from "../graph/errors.js";
import { extent, type Operator } from "../graph/graph.js";
import { show } from "../graph/rewrite.js";
import { MOST_CLASSES } from "./operators/arg-max.js";
import { MOST_SQUARES } from "./operators/l2-normalisation.js";

/** The most channels whose exponentials fit TFLite's sum. */
const MOST_EXPONENTIALS = 4095;

/** A problem of an operator. */
export function problemOf(operator: Operator, reason: string): Problem {
  const { index, source, inputs, output } = operator;
  return { operator: index, name: source, tensors: [...inputs, output].map(show), reason };
}

/** What an operator is too large for, if for anything. */
export function limit(operator: Operator): Problem | undefined {
  const { kind, inputs, output } = operator;
  const { height, width, channels } = extent(output);
  if ((kind === "convolution" || kind === "depthwise") && Math.max(height, width, channels) > MAX_EXTENT) {
    return problemOf(operator, `a tensor is larger than ${MAX_EXTENT} in one dimension`);
  }
  if (kind === "softmax" && (operator.group ?? channels) > MOST_EXPONENTIALS) {
    return problemOf(operator, `softmax over more than ${MOST_EXPONENTIALS} channels overflows its sum, in TFLite too`);
  }
  if (kind === "l2_normalisation" && channels > MOST_SQUARES) {
    return problemOf(operator, `the squares of more than ${MOST_SQUARES} channels overflow their sum, in TFLite too`);
  }
  if (kind === "arg_max" && extent(inputs[0]!).channels > MOST_CLASSES) {
    return problemOf(operator, `its input has more than ${MOST_CLASSES} channels, and an index is one byte here`);
  }
  return undefined;
}

/**
 * Runs a stage before the lowering. To what it refuses are added the limits that the operators exceed which it did not
 * refuse, so that one error tells all.
 *
 * @throws ImportError
 */
export function withLimits<T>(stage: () => T): T {
  try {
    return stage();
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    const limits = error.others.map(limit).filter((p) => p !== undefined);
    throw limits.length ? new ImportError(error.file, [...error.problems, ...limits]) : error;
  }
}
