/** TRANSPOSE_CONV. */
import type { TransposedConvolution } from "../../../graph/graph.js";
import { PADDINGS, TRANSPOSE_CONV } from "../fields.js";
import type { OperatorView } from "../operator.js";
import { readBias, readWeights } from "../weights.js";
import { span } from "../window.js";

/**
 * Shape [4] of the output, weights [O, kh, kw, I], input [1, H, W, I], bias [O]; output [1, h, w, O]. Follows
 * TFLite's kernels/transpose_conv.cc: the padding is that of the convolution which would make the input of the output.
 */
export function readTransposedConvolution(op: OperatorView): TransposedConvolution {
  op.counts(3, 4);
  const input = op.activation(2);
  const output = op.output();
  // A computed shape is the batch's doing; the output's own counts.
  const shape = op.isConstant(0) ? op.integers(0, "shape") : output.shape;
  const weights = readWeights(op, input, 4, 0, true);
  const [channels, kernelHeight, kernelWidth, depth] = weights.shape as [number, number, number, number];
  const strideX = op.options?.int32(TRANSPOSE_CONV.strideX) ?? 0;
  const strideY = op.options?.int32(TRANSPOSE_CONV.strideY) ?? 0;
  const number = op.options?.int8(TRANSPOSE_CONV.padding) ?? 0;
  const padding = PADDINGS[number] ?? op.stop(`its padding is number ${number}`);
  if (input.shape.length !== 4) op.stop(`'${input.name}' is not 4-dimensional`);
  if (strideX < 1 || strideY < 1) op.stop(`its strides are ${strideY} x ${strideX}`);
  if (kernelHeight < 1 || kernelWidth < 1) op.stop(`its kernel is ${kernelHeight} x ${kernelWidth}`);
  op.require(depth === input.shape[3], `its weights are for ${depth} input channels instead of ${input.shape[3]}`);
  op.shape(output, shape, "output");
  op.require(shape.length === 4 && shape[3] === channels, `its weights give ${channels} channels`);
  op.sameType(input, output);
  const bias = readBias(op, channels, 3);
  const activation = op.fused(TRANSPOSE_CONV.activation);
  const top = span(padding, shape[1] ?? 0, kernelHeight, strideY, 1).before;
  const left = span(padding, shape[2] ?? 0, kernelWidth, strideX, 1).before;
  const window = { strideY, strideX, top, left };
  return {
    ...op.base([input], output),
    kind: "transposed_convolution",
    weights,
    ...(bias && { bias }),
    ...window,
    activation,
  };
}
