/** What an operator's reader sees: its tensors and options, checked, and a place to leave what is wrong. */
import type { Problem } from "../../graph/errors.js";
import type { Activation, Tensor } from "../../graph/graph.js";
import { show } from "../../graph/rewrite.js";
import { BUILTINS, DENSE, FIXED_SHAPE, FULL_INTEGER } from "./advice.js";
import { ACTIVATION_NAMES, ACTIVATIONS } from "./fields.js";
import type { Table } from "./flatbuffer.js";
import type { SourceModel, SourceOperator } from "./model.js";
import type { SourceTensor } from "./tensors.js";

/** Ends the reading of an operator whose problem has been noted. */
export class Refused extends Error {}

const RANGE = { int8: [-128, 127], uint8: [0, 255] } as const;

/** Whether a quantised 8-bit tensor's scales are finite and positive and its zero points within the type. */
export function quantisationFault(tensor: Tensor): string | undefined {
  const q = tensor.quantization;
  if (!q) return `'${tensor.name}' has no scale`;
  const bad = q.scale.find((s) => !(s > 0 && Number.isFinite(s)));
  if (bad !== undefined) return `'${tensor.name}' has the scale ${bad}`;
  const [low, high] = tensor.type === "uint8" ? RANGE.uint8 : RANGE.int8;
  const zero = q.zeroPoint.find((z) => z < low || z > high);
  if (zero !== undefined) return `'${tensor.name}' has the zero point ${zero}, outside ${tensor.type}`;
  return undefined;
}

/** What may help against a tensor's fault, if anything is known. */
function adviceFor(fault: string): string | undefined {
  if (fault.endsWith("is sparse")) return DENSE;
  return fault.includes("has a dynamic shape") ? FIXED_SHAPE : undefined;
}

/**
 * What keeps a tensor from being an activation: 8-bit, one scale, fixed shape of at most four dimensions, batch 1.
 * `batched` allows more batches. Each fault comes with advice where there is some.
 */
export function activationFaults(
  { tensor, faults }: SourceTensor,
  batched = false,
): { reason: string; advice?: string }[] {
  const found: { reason: string; advice?: string }[] = faults.map((reason) => {
    const advice = adviceFor(reason);
    return { reason, ...(advice && { advice }) };
  });
  const name = `'${tensor.name}'`;
  if (tensor.type !== "int8" && tensor.type !== "uint8") {
    return [
      ...found,
      { reason: `${name} is ${tensor.type}, only int8 and uint8 activations run`, advice: FULL_INTEGER },
    ];
  }
  const { shape } = tensor;
  if (shape.length > 4) found.push({ reason: `${name} has ${shape.length} dimensions, at most 4 run` });
  if (shape.length > 1 && shape[0] !== 1 && !batched)
    found.push({ reason: `${name} has a batch of ${shape[0]}`, advice: FIXED_SHAPE });
  if (shape.some((n) => n === 0)) found.push({ reason: `${name} is empty` });
  const fault = quantisationFault(tensor);
  if (fault) found.push({ reason: fault, advice: FULL_INTEGER });
  else if (tensor.quantization!.scale.length > 1)
    found.push({ reason: `${name} has a scale per channel, activations have one` });
  return found;
}

/** Checked access to one operator. `refuse` notes a problem and goes on; `stop` notes it and throws Refused. */
export class OperatorView {
  private readonly reasons: string[] = [];
  private readonly advice = new Set<string>();

  /**
   * @param written which tensors (by index) are there when the operator runs
   * @param optionsType the options' table type that the operator should have; any if undefined
   * @param batched tensors (by index) that may have batches, between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND
   */
  constructor(
    private readonly model: SourceModel,
    readonly source: SourceOperator,
    private readonly written: ReadonlySet<number>,
    optionsType?: number,
    private readonly batched: ReadonlySet<number> = new Set(),
  ) {
    const foreign = source.options && optionsType !== undefined && source.optionsType !== optionsType;
    if (foreign) this.refuse("its options are another operator's");
  }

  /** The problem as far as found. */
  problem(): Problem | undefined {
    if (!this.reasons.length) return undefined;
    const tensors = [...this.source.inputs, ...this.source.outputs].filter((i) => i >= 0);
    return {
      operator: this.source.index,
      name: this.source.name,
      tensors: tensors.map((i) => show(this.model.tensors[i]!.tensor)),
      reason: [...new Set(this.reasons)].join("; "),
      ...(this.advice.size && { advice: [...this.advice] }),
    };
  }

  refuse(reason: string, advice?: string): void {
    this.reasons.push(reason);
    if (advice) this.advice.add(advice);
  }

  stop(reason: string, advice?: string): never {
    this.refuse(reason, advice);
    throw new Refused();
  }

  /** Stops at an operator that nothing reads; names what is wrong with its constants and outputs whatever reads them. */
  unsupported(): never {
    this.refuse("this operator is not supported", BUILTINS);
    const { inputs, outputs } = this.source;
    const constants = inputs.filter((i) => i >= 0 && this.model.tensors[i]!.tensor.data);
    for (const i of [...constants, ...outputs]) {
      for (const fault of this.model.tensors[i]!.faults) this.refuse(fault, adviceFor(fault));
    }
    throw new Refused();
  }

  /** Refuses unless the condition holds. */
  require(condition: boolean, reason: string, advice?: string): void {
    if (!condition) this.refuse(reason, advice);
  }

  /** Stops unless the operator has so many inputs and one output. */
  counts(least: number, most = least): void {
    const { outputs } = this.source;
    this.countInputs(least, most);
    if (outputs.length !== 1) this.stop(`it has ${outputs.length} outputs`);
  }

  /** Stops unless the operator has so many inputs; of operators with any number of outputs. */
  countInputs(least: number, most = least): void {
    const { inputs } = this.source;
    if (inputs.length < least || inputs.length > most) this.stop(`it has ${inputs.length} inputs`);
  }

  private at(input: number): SourceTensor | undefined {
    const index = this.source.inputs[input];
    return index === undefined || index < 0 ? undefined : this.model.tensors[index];
  }

  private judge(source: SourceTensor): Tensor {
    for (const { reason, advice } of activationFaults(source, this.batched.has(source.index)))
      this.refuse(reason, advice);
    return source.tensor;
  }

  /** The activation at an input. Stops where it is absent, constant or not yet written; refuses other faults. */
  activation(input: number): Tensor {
    const source = this.at(input) ?? this.stop(`input ${input} is absent`);
    if (source.tensor.data) this.stop(`input '${source.tensor.name}' is a constant`);
    if (!this.written.has(source.index)) this.refuse(`'${source.tensor.name}' is read before anything writes it`);
    return this.judge(source);
  }

  /** The output. Refuses what cannot be an activation, or is written already. */
  output(): Tensor {
    return this.outputs()[0]!;
  }

  /** All outputs, at least one; refuses as `output` does. */
  outputs(): Tensor[] {
    const { outputs } = this.source;
    if (!outputs.length) this.stop("it has no outputs");
    return outputs.map((index) => this.made(this.model.tensors[index]!));
  }

  private made(source: SourceTensor): Tensor {
    if (source.tensor.data) this.refuse(`output '${source.tensor.name}' is a constant`);
    if (this.written.has(source.index)) this.refuse(`'${source.tensor.name}' is written twice`);
    return this.judge(source);
  }

  /** An output of indices: int32 or int64, of a fixed shape. Refuses others, and what is written already. */
  indices(): Tensor {
    const { index, tensor, faults } = this.model.tensors[this.source.outputs[0]!]!;
    for (const fault of faults) this.refuse(fault, adviceFor(fault));
    this.require(tensor.type === "int32" || tensor.type === "int64", `'${tensor.name}' is ${tensor.type}`);
    this.require(!tensor.data, `output '${tensor.name}' is a constant`);
    this.require(!this.written.has(index), `'${tensor.name}' is written twice`);
    return tensor;
  }

  /** The constant at an input. Stops where it is absent, computed or has faults. */
  constant(input: number, role: string): Tensor {
    return this.optionalConstant(input, role) ?? this.stop(`it has no ${role}`);
  }

  /** The constant at an input, undefined where the input is absent. Stops where it is computed or has faults. */
  optionalConstant(input: number, role: string): Tensor | undefined {
    const source = this.at(input);
    if (!source) return undefined;
    const { tensor, faults } = source;
    for (const fault of faults) this.refuse(fault, adviceFor(fault));
    if (faults.length) throw new Refused();
    if (!tensor.data)
      this.stop(`its ${role} '${tensor.name}' ${tensor.shape.includes(0) ? "are empty" : "are no constant"}`);
    return tensor;
  }

  /** Whether an input is a constant. */
  isConstant(input: number): boolean {
    return this.at(input)?.tensor.data !== undefined;
  }

  /** The integers of a constant int32 or int64 input. Stops where it is something else. */
  integers(input: number, role: string): number[] {
    const { name, type, data } = this.constant(input, role);
    if (data instanceof Int32Array) return Array.from(data);
    if (data instanceof BigInt64Array) return Array.from(data, Number);
    return this.stop(`its ${role} '${name}' are ${type}`);
  }

  /** The options, undefined where all have their default. */
  get options(): Table | undefined {
    return this.source.options;
  }

  /** The fused activation in an options' field. */
  fused(slot: number): Activation {
    const number = this.options?.int8(slot) ?? 0;
    const activation = ACTIVATIONS[number];
    if (activation) return activation;
    this.refuse(`its fused activation is ${ACTIVATION_NAMES[number] ?? `number ${number}`}`);
    return "none";
  }

  /** Refuses unless all tensors have one element type. */
  sameType(...tensors: Tensor[]): void {
    const types = new Set(tensors.map((t) => t.type));
    if (types.size > 1) this.refuse(`its tensors differ in type: ${[...types].join(" and ")}`);
  }

  /** Refuses unless a tensor has this shape. */
  shape(tensor: Tensor, expected: readonly number[], role: string): void {
    const same = tensor.shape.length === expected.length && tensor.shape.every((n, i) => n === expected[i]);
    if (!same) this.refuse(`its ${role} should be [${expected.join(", ")}]`);
  }

  /** Refuses unless both tensors have one scale and zero point: the operator copies bytes. */
  sameQuantization(a: Tensor, b: Tensor, tolerance = 0): void {
    const [p, q] = [a.quantization, b.quantization];
    if (!p || !q) return;
    const same = Math.abs(p.scale[0]! - q.scale[0]!) <= tolerance && p.zeroPoint[0] === q.zeroPoint[0];
    if (!same) this.refuse(`'${a.name}' and '${b.name}' differ in scale or zero point`);
  }

  /** The fields that every operator has. */
  base(inputs: Tensor[], output: Tensor): { index: number; source: string; inputs: Tensor[]; output: Tensor } {
    return { index: this.source.index, source: this.source.name, inputs, output };
  }
}
