/** Concatenations of two, of one quantisation. */
import {
  type Concatenation,
  extent,
  type Graph,
  type Join,
  type Operator,
  type Rescale,
  type Stack,
  type Tensor,
} from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";

/** An input in the output's scale and zero point: itself, or what a rescale makes of it. */
export function rescaled(
  op: Concatenation | Join | Stack,
  input: Tensor,
  place: number,
): { tensor: Tensor; operator?: Rescale } {
  const target = op.output.quantization;
  const { scale, zeroPoint } = input.quantization!;
  if (scale[0] === target?.scale[0] && zeroPoint[0] === target?.zeroPoint[0]) return { tensor: input };
  const tensor: Tensor = { ...input, name: `${op.output.name} input ${place}`, quantization: target! };
  const { index, source } = op;
  return { tensor, operator: { kind: "rescale", index, source, inputs: [input], output: tensor } };
}

/** What the engine puts side by side at a time. */
function pairs(op: Concatenation): Operator[] {
  const made: Operator[] = [];
  const inputs = op.inputs.map((input, place) => {
    const { tensor, operator } = rescaled(op, input, place);
    if (operator) made.push(operator);
    return tensor;
  });
  const [first, ...rest] = inputs as [Tensor, ...Tensor[]];
  let so = first;
  rest.forEach((next, k) => {
    const channels = extent(so).channels + extent(next).channels;
    const part: Tensor = {
      ...op.output,
      name: `${op.output.name} part ${k + 1}`,
      shape: [...op.output.shape.slice(0, -1), channels],
    };
    const output = k === rest.length - 1 ? op.output : part;
    made.push({ ...op, inputs: [so, next], output });
    so = output;
  });
  return made;
}

/**
 * Concatenations of more than two become chains of two, and inputs of another scale or zero point (uint8 only) are
 * rescaled in front. One of a single input is a reshape. Run after toSigned, before dropReshape.
 */
export function splitConcatenation(graph: Graph): Graph {
  const operators = graph.operators.flatMap((op): Operator[] => {
    if (op.kind !== "concatenation") return [op];
    const [input] = op.inputs as [Tensor];
    if (op.inputs.length > 1) return pairs(op);
    const { index, source, inputs, output } = op;
    const same = input.quantization?.scale[0] === output.quantization?.scale[0];
    const kind = same && input.quantization?.zeroPoint[0] === output.quantization?.zeroPoint[0] ? "reshape" : "rescale";
    return [{ kind, index, source, inputs, output }];
  });
  return rebuild(graph, operators);
}
