/** Writes small .tflite files for tests: lawful and unlawful ones, field by field. */
import { Builder } from "flatbuffers";

/** A field of a table: its slot and a function that adds it. */
type Field = (builder: Builder) => void;

export interface TensorSpec {
  name?: string;
  shape: number[];
  /** TensorType; 9 = int8. */
  type?: number;
  scale?: number[];
  zeroPoint?: number[];
  dimension?: number;
  data?: Uint8Array;
  signature?: number[];
  sparse?: boolean;
  variable?: boolean;
  external?: number;
}

export interface OperatorSpec {
  code: number;
  custom?: string;
  inputs: number[];
  outputs: number[];
  /** Options: the table's type and its fields as [slot, kind, value]. */
  options?: { type: number; fields: [number, "byte" | "int" | "float", number][] };
  customOptions?: Uint8Array;
}

export interface ModelSpec {
  tensors: TensorSpec[];
  operators: OperatorSpec[];
  inputs?: number[];
  outputs?: number[];
  version?: number;
  subgraphs?: number;
  /** How often the list of tensors names the first one, instead of all of them once. */
  repeat?: number;
}

function ints(b: Builder, values: number[]): number {
  b.startVector(4, values.length, 4);
  for (const v of [...values].reverse()) b.addInt32(v);
  return b.endVector();
}

function floats(b: Builder, values: number[]): number {
  b.startVector(4, values.length, 4);
  for (const v of [...values].reverse()) b.addFloat32(v);
  return b.endVector();
}

function longs(b: Builder, values: number[]): number {
  b.startVector(8, values.length, 8);
  for (const v of [...values].reverse()) b.addInt64(BigInt(v));
  return b.endVector();
}

function offsets(b: Builder, values: number[]): number {
  b.startVector(4, values.length, 4);
  for (const v of [...values].reverse()) b.addOffset(v);
  return b.endVector();
}

function bytes(b: Builder, values: Uint8Array): number {
  b.startVector(1, values.length, 16);
  for (const v of [...values].reverse()) b.addInt8(v);
  return b.endVector();
}

function table(b: Builder, slots: number, fields: Field[]): number {
  b.startObject(slots);
  for (const field of fields) field(b);
  return b.endObject();
}

const offset =
  (slot: number, value: number): Field =>
  (b) =>
    b.addFieldOffset(slot, value, 0);
const int =
  (slot: number, value: number): Field =>
  (b) =>
    b.addFieldInt32(slot, value, 0);
const byte =
  (slot: number, value: number): Field =>
  (b) =>
    b.addFieldInt8(slot, value, 0);
const float =
  (slot: number, value: number): Field =>
  (b) =>
    b.addFieldFloat32(slot, value, 0);

function tensor(b: Builder, t: TensorSpec, buffer: number): number {
  const { scale = [0.5], zeroPoint = scale.map(() => 0), dimension = 0 } = t;
  const quantised = scale.length > 0;
  const [s, z] = [floats(b, scale), longs(b, zeroPoint)];
  const quantization = table(b, 7, [offset(2, s), offset(3, z), int(6, dimension)]);
  const shape = ints(b, t.shape);
  const name = b.createString(t.name ?? "t");
  const signature = t.signature ? ints(b, t.signature) : 0;
  const sparsity = t.sparse ? table(b, 3, []) : 0;
  return table(b, 11, [
    offset(0, shape),
    byte(1, t.type ?? 9),
    int(2, buffer),
    offset(3, name),
    ...(quantised ? [offset(4, quantization)] : []),
    byte(5, t.variable ? 1 : 0),
    offset(6, sparsity),
    offset(7, signature),
    int(10, t.external ?? 0),
  ]);
}

function operator(b: Builder, op: OperatorSpec, code: number): number {
  const [inputs, outputs] = [ints(b, op.inputs), ints(b, op.outputs)];
  const custom = op.customOptions ? bytes(b, op.customOptions) : 0;
  const options =
    op.options &&
    table(
      b,
      8,
      op.options.fields.map(([slot, kind, value]) =>
        kind === "byte" ? byte(slot, value) : kind === "int" ? int(slot, value) : float(slot, value),
      ),
    );
  return table(b, 6, [
    int(0, code),
    offset(1, inputs),
    offset(2, outputs),
    ...(options ? [byte(3, op.options!.type), offset(4, options)] : []),
    offset(5, custom),
  ]);
}

/** The file's bytes. Inputs and outputs default to the first and the last tensor. */
export function build(model: ModelSpec): Uint8Array {
  const b = new Builder(1024);
  const { tensors, operators, inputs = [0], outputs = [tensors.length - 1], version = 3, subgraphs = 1 } = model;
  const buffers = [table(b, 3, [])];
  const made = tensors.map((t) => {
    if (t.data) buffers.push(table(b, 3, [offset(0, bytes(b, t.data))]));
    return tensor(b, t, t.data ? buffers.length - 1 : 0);
  });
  const codes = operators.map((op) => {
    const custom = op.custom ? b.createString(op.custom) : 0;
    return table(b, 4, [byte(0, Math.min(op.code, 127)), offset(1, custom), int(3, op.code)]);
  });
  const ops = operators.map((op, i) => operator(b, op, i));
  const listed = model.repeat ? Array.from({ length: model.repeat }, () => made[0]!) : made;
  const parts = [offsets(b, listed), ints(b, inputs), ints(b, outputs), offsets(b, ops)];
  const graph = table(
    b,
    5,
    parts.map((value, slot) => offset(slot, value)),
  );
  const graphs = offsets(
    b,
    Array.from({ length: subgraphs }, () => graph),
  );
  const [codeList, bufferList] = [offsets(b, codes), offsets(b, buffers)];
  b.finish(table(b, 5, [int(0, version), offset(1, codeList), offset(2, graphs), offset(4, bufferList)]), "TFL3");
  return b.asUint8Array();
}

/** int32 values as constant bytes. */
export function int32s(...values: number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(values).buffer);
}

/** Conv2DOptions: padding (0 SAME, 1 VALID), strides, fused activation, dilations. */
export function convolutionOptions(
  padding = 0,
  stride = 1,
  activation = 0,
  dilation = 1,
): NonNullable<OperatorSpec["options"]> {
  return {
    type: 1,
    fields: [
      [0, "byte", padding],
      [1, "int", stride],
      [2, "int", stride],
      [3, "byte", activation],
      [4, "int", dilation],
      [5, "int", dilation],
    ],
  };
}

/** A 3x3 convolution of [1, 5, 6, 2] into 4 channels; parts can be replaced. */
export function convolutionModel(
  change: {
    input?: Partial<TensorSpec>;
    weights?: Partial<TensorSpec>;
    bias?: Partial<TensorSpec>;
    output?: Partial<TensorSpec>;
    options?: OperatorSpec["options"];
    operator?: Partial<OperatorSpec>;
    model?: Partial<ModelSpec>;
  } = {},
): ModelSpec {
  return {
    tensors: [
      { name: "input", shape: [1, 5, 6, 2], zeroPoint: [3], ...change.input },
      {
        name: "weights",
        shape: [4, 3, 3, 2],
        scale: [1, 2, 3, 4],
        data: Uint8Array.from({ length: 72 }, (_, i) => i),
        ...change.weights,
      },
      { name: "bias", shape: [4], type: 2, scale: [1, 2, 3, 4], data: int32s(1, -2, 3, -4), ...change.bias },
      { name: "output", shape: [1, 5, 6, 4], zeroPoint: [-7], ...change.output },
    ],
    operators: [
      { code: 3, inputs: [0, 1, 2], outputs: [3], options: change.options ?? convolutionOptions(), ...change.operator },
    ],
    ...change.model,
  };
}
