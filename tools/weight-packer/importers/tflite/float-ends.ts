/** Float inputs and outputs around an integer network: what stands in float there moves values and computes none. */
import type { Problem } from "../../graph/errors.js";
import type { Tensor } from "../../graph/graph.js";
import { show } from "../../graph/rewrite.js";
import type { SourceModel } from "./model.js";

/** What may stand between a float end of the model and its QUANTIZE or DEQUANTIZE: values change their places only. */
const MOVES: readonly string[] = ["RESHAPE", "SQUEEZE", "EXPAND_DIMS", "TRANSPOSE"];

/** A model whose float inputs and outputs hold quantised values. */
export interface QuantisedEnds {
  model: SourceModel;
  /** The tensors (by index) that are float32 in the source. */
  floats: ReadonlySet<number>;
  problems: Problem[];
}

/** The tensors that inputs are moved to, and those that are moved to outputs. */
function reach({ operators, inputs, outputs }: SourceModel): { fromInputs: Set<number>; toOutputs: Set<number> } {
  const moves = operators.filter(({ name }) => MOVES.includes(name));
  const fromInputs = new Set(inputs);
  for (const op of moves) if (fromInputs.has(op.inputs[0] ?? -1)) op.outputs.forEach((t) => fromInputs.add(t));
  const toOutputs = new Set(outputs);
  for (const op of moves.reverse()) if (op.outputs.some((t) => toOutputs.has(t))) toOutputs.add(op.inputs[0] ?? -1);
  return { fromInputs, toOutputs };
}

function sameTerms(a: Tensor, b: Tensor): boolean {
  const [p, q] = [a.quantization, b.quantization];
  return a.type === b.type && p?.scale.join() === q?.scale.join() && p?.zeroPoint.join() === q?.zeroPoint.join();
}

/**
 * Gives every float32 tensor between an input and the QUANTIZE that reads it the type and quantisation of what that
 * writes, and every one between a DEQUANTIZE and the outputs those of what that reads. QUANTIZE and DEQUANTIZE change
 * nothing then, and melt; the host quantises and dequantises. Float tensors elsewhere stay, to be refused, and so is a
 * QUANTIZE that reads one of these tensors in other terms: what it computes is one of floats.
 */
export function quantiseEnds(model: SourceModel): QuantisedEnds {
  const made = new Map<number, Tensor>();
  const tensor = (index: number): Tensor => made.get(index) ?? model.tensors[index]!.tensor;
  const { fromInputs, toOutputs } = reach(model);
  const take = (index: number, from: number): void => {
    const { type, data } = tensor(index);
    if (type !== "float32" || data) return;
    const { quantization, type: quantised } = tensor(from);
    made.set(index, { ...tensor(index), type: quantised, ...(quantization && { quantization }) });
  };
  const operators = model.operators.filter(({ inputs, outputs }) => (inputs[0] ?? -1) >= 0 && outputs.length === 1);
  for (const { name, inputs, outputs } of [...operators].reverse()) {
    const tells = name === "QUANTIZE" || (MOVES.includes(name) && made.has(outputs[0]!));
    if (tells && fromInputs.has(inputs[0]!)) take(inputs[0]!, outputs[0]!);
  }
  for (const { name, inputs, outputs } of operators) {
    const tells = name === "DEQUANTIZE" || (MOVES.includes(name) && made.has(inputs[0]!));
    if (tells && (toOutputs.has(outputs[0]!) || made.has(inputs[0]!))) take(outputs[0]!, inputs[0]!);
  }
  const problems = operators
    .filter(({ name, inputs }) => name === "QUANTIZE" && made.has(inputs[0]!))
    .filter(({ inputs, outputs }) => !sameTerms(tensor(inputs[0]!), tensor(outputs[0]!)))
    .map(({ index, name, inputs, outputs }) => ({
      operator: index,
      name,
      tensors: [inputs[0]!, outputs[0]!].map((t) => show(model.tensors[t]!.tensor)),
      reason: "it quantises a float tensor in other terms than another operator",
    }));
  const tensors = model.tensors.map((source) => ({ ...source, tensor: tensor(source.index) }));
  return { model: { ...model, tensors }, floats: new Set(made.keys()), problems };
}
