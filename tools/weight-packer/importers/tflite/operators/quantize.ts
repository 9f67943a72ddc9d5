/** QUANTIZE between integers. */
import type { Requantise } from "../../../graph/graph.js";
import { INTEGER_PORTS } from "../advice.js";
import type { OperatorView } from "../operator.js";

/** int8 or uint8 to int8 or uint8, one shape. QUANTIZE from float is refused: models keep float out of the engine. */
export function readQuantize(op: OperatorView): Requantise {
  op.counts(1);
  const input = op.activation(0);
  const output = op.output();
  if (input.type === "float32") op.stop("it makes integers of a float input", INTEGER_PORTS);
  op.shape(output, input.shape, "output");
  return { ...op.base([input], output), kind: "requantise" };
}
