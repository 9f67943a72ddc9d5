/** PAD and PADV2. */
import { elements, type Pad } from "../../../graph/graph.js";
import type { OperatorView } from "../operator.js";

/**
 * Input of 1 to 4 dimensions, constant paddings [rank, 2], and of PADV2 a constant value in the terms of the output.
 * PAD's value is the zero point. The batch stays. Follows TFLite's kernels/pad.cc.
 */
export function readPad(op: OperatorView): Pad {
  op.counts(2, 3);
  const input = op.activation(0);
  const output = op.output();
  const amounts = op.integers(1, "paddings");
  const { shape } = input;
  const rank = shape.length;
  if (amounts.length !== 2 * rank) op.stop(`it pads ${amounts.length / 2} dimensions instead of ${rank}`);
  op.require(
    amounts.every((n) => n >= 0),
    `its paddings are ${amounts.join(", ")}`,
  );
  op.require(rank < 2 || !(amounts[0] || amounts[1]), "it pads the batch");
  op.shape(
    output,
    shape.map((n, d) => n + amounts[2 * d]! + amounts[2 * d + 1]!),
    "output",
  );
  op.sameType(input, output);
  op.sameQuantization(input, output);
  const value = op.optionalConstant(2, "pad value");
  if (value) {
    op.require(
      value.type === input.type && elements(value.shape) === 1,
      `its pad value '${value.name}' is no single ${input.type}`,
    );
    op.sameQuantization(value, output);
  }
  // Of the dimensions behind the batch, the last is the channels'.
  const inner = amounts.slice(rank > 1 ? 2 : 0);
  const [top, bottom, left, right, before, after] = [0, 0, 0, 0, 0, 0, ...inner].slice(-6) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    ...op.base([input], output),
    kind: "pad",
    padding: { top, bottom, left, right },
    ...((before || after) && { channels: { before, after } }),
    ...(value && { value: Number(value.data![0]) }),
  };
}
