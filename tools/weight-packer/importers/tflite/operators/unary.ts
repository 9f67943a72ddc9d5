/** Functions of one element: HARD_SWISH, LOGISTIC, LEAKY_RELU, PRELU, the stand-alone RELUs, MAXIMUM, MINIMUM, DIV and more. */
import {
  type Activation,
  type Extremum,
  elements,
  extent,
  type HardSwish,
  type LeakyRelu,
  type Logistic,
  type Prelu,
  type Quotient,
  type Relu,
  type Tensor,
  type Unary,
} from "../../../graph/graph.js";
import { DIV, GELU, LEAKY_RELU } from "../fields.js";
import { type OperatorView, quantisationFault } from "../operator.js";

/** One activation in and one of the same shape and type out. */
function readEnds(op: OperatorView): { input: Tensor; output: Tensor } {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  op.shape(output, input.shape, "output");
  op.sameType(input, output);
  return { input, output };
}

/** HARD_SWISH. TFLite's HardSwishPrepare: the input's scale over the output's is below 128. */
export function readHardSwish(op: OperatorView): HardSwish {
  const { input, output } = readEnds(op);
  const ratio = (input.quantization?.scale[0] ?? 1) / (output.quantization?.scale[0] ?? 1);
  op.require(ratio / 128 < 1, `its input's scale is ${ratio} times its output's; TFLite stops at 128`);
  return { ...op.base([input], output), kind: "hard_swish" };
}

/** LOGISTIC. TFLite's SigmoidPrepare: an output scale of 1/256. */
export function readLogistic(op: OperatorView): Logistic {
  const { input, output } = readEnds(op);
  const scale = output.quantization?.scale[0];
  op.require(scale === undefined || scale === 1 / 256, `its output's scale is ${scale} instead of 1/256`);
  return { ...op.base([input], output), kind: "logistic" };
}

/** LEAKY_RELU. */
export function readLeakyRelu(op: OperatorView): LeakyRelu {
  const { input, output } = readEnds(op);
  const alpha = op.options?.float32(LEAKY_RELU.alpha) ?? 0;
  op.require(alpha >= 0 && Number.isFinite(alpha), `its alpha is ${alpha}; only 0 and more runs`);
  return { ...op.base([input], output), kind: "leaky_relu", alpha };
}

/**
 * MAXIMUM or MINIMUM with a constant of one element at either input, or of two activations of one shape. TFLite
 * compares bytes (maximum_minimum.cc), so all are of one quantisation.
 */
export function extremumReader(kind: Extremum["kind"]): (op: OperatorView) => Extremum {
  return (op) => {
    op.counts(2);
    const output = op.output();
    const at = op.isConstant(0) ? 0 : 1;
    const input = op.activation(1 - at);
    op.shape(output, input.shape, "output");
    op.sameQuantization(input, output);
    if (!op.isConstant(at)) {
      const other = op.activation(at);
      op.shape(other, input.shape, "other operand");
      op.sameType(input, other, output);
      op.sameQuantization(other, output);
      return { ...op.base([other, input], output), kind };
    }
    const constant = op.constant(at, "operand");
    op.require(elements(constant.shape) === 1, `its operand '${constant.name}' has more than one element`);
    op.sameType(input, constant, output);
    return { ...op.base([input], output), kind, constant };
  };
}

/** A constant with one scale and zero point. */
function readScaled(op: OperatorView, input: number, role: string): Tensor {
  const constant = op.constant(input, role);
  const fault = quantisationFault(constant);
  if (fault) op.refuse(fault);
  else op.require(constant.quantization!.scale.length === 1, `'${constant.name}' has a scale per channel`);
  return constant;
}

/** PRELU: alpha is a constant of one element or one for each channel. TFLite's PreluPrepare. */
export function readPrelu(op: OperatorView): Prelu {
  op.counts(2);
  const input = op.activation(0);
  const output = op.output();
  const constant = readScaled(op, 1, "alpha");
  op.shape(output, input.shape, "output");
  op.sameType(input, constant, output);
  const count = elements(constant.shape);
  const fits = count === 1 || (count === extent(input).channels && constant.shape.at(-1) === count);
  op.require(fits, `its alpha '${constant.name}' has neither one element nor one for each channel`);
  return { ...op.base([input], output), kind: "prelu", constant };
}

/** DIV by a constant of one element, or of one by each element. TFLite's kernels/div.cc. */
export function readDiv(op: OperatorView): Quotient {
  op.counts(2);
  const output = op.output();
  const swapped = op.isConstant(0);
  const input = op.activation(swapped ? 1 : 0);
  const constant = readScaled(op, swapped ? 0 : 1, "operand");
  op.require(elements(constant.shape) === 1, `its operand '${constant.name}' has more than one element`);
  op.shape(output, input.shape, "output");
  op.sameType(input, constant, output);
  if (!swapped && constant.data?.[0] === constant.quantization?.zeroPoint[0]) op.refuse("it divides by zero");
  const activation = op.fused(DIV.activation);
  return { ...op.base([input], output), kind: "div", activation, constant, ...(swapped && { swapped }) };
}

/** A reader of a named function; `signed`: TFLite has it for int8 only. */
export function unaryReader(name: Exclude<Unary["function"], "gelu" | "gelu_approximate">, signed: boolean) {
  return (op: OperatorView): Unary => {
    const { input, output } = readEnds(op);
    op.require(!signed || input.type !== "uint8", "it is of uint8, which TFLite refuses");
    return { ...op.base([input], output), kind: "unary", function: name };
  };
}

/** GELU, by the error function or (option `approximate`) by tanh. */
export function readGelu(op: OperatorView): Unary {
  const { input, output } = readEnds(op);
  const approximate = op.options?.bool(GELU.approximate) ?? false;
  return { ...op.base([input], output), kind: "unary", function: approximate ? "gelu_approximate" : "gelu" };
}

/** A reader of one of the stand-alone RELUs. TFLite's ReluPrepare. */
export function reluReader(activation: Activation): (op: OperatorView) => Relu {
  return (op) => {
    const { input, output } = readEnds(op);
    return { ...op.base([input], output), kind: "relu", activation };
  };
}
