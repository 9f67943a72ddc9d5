/** PAD and PADV2. */
import type { Pad } from "../../../graph/graph.js";
import type { OperatorView } from "../operator.js";

/**
 * Input [1, H, W, C] and constant paddings [4, 2] of height and width only. The pad value is the zero point: PAD's own,
 * and all that is taken of PADV2's constant. Follows TFLite's kernels/pad.cc.
 */
export function readPad(op: OperatorView): Pad {
  op.counts(2, 3);
  const input = op.activation(0);
  const output = op.output();
  const amounts = op.integers(1, "paddings");
  if (input.shape.length !== 4 || amounts.length !== 8)
    op.stop(`it pads ${amounts.length / 2} dimensions instead of 4`);
  const [n0, n1, top, bottom, left, right, c0, c1] = amounts as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  op.require(!n0 && !n1 && !c0 && !c1, "it pads batch or channels; only height and width run");
  op.require(
    amounts.every((n) => n >= 0),
    `its paddings are ${amounts.join(", ")}`,
  );
  const [, height, width, channels] = input.shape as [number, number, number, number];
  op.shape(output, [1, height + top + bottom, width + left + right, channels], "output");
  op.sameType(input, output);
  op.sameQuantization(input, output);
  const value = op.optionalConstant(2, "pad value");
  if (value) {
    const zero = input.quantization?.zeroPoint[0];
    op.require(value.type === input.type && value.data?.length === 1, `its pad value is no single ${input.type}`);
    op.require(value.data?.[0] === zero, `its pad value is ${value.data?.[0]}; only the zero point (${zero}) runs`);
  }
  return { ...op.base([input], output), kind: "pad", padding: { top, bottom, left, right } };
}
