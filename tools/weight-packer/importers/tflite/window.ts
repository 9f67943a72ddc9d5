/** Windows: strides, dilations and the padding that SAME and VALID stand for. */
import type { Padding, Tensor, Window } from "../../graph/graph.js";
import { PADDINGS } from "./fields.js";
import type { OperatorView } from "./operator.js";

/** Where the fields of a window lie in the operator's options. */
export interface WindowSlots {
  padding: number;
  strideX: number;
  strideY: number;
  dilationX?: number;
  dilationY?: number;
}

/** Output size and padding of one dimension. */
export interface Span {
  out: number;
  before: number;
  after: number;
}

/**
 * Output size and padding along one dimension, as TFLite (kernels/padding.h) computes them: SAME gives
 * ceil(size / stride) outputs and splits what their windows lack, the odd one after; VALID has no padding.
 */
export function span(padding: "SAME" | "VALID", size: number, kernel: number, stride: number, dilation: number): Span {
  const reach = (kernel - 1) * dilation + 1;
  if (padding === "VALID") return { out: Math.floor((size - reach) / stride) + 1, before: 0, after: 0 };
  const out = Math.ceil(size / stride);
  const total = Math.max(0, (out - 1) * stride + reach - size);
  const before = Math.floor(total / 2);
  return { out, before, after: total - before };
}

/**
 * Reads a window over an input [N, H, W, C] and checks that the output is [N, h, w, channels]. Padding becomes
 * explicit. Stops at strides, dilations or kernels below 1 and at an input that is not 4-D.
 */
export function readWindow(
  op: OperatorView,
  slots: WindowSlots,
  kernel: { height: number; width: number },
  input: Tensor,
  output: Tensor,
  channels: number,
): Window {
  const { options } = op;
  const strideX = options?.int32(slots.strideX) ?? 0;
  const strideY = options?.int32(slots.strideY) ?? 0;
  const dilationX = slots.dilationX === undefined ? 1 : (options?.int32(slots.dilationX, 1) ?? 1);
  const dilationY = slots.dilationY === undefined ? 1 : (options?.int32(slots.dilationY, 1) ?? 1);
  const number = options?.int8(slots.padding) ?? 0;
  const kind = PADDINGS[number] ?? op.stop(`its padding is number ${number}`);
  const [, height, width] = input.shape;
  if (input.shape.length !== 4 || height === undefined || width === undefined)
    op.stop(`'${input.name}' is not 4-dimensional`);
  if (strideX < 1 || strideY < 1) op.stop(`its strides are ${strideY} x ${strideX}`);
  if (dilationX < 1 || dilationY < 1) op.stop(`its dilations are ${dilationY} x ${dilationX}`);
  if (kernel.width < 1 || kernel.height < 1) op.stop(`its kernel is ${kernel.height} x ${kernel.width}`);
  const y = span(kind, height, kernel.height, strideY, dilationY);
  const x = span(kind, width, kernel.width, strideX, dilationX);
  if (y.out < 1 || x.out < 1) op.stop(`its window of ${kernel.height} x ${kernel.width} does not fit into the input`);
  op.shape(output, [input.shape[0]!, y.out, x.out, channels], "output");
  const padding: Padding = { top: y.before, bottom: y.after, left: x.before, right: x.after };
  return { kernelHeight: kernel.height, kernelWidth: kernel.width, strideY, strideX, dilationY, dilationX, padding };
}
