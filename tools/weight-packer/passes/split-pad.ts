/** Pads of channels, and pads with something else than the zero point. */
import { extent, type Graph, type Lookup, type Operator, type Pad, type Tensor } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** Every int8 as it is. */
const IDENTITY = Int8Array.from({ length: 256 }, (_, byte) => (byte << 24) >> 24);

/**
 * A copy of a tensor whose zero point is the value to pad with. Copying does not ask what values mean, and what pads
 * rows, pixels and channels is its input's zero point.
 */
function copied({ index, source, inputs, output }: Pad, value: number): Lookup {
  const [input] = inputs as [Tensor];
  const { quantization } = input;
  const copy: Tensor = {
    ...input,
    name: `${output.name} copy`,
    ...(quantization && { quantization: { ...quantization, zeroPoint: [value] } }),
  };
  return { kind: "lookup", index, source, inputs, output: copy, table: IDENTITY };
}

function split(pad: Pad): Operator[] {
  const { value, channels, ...rest } = pad;
  const [input] = pad.inputs as [Tensor];
  const made: Operator[] = [];
  let so = input;
  const foreign = value !== undefined && value !== input.quantization?.zeroPoint[0];
  if (foreign) {
    made.push(copied(pad, value));
    so = made[0]!.output;
  }
  const { top, bottom, left, right } = pad.padding;
  const moves = top + bottom + left + right > 0;
  if (channels) {
    const { height, width, channels: count } = extent(input);
    const wider: Tensor = {
      ...so,
      name: `${pad.output.name} channels`,
      shape: [1, height, width, count + channels.before + channels.after],
    };
    const { index, source } = pad;
    const output = moves ? wider : pad.output;
    made.push({ kind: "pad_channels", index, source, inputs: [so], output, ...channels });
    so = wider;
    if (!moves) return made;
  }
  return [...made, { ...rest, inputs: [so], ...(foreign && { value }) }];
}

/**
 * A pad of channels becomes an operator of its own, in front of that of rows and pixels. A pad with another value than
 * the zero point reads a copy whose zero point is that; it keeps its `value`, so that it melts into nothing. Run after
 * toSigned, before foldPad.
 */
export function splitPad(graph: Graph): Graph {
  return rebuild(
    graph,
    graph.operators.flatMap((op) => (op.kind === "pad" ? split(op) : [op])),
  );
}
