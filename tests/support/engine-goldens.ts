/** Golden operator cases of tests/models/operators.json.gz, bytes decoded. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** What the goldens say of an input or output. */
export interface GoldenPort {
  name: string;
  dtype: "int8" | "uint8" | "int32" | "int64";
  shape: number[];
  scale: number;
  zero_point: number;
}

/** One operator with its cases. */
export interface GoldenOperator {
  name: string;
  /** The operator meant. */
  op: string;
  inputs: GoldenPort[];
  outputs: GoldenPort[];
  /** The .tflite file. */
  model: Uint8Array;
  /** Outputs as the engine gives them: of indices the lowest byte of each. */
  cases: { name: string; inputs: Uint8Array[]; outputs: Uint8Array[] }[];
}

/** Base64 to bytes. */
export function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** A tensor's bytes as the engine gives them: of int32 and int64 the lowest byte of each element. */
export function engineBytes(bytes: Uint8Array, dtype: string): Uint8Array {
  const width = { int32: 4, int64: 8 }[dtype] ?? 1;
  return bytes.filter((_, i) => i % width === 0);
}

type Encoded<T> = { [K in keyof T]: T[K] extends Uint8Array ? string : T[K] extends object ? Encoded<T[K]> : T[K] };

/** The cases of one list of a file. */
export function goldenOperators(
  list: "operators" | "two_inputs" | "later",
  file = "operators.json.gz",
): GoldenOperator[] {
  const packed = readFileSync(new URL(`../models/${file}`, import.meta.url));
  const raw = JSON.parse(gunzipSync(packed).toString()) as Record<typeof list, Encoded<GoldenOperator>[]>;
  return raw[list].map(
    (entry) =>
      ({
        ...entry,
        model: decode(entry.model),
        cases: entry.cases.map((c) => ({
          name: c.name,
          inputs: c.inputs.map(decode),
          outputs: c.outputs.map((bytes, k) => engineBytes(decode(bytes), entry.outputs[k]!.dtype)),
        })),
      }) as GoldenOperator,
  );
}

/** What the goldens say of an input or output of a cousin. */
export type CousinPort = Omit<GoldenPort, "dtype"> & { dtype: "int8" | "uint8" | "float32" };

/** A case of tests/models/operators-cousins.json.gz: bytes as the source model takes and gives them. */
export type Cousin = Omit<GoldenOperator, "inputs" | "outputs"> & { inputs: CousinPort[]; outputs: CousinPort[] };

/** All cases of operators-cousins.json.gz. */
export function goldenCousins(): Cousin[] {
  const packed = readFileSync(new URL("../models/operators-cousins.json.gz", import.meta.url));
  const { operators } = JSON.parse(gunzipSync(packed).toString()) as { operators: Encoded<Cousin>[] };
  return operators.map(
    (entry) =>
      ({
        ...entry,
        model: decode(entry.model),
        cases: entry.cases.map((c) => ({
          name: c.name,
          inputs: c.inputs.map(decode),
          outputs: c.outputs.map(decode),
        })),
      }) as Cousin,
  );
}
