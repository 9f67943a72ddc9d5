/**
 * Functions of one int8 element as tables: 256 possible inputs, so whatever the function, the packer computes it with
 * the reference's formula and the engine only looks it up. Tables follow each other in one where nothing else reads
 * what lies between.
 */
import { OPCODE_LOOKUP, STEP_WEIGHTS } from "../../../assembly/layout.js";
import { elements, extent, type Graph, type Lookup, type Operator, type Tensor } from "../graph/graph.js";
import { consumers, rebuild } from "../graph/rewrite.js";
import { held } from "./held.js";
import { extremumFunction } from "./operators/extremum.js";
import { hardSwishFunction } from "./operators/hard-swish.js";
import { leakyReluFunction } from "./operators/leaky-relu.js";
import { logisticFunction } from "./operators/logistic.js";
import { preluFunction } from "./operators/prelu.js";
import { quotientFunction } from "./operators/quotient.js";
import { reluFunction } from "./operators/relu.js";
import { requantiseFunction } from "./operators/requantise.js";
import { rescaleFunction } from "./operators/rescale.js";
import { hasScalar, scalarFunction } from "./operators/scalar.js";
import { unaryFunction } from "./operators/unary.js";
import type { Kernel } from "./program.js";

/** From an int8 value to an int8 value, both -128..127. */
export type ElementFunction = (q: number) => number;

/** The function of one element that an operator is, if it is one. */
function functionOf(operator: Operator): ElementFunction | undefined {
  switch (operator.kind) {
    case "requantise":
      return requantiseFunction(operator);
    case "rescale":
      return rescaleFunction(operator);
    case "maximum":
    case "minimum":
      return operator.constant ? extremumFunction(operator) : undefined;
    case "unary":
      return unaryFunction(operator);
    case "div":
      return quotientFunction(operator);
    case "prelu":
      return elements(operator.constant.shape) === 1 ? preluFunction(operator) : undefined;
    case "reshape":
      // Across rows, a step of its own kind rearranges.
      return extent(operator.inputs[0]!).height === extent(operator.output).height ? (q) => q : undefined;
    case "hard_swish":
      return hardSwishFunction(operator);
    case "logistic":
      return logisticFunction(operator);
    case "relu":
      return reluFunction(operator);
    case "leaky_relu":
      return leakyReluFunction(operator);
    case "add":
    case "sub":
    case "mul":
      return hasScalar(operator) ? scalarFunction(operator) : undefined;
    default:
      return undefined;
  }
}

/** An operator that is a function of one element as its table, all others as they are. */
function tabulated(operator: Operator): Operator {
  const f = functionOf(operator);
  if (!f) return operator;
  const { index, source, inputs, output } = operator;
  const table = Int8Array.from({ length: 256 }, (_, byte) => f((byte << 24) >> 24));
  return { kind: "lookup", index, source, inputs, output, table };
}

/** The table of `first`, then that of `second`; in the place and under the name of the second. */
function chained(first: Lookup, second: Lookup): Lookup {
  return { ...second, inputs: first.inputs, table: first.table.map((q) => second.table[q & 0xff]!) };
}

/** Turns functions of one element into tables, and tables that follow each other into one. */
export function tabulate(graph: Graph): Graph {
  const readers = consumers(graph);
  const lookups = new Map<Tensor, Lookup>();
  const melted = new Set<Tensor>();
  const operators = graph.operators.map((operator): Operator => {
    let made = tabulated(operator);
    if (made.kind !== "lookup") return made;
    const [input] = made.inputs as [Tensor];
    const before = lookups.get(input);
    if (before && readers.get(input)!.length === 1 && !graph.outputs.includes(input)) {
      melted.add(input);
      made = chained(before, made);
    }
    lookups.set(made.output, made);
    return made;
  });
  return rebuild(
    graph,
    operators.filter(({ output }) => !melted.has(output)),
  );
}

/** A table's step. */
export function lowerLookup(operator: Lookup): Kernel {
  return {
    opcode: OPCODE_LOOKUP,
    clamp: { min: -128, max: 127 },
    // Indexed by the held byte: int8 -128 comes first.
    constants: [
      { field: STEP_WEIGHTS, bytes: Uint8Array.from({ length: 256 }, (_, x) => held(operator.table[x ^ 0x80]!)) },
    ],
  };
}
