/** Functions of one element: what they do, they do wherever the element lies. */
import { elements, type Operator } from "../graph/graph.js";
import { hasScalar } from "../lower/operators/scalar.js";

/** Functions of one element without a constant. */
const ELEMENTWISE: readonly Operator["kind"][] = [
  "requantise",
  "rescale",
  "hard_swish",
  "logistic",
  "relu",
  "leaky_relu",
  "unary",
  "div",
  "maximum",
  "minimum",
];

/** Whether an operator is a function of each element of its one input by itself. */
export function isElementwise(op: Operator): boolean {
  const scalar = (op.kind === "add" || op.kind === "sub" || op.kind === "mul") && hasScalar(op);
  const one = op.kind === "prelu" && elements(op.constant.shape) === 1;
  return op.inputs.length === 1 && (scalar || one || ELEMENTWISE.includes(op.kind));
}
