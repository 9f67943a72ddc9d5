/** Concatenations of rows and of pixels as sums of padded maps. */
import { type Binary, extent, type Graph, type Join, type Operator, type Stack, type Tensor } from "../graph/graph.js";
import { rebuild } from "../graph/rewrite.js";
import { rescaled } from "./split-concatenation.js";

/** A join whose parts are rows one below the other or pixels side by side; undefined where it is neither. */
export function asStack(op: Join): Stack | undefined {
  const { height, width, channels } = extent(op.output);
  const parts = op.inputs.map(extent);
  const total = (axis: "height" | "width") => parts.reduce((sum, part) => sum + part[axis], 0);
  if (parts.some((part) => part.channels !== channels)) return undefined;
  if (total("height") === height && parts.every((part) => part.width === width))
    return { ...op, kind: "stack", axis: "height" };
  if (total("width") === width && parts.every((part) => part.height === height))
    return { ...op, kind: "stack", axis: "width" };
  return undefined;
}

/**
 * Each input is padded with the zero point to where its rows or pixels lie in the output, and the maps are added: at most
 * one of them is not zero anywhere, and a sum of one scale is exact then. Rows are taken as they come.
 */
function split(op: Stack): Operator[] {
  const { index, source, output } = op;
  const made: Operator[] = [];
  const whole = extent(output)[op.axis];
  const named = (name: string): Tensor => ({ ...output, name: `${output.name} ${name}` });
  let begin = 0;
  const padded = op.inputs.map((input, place): Tensor => {
    const { tensor, operator } = rescaled(op, input, place);
    if (operator) made.push(operator);
    const count = extent(input)[op.axis];
    const after = whole - begin - count;
    const padding =
      op.axis === "height"
        ? { top: begin, bottom: after, left: 0, right: 0 }
        : { top: 0, bottom: 0, left: begin, right: after };
    begin += count;
    const map = named(`padded ${place}`);
    made.push({ kind: "pad", index, source, inputs: [tensor], output: map, padding });
    return map;
  });
  const [first, ...rest] = padded as [Tensor, ...Tensor[]];
  if (!rest.length) return [...made, { kind: "reshape", index, source, inputs: [first], output }];
  let sum = first;
  rest.forEach((map, k) => {
    const to = k === rest.length - 1 ? output : named(`part ${k + 1}`);
    const add: Binary = { kind: "add", index, source, inputs: [sum, map], output: to, activation: "none" };
    made.push(add);
    sum = to;
  });
  return made;
}

/** Stacks become pads and sums. Run after toSigned and joinOutputs, before foldPad. */
export function splitStacks(graph: Graph): Graph {
  return rebuild(
    graph,
    graph.operators.flatMap((op) => (op.kind === "stack" ? split(op) : [op])),
  );
}
