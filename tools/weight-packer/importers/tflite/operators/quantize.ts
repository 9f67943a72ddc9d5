/** QUANTIZE and DEQUANTIZE. */
import type { Requantise } from "../../../graph/graph.js";
import { INTEGER_PORTS } from "../advice.js";
import type { OperatorView } from "../operator.js";

/**
 * QUANTIZE: int8 or uint8 to int8 or uint8, one shape. Float inputs of the model hold quantised values here (see
 * float-ends.ts); any other float tensor is refused.
 */
export function readQuantize(op: OperatorView): Requantise {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  if (input.type === "float32") op.stop("it makes integers of floats in the middle of the network", INTEGER_PORTS);
  op.shape(output, input.shape, "output");
  return { ...op.base([input], output), kind: "requantise" };
}

/** DEQUANTIZE in front of outputs, which hold its input's quantised values here (see float-ends.ts). */
export function readDequantize(op: OperatorView): Requantise {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  if (output.type === "float32") op.stop("it makes floats in the middle of the network", INTEGER_PORTS);
  op.shape(output, input.shape, "output");
  op.sameType(input, output);
  op.sameQuantization(input, output);
  return { ...op.base([input], output), kind: "requantise" };
}
