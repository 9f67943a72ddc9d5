/** ADD, SUB and MUL. */
import { type Binary, elements, extent, type Tensor } from "../../../graph/graph.js";
import { ADD, MUL, SUB } from "../fields.js";
import { type OperatorView, quantisationFault } from "../operator.js";

const FIELDS = { add: ADD, sub: SUB, mul: MUL } as const;

/** A constant operand of an activation: one element, or one for each channel along the last dimension. */
function readConstant(op: OperatorView, input: number, activation: Tensor): Tensor {
  const constant = op.constant(input, "operand");
  const { shape, quantization } = constant;
  op.sameType(activation, constant);
  const fault = quantisationFault(constant);
  if (fault) op.refuse(fault);
  else op.require(quantization!.scale.length === 1, `'${constant.name}' has a scale per channel`);
  const count = elements(shape);
  const channels = extent(activation).channels;
  const fits =
    count === 1 || (count === channels && shape.at(-1) === channels && shape.length <= activation.shape.length);
  op.require(fits, `its constant operand '${constant.name}' has neither one element nor one for each channel`);
  return constant;
}

/** Refuses sums whose scales are so far apart that TFLite's multiplier would not be below 1, where it stops. */
function checkFactor(op: OperatorView, kind: Binary["kind"], a: Tensor, b: Tensor, output: Tensor): void {
  const scale = (tensor: Tensor) => tensor.quantization?.scale[0] ?? 1;
  const factor = Math.max(scale(a), scale(b)) / (2 ** 19 * scale(output));
  op.require(
    kind === "mul" || factor < 1,
    `an operand's scale is ${2 ** 19 * factor} times its output's; TFLite stops at 2^19`,
  );
}

/** Whether every extent of `small` is that of `large` or 1. */
function spreads(small: Tensor, large: Tensor): boolean {
  const [s, l] = [extent(small), extent(large)];
  return [1, l.channels].includes(s.channels) && [1, l.height].includes(s.height) && [1, l.width].includes(s.width);
}

/**
 * Two activations (maybe the same) of one shape, or one that spreads over the rows, pixels or channels of the other; or an
 * activation and a constant scalar or vector of channels. One type. TFLite's kernels/add.cc, sub.cc and mul.cc.
 */
function readBinary(op: OperatorView, kind: Binary["kind"]): Binary {
  op.counts(2);
  const output = op.output();
  const activation = op.fused(FIELDS[kind].activation);
  const constantAt = [0, 1].find((input) => op.isConstant(input));
  if (constantAt !== undefined) {
    const input = op.activation(1 - constantAt);
    const constant = readConstant(op, constantAt, input);
    op.shape(output, input.shape, "output");
    op.sameType(input, output);
    checkFactor(op, kind, input, constant, output);
    const swapped = constantAt === 0;
    return { ...op.base([input], output), kind, activation, constant, ...(swapped && { swapped }) };
  }
  const [a, b] = [op.activation(0), op.activation(1)];
  const size = elements(output.shape);
  const swapped = elements(a.shape) < size && elements(b.shape) === size;
  const [large, small] = swapped ? [b, a] : [a, b];
  op.require(elements(large.shape) === size && spreads(small, large), "neither operand has the shape of the output");
  op.shape(output, large.shape, "output");
  op.sameType(a, b, output);
  checkFactor(op, kind, a, b, output);
  return { ...op.base([large, small], output), kind, activation, ...(swapped && { swapped }) };
}

/** ADD; see readBinary. */
export const readAdd = (op: OperatorView): Binary => readBinary(op, "add");
/** SUB; see readBinary. */
export const readSub = (op: OperatorView): Binary => readBinary(op, "sub");
/** MUL; see readBinary. */
export const readMul = (op: OperatorView): Binary => readBinary(op, "mul");
