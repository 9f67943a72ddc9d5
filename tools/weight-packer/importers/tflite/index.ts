/** TFLite files into the typed graph. */
import { ImportError, type Problem } from "../../graph/errors.js";
import type { Graph, Operator, Port, Tensor } from "../../graph/graph.js";
import { show } from "../../graph/rewrite.js";
import { SINGLE_INPUT } from "./advice.js";
import { cutDetection } from "./detection.js";
import { quantiseEnds } from "./float-ends.js";
import { readModel, type SourceModel } from "./model.js";
import { activationFaults, OperatorView, Refused } from "./operator.js";
import { OPERATORS } from "./operators/table.js";

export { ImportError, type Problem };

/** Which operators the outputs need. Inputs that only restate a shape are not followed. */
function needed(model: SourceModel): Set<number> {
  const tensors = new Set(model.outputs);
  const operators = new Set<number>();
  for (const op of [...model.operators].reverse()) {
    if (!op.outputs.some((t) => tensors.has(t))) continue;
    operators.add(op.index);
    const skipped = OPERATORS.get(op.code)?.shapeInputs ?? [];
    op.inputs.forEach((t, i) => skipped.includes(i) || tensors.add(t));
  }
  return operators;
}

function readOperators(
  model: SourceModel,
  written: Set<number>,
  problems: Problem[],
): { operators: Operator[]; foreign: Set<number> } {
  const operators: Operator[] = [];
  const foreign = new Set<number>();
  const batched = new Set<number>();
  const wanted = needed(model);
  for (const source of model.operators) {
    if (!wanted.has(source.index)) continue;
    const row = OPERATORS.get(source.code);
    const deals = row?.batches === "deals" || (row?.batches === "keeps" && batched.has(source.inputs[0] ?? -1));
    if (deals) source.outputs.forEach((t) => batched.add(t));
    const view = new OperatorView(model, source, written, row?.options, batched);
    try {
      const read = row ? [row.read(view)].flat() : view.unsupported();
      if (!view.problem()) operators.push(...read);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    const problem = view.problem();
    if (problem) {
      problems.push(problem);
      source.outputs.forEach((t) => foreign.add(t));
    }
    source.outputs.forEach((t) => written.add(t));
  }
  return { operators, foreign };
}

function port(tensor: Tensor, float: boolean): Port {
  const { name, type, shape, quantization } = tensor;
  return {
    tensor,
    name,
    type,
    shape: [...shape],
    scale: quantization?.scale[0] ?? 0,
    zeroPoint: quantization?.zeroPoint[0] ?? 0,
    ...(float && { float }),
  };
}

/** What is lawful but looks wrong. */
function suspicions(model: SourceModel, operators: readonly Operator[]): string[] {
  const warnings: string[] = [];
  // What TFLite fixes the scale of says nothing.
  const free = operators.filter(({ kind }) => kind !== "logistic" && kind !== "softmax");
  const scales = free.map((op) => op.output.quantization?.scale[0]);
  if (scales.length > 2 && scales.every((s) => s === 1)) {
    warnings.push(
      "every activation has the scale 1: the quantisation looks like a placeholder, outputs will mean little",
    );
  }
  if (model.subgraphs > 1) warnings.push(`only the first of ${model.subgraphs} subgraphs is taken`);
  return warnings;
}

/**
 * Reads a .tflite file into the graph, operators in the file's order and NHWC shapes with the batch as in the file.
 * Operators that no output needs are left out. Constant int8 and uint8 data are views into `bytes`.
 *
 * Throws ImportError, and only that: for a damaged, truncated or foreign file with the first thing that is wrong, for
 * a model that cannot be taken with every problem of the whole model.
 *
 * @param bytes the file
 * @param file its name, for messages and for the graph's name
 */
export function importTflite(bytes: Uint8Array, file: string): Graph {
  const cut = cutDetection(readModel(bytes, file));
  const { model, floats, ...ends } = quantiseEnds(cut.model);
  const { detection } = cut;
  const problems = [...cut.problems, ...ends.problems];
  const tensorAt = (index: number) => model.tensors[index]!;
  const judge = (role: string, index: number) => {
    for (const { reason, advice } of activationFaults(tensorAt(index))) {
      problems.push({ reason: `the model's ${role} ${reason}`, ...(advice && { advice: [advice] }) });
    }
  };

  if (model.inputs.length !== 1) {
    const list = model.inputs.map((i) => show(tensorAt(i).tensor)).join(", ");
    problems.push({
      reason: `it has ${model.inputs.length} inputs instead of one${list && `: ${list}`}`,
      advice: [SINGLE_INPUT],
    });
  }
  model.inputs.forEach((i) => judge("input", i));
  const constantInput = model.inputs.find((i) => tensorAt(i).tensor.data);
  if (constantInput !== undefined)
    problems.push({ reason: `its input '${tensorAt(constantInput).tensor.name}' is a constant` });

  const written = new Set(model.inputs);
  const { operators, foreign } = readOperators(model, written, problems);

  const indices = new Set(operators.filter((op) => op.kind === "arg_max").map((op) => op.output));
  if (!model.outputs.length) problems.push({ reason: "it has no outputs" });
  for (const i of model.outputs) {
    if (!written.has(i)) problems.push({ reason: `nothing writes its output ${show(tensorAt(i).tensor)}` });
    else if (!foreign.has(i) && !model.inputs.includes(i) && !indices.has(tensorAt(i).tensor)) judge("output", i);
  }
  if (problems.length) throw new ImportError(file, problems, operators);

  const input = tensorAt(model.inputs[0]!).tensor;
  const outputs = model.outputs.map((i) => tensorAt(i).tensor);
  return {
    name: file.replace(/^.*[\\/]/, "").replace(/\.tflite$/i, ""),
    operators,
    input,
    outputs,
    inputPort: port(input, floats.has(model.inputs[0]!)),
    outputPorts: model.outputs.map((i) => port(tensorAt(i).tensor, floats.has(i))),
    ...(detection && { detection }),
    warnings: suspicions(model, operators),
  };
}
