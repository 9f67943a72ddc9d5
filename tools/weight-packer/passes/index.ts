/** All passes, in order. */
import type { Graph } from "../graph/graph.js";
import { deadCode } from "./dead-code.js";
import { dropReshape } from "./drop-reshape.js";
import { elideRequantise } from "./elide-requantise.js";
import { foldBatches } from "./fold-batches.js";
import { foldPad } from "./fold-pad.js";
import { foldTransposes } from "./fold-transposes.js";
import { joinOutputs } from "./join-outputs.js";
import { separateOutputs } from "./separate-outputs.js";
import { splitConcatenation } from "./split-concatenation.js";
import { splitDepthToSpace } from "./split-depth-to-space.js";
import { splitPad } from "./split-pad.js";
import { splitReductions } from "./split-reductions.js";
import { splitStacks } from "./split-stacks.js";
import { splitTransposedConvolution } from "./split-transposed-convolution.js";
import { spreadChannels } from "./spread-channels.js";
import { toBytes } from "./to-bytes.js";
import { toSigned } from "./to-signed.js";

/** A pass takes a graph and gives another that computes the same outputs; it leaves its argument as it was. */
export type Pass = (graph: Graph) => Graph;

export const PASSES: readonly Pass[] = [
  toBytes,
  toSigned,
  elideRequantise,
  foldTransposes,
  joinOutputs,
  splitConcatenation,
  splitStacks,
  splitReductions,
  spreadChannels,
  splitDepthToSpace,
  splitTransposedConvolution,
  foldBatches,
  splitPad,
  foldPad,
  dropReshape,
  deadCode,
];

/**
 * Runs all passes. Afterwards every activation is int8, a transpose, reshape or pad is left only where it could not melt,
 * and every output is written by an operator. Operators keep the index of the source's; outputs keep the source's terms
 * in their ports.
 *
 * Throws ImportError for concatenations that are neither rows nor pixels nor outputs.
 */
export function simplify(graph: Graph): Graph {
  return separateOutputs(
    PASSES.reduce((current, pass) => pass(current), graph),
    graph,
  );
}
