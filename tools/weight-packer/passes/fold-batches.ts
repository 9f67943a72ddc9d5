/** Space to batch, a convolution and batch to space: a dilated convolution. */
import type { BatchToSpace, Convolution, Depthwise, Graph, Operator, Padding, SpaceToBatch } from "../graph/graph.js";
import { consumers, rebuild } from "../graph/rewrite.js";

/**
 * The padding of the dilated convolution: what was padded, and the convolution's own padding, which lies a block apart,
 * less what was cut off. Below and right of it only the output's size counts.
 */
function paddingOf(before: SpaceToBatch, { padding: own }: Convolution | Depthwise, after: BatchToSpace): Padding {
  const { y, x } = before.block;
  const [padded, cut] = [before.padding, after.padding];
  return {
    top: padded.top + own.top * y - cut.top,
    bottom: Math.max(0, padded.bottom + own.bottom * y - cut.bottom),
    left: padded.left + own.left * x - cut.left,
    right: Math.max(0, padded.right + own.right * x - cut.right),
  };
}

/**
 * Folds each SPACE_TO_BATCH_ND that one plain convolution reads (stride and dilation 1), which in turn one
 * BATCH_TO_SPACE_ND of the same block reads: each batch is a lattice of pixels a block apart, so the convolution is one
 * with the block as its dilation. Both pad with the zero point. The operator stands in the place of the last of the
 * three. Others stay, for the lowering to refuse.
 */
export function foldBatches(graph: Graph): Graph {
  const readers = consumers(graph);
  const only = (op: Operator): Operator | undefined => {
    const all = readers.get(op.output) ?? [];
    return all.length === 1 && !graph.outputs.includes(op.output) ? all[0] : undefined;
  };
  const folded = new Map<Operator, Operator | undefined>();
  for (const before of graph.operators) {
    if (before.kind !== "space_to_batch") continue;
    const inner = only(before);
    if (inner?.kind !== "convolution" && inner?.kind !== "depthwise") continue;
    const after = only(inner);
    if (after?.kind !== "batch_to_space") continue;
    const { y, x } = before.block;
    const plain = [inner.strideY, inner.strideX, inner.dilationY, inner.dilationX].every((n) => n === 1);
    const padding = paddingOf(before, inner, after);
    if (!plain || after.block.y !== y || after.block.x !== x || padding.top < 0 || padding.left < 0) continue;
    const { index, source, output } = after;
    folded.set(before, undefined).set(inner, undefined);
    folded.set(after, { ...inner, index, source, inputs: before.inputs, output, dilationY: y, dilationX: x, padding });
  }
  return rebuild(
    graph,
    graph.operators.flatMap((op) => (folded.has(op) ? (folded.get(op) ?? []) : [op])),
  );
}
