/** SLICE, STRIDED_SLICE, SPLIT, SPLIT_V, UNPACK: ranges of the dimensions. */
import type { Operator, Slice, Tensor } from "../../../graph/graph.js";
import { axisOf } from "../axes.js";
import { STRIDED_SLICE, UNPACK } from "../fields.js";
import type { OperatorView } from "../operator.js";

/** Begin, number and stride along one dimension. */
interface Range {
  begin: number;
  count: number;
  stride: number;
}

const whole = (count: number): Range => ({ begin: 0, count, stride: 1 });
const PLACE = { height: "y", width: "x", channels: "channel" } as const;

/** The operators of one output: a slice, and a reshape where the source drops dimensions of the slice. */
function slices(
  op: OperatorView,
  input: Tensor,
  output: Tensor,
  ranges: Range[],
  drops: readonly number[],
): Operator[] {
  const begin: Slice["begin"] = { y: 0, x: 0, channel: 0 };
  const stride: Slice["stride"] = { y: 1, x: 1, channel: 1 };
  ranges.forEach((range, d) => {
    const extent = input.shape[d]!;
    const end = range.begin + (range.count - 1) * range.stride;
    const fits = range.count > 0 && range.stride > 0 && range.begin >= 0 && end < extent;
    if (!fits)
      op.stop(`its range of dimension ${d} is none of ${extent}: ${range.begin}, ${range.count} times ${range.stride}`);
    const axis = axisOf(input, d);
    if (!axis) return op.require(extent === 1, `it slices the batch of ${extent}`);
    begin[PLACE[axis]] = range.begin;
    stride[PLACE[axis]] = range.stride;
  });
  const shape = ranges.map(({ count }) => count);
  op.shape(
    output,
    shape.filter((_, d) => !drops.includes(d)),
    "output",
  );
  op.sameType(input, output);
  op.sameQuantization(input, output);
  const sliced = drops.length ? { ...output, name: `${output.name} kept`, shape } : output;
  const slice: Slice = { ...op.base([input], sliced), kind: "slice", begin, stride };
  return drops.length ? [slice, { ...op.base([sliced], output), kind: "reshape" }] : [slice];
}

/** Constant begins and sizes, -1 = up to the end. TFLite's kernels/slice.cc. */
export function readSlice(op: OperatorView): Operator[] {
  op.counts(3);
  const input = op.activation(0);
  const begins = op.integers(1, "begin");
  const sizes = op.integers(2, "size");
  const rank = input.shape.length;
  if (begins.length !== rank || sizes.length !== rank) op.stop(`its begin and size are not of ${rank} dimensions`);
  const ranges = input.shape.map((extent, d): Range => {
    const begin = begins[d]!;
    return { begin, count: sizes[d] === -1 ? extent - begin : sizes[d]!, stride: 1 };
  });
  return slices(op, input, op.output(), ranges, []);
}

/**
 * Constant begins, ends and strides above 0, masks of begins, ends and dropped dimensions. TFLite's
 * kernels/strided_slice.cc and internal/strided_slice_logic.h.
 */
export function readStridedSlice(op: OperatorView): Operator[] {
  op.counts(4);
  const input = op.activation(0);
  const [begins, ends, strides] = ["begin", "end", "strides"].map((role, k) => op.integers(k + 1, role)) as [
    number[],
    number[],
    number[],
  ];
  const mask = (slot: number) => op.options?.int32(slot) ?? 0;
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkMask, offset } = STRIDED_SLICE;
  op.require(!mask(ellipsisMask) && !mask(newAxisMask), "it has an ellipsis or a new axis");
  op.require(!(op.options?.bool(offset) ?? false), "its ends are offsets");
  if (begins.length !== input.shape.length || ends.length !== begins.length || strides.length !== begins.length)
    op.stop(`it slices ${begins.length} dimensions of ${input.shape.length}`);
  const drops: number[] = [];
  const ranges = input.shape.map((extent, d): Range => {
    const bit = 1 << d;
    const place = (value: number) => Math.min(Math.max(value < 0 ? value + extent : value, 0), extent);
    const begin = mask(beginMask) & bit ? 0 : place(begins[d]!);
    if (mask(shrinkMask) & bit) {
      drops.push(d);
      return { begin, count: 1, stride: 1 };
    }
    const stride = strides[d]!;
    if (stride < 1) op.stop(`its strides are ${strides.join(", ")}; only those above 0 run`);
    const end = mask(endMask) & bit ? extent : place(ends[d]!);
    return { begin, count: Math.ceil((end - begin) / stride), stride };
  });
  return slices(op, input, op.output(), ranges, drops);
}

/** Consecutive parts of one dimension, `counts` long. */
function parts(op: OperatorView, input: Tensor, dimension: number, counts: readonly number[]): Operator[] {
  const outputs = op.outputs();
  const d = dimension < 0 ? dimension + input.shape.length : dimension;
  if (input.shape[d] === undefined) op.stop(`its axis is ${dimension}`);
  if (counts.length !== outputs.length) op.stop(`it makes ${counts.length} parts for ${outputs.length} outputs`);
  op.require(
    counts.reduce((sum, n) => sum + n, 0) === input.shape[d],
    `its parts of ${counts.join(", ")} are not ${input.shape[d]}`,
  );
  let begin = 0;
  return outputs.flatMap((output, k) => {
    const ranges = input.shape.map(whole);
    ranges[d] = { begin, count: counts[k]!, stride: 1 };
    begin += counts[k]!;
    return slices(op, input, output, ranges, []);
  });
}

/** A constant axis (input 0) and as many equal parts as outputs. TFLite's kernels/split.cc. */
export function readSplit(op: OperatorView): Operator[] {
  op.countInputs(2);
  const [axis] = op.integers(0, "axis");
  const input = op.activation(1);
  const count = op.source.outputs.length;
  const extent = input.shape.at(axis ?? 0) ?? 0;
  return parts(
    op,
    input,
    axis ?? 0,
    Array.from({ length: count }, () => extent / count),
  );
}

/** Constant sizes (input 1), of which one may be -1, and a constant axis (input 2). TFLite's kernels/split_v.cc. */
export function readSplitV(op: OperatorView): Operator[] {
  op.countInputs(3);
  const input = op.activation(0);
  const sizes = op.integers(1, "sizes");
  const axis = op.integers(2, "axis")[0] ?? 0;
  const rest = (input.shape.at(axis) ?? 0) - sizes.reduce((sum, n) => sum + Math.max(n, 0), 0);
  return parts(
    op,
    input,
    axis,
    sizes.map((n) => (n === -1 ? rest : n)),
  );
}

/** Every index of one dimension by itself, the dimension dropped. TFLite's kernels/unpack.cc. */
export function readUnpack(op: OperatorView): Operator[] {
  op.countInputs(1);
  const input = op.activation(0);
  const outputs = op.outputs();
  const given = op.options?.int32(UNPACK.axis) ?? 0;
  const axis = given < 0 ? given + input.shape.length : given;
  op.require(
    input.shape[axis] === outputs.length,
    `it makes ${outputs.length} of ${input.shape[axis]} along axis ${given}`,
  );
  return outputs.flatMap((output, k) => {
    const ranges = input.shape.map(whole);
    if (axis in ranges) ranges[axis] = { begin: k, count: 1, stride: 1 };
    return slices(op, input, output, ranges, [axis]);
  });
}
