import type { Extremum } from "../../graph/graph.js";
import type { ElementFunction } from "../lookup.js";

/** MAXIMUM and MINIMUM with a constant. Reference: TFLite's maximum_minimum.cc, which compares bytes. */
export function extremumFunction(operator: Extremum): ElementFunction {
  const value = (operator.constant!.data as Int8Array)[0]!;
  return operator.kind === "maximum" ? (q) => Math.max(q, value) : (q) => Math.min(q, value);
}
