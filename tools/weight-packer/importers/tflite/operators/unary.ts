/** Functions of one element: HARD_SWISH, LOGISTIC, LEAKY_RELU, the stand-alone RELUs, MAXIMUM and MINIMUM. */
import {
  type Activation,
  type Extremum,
  elements,
  type HardSwish,
  type LeakyRelu,
  type Logistic,
  type Relu,
  type Tensor,
} from "../../../graph/graph.js";
import { LEAKY_RELU } from "../fields.js";
import type { OperatorView } from "../operator.js";

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

/** MAXIMUM or MINIMUM with a constant of one element, at either input. TFLite compares bytes (maximum_minimum.cc). */
export function extremumReader(kind: Extremum["kind"]): (op: OperatorView) => Extremum {
  return (op) => {
    op.counts(2);
    const output = op.output();
    const at = op.isConstant(0) ? 0 : 1;
    const input = op.activation(1 - at);
    const constant = op.constant(at, "operand");
    op.require(elements(constant.shape) === 1, `its operand '${constant.name}' has more than one element`);
    op.shape(output, input.shape, "output");
    op.sameType(input, constant, output);
    op.sameQuantization(input, output);
    return { ...op.base([input], output), kind, constant };
  };
}

/** A reader of one of the stand-alone RELUs. TFLite's ReluPrepare. */
export function reluReader(activation: Activation): (op: OperatorView) => Relu {
  return (op) => {
    const { input, output } = readEnds(op);
    return { ...op.base([input], output), kind: "relu", activation };
  };
}
