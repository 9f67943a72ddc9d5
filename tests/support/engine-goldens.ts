/** Golden operator cases of tests/models/operators.json.gz, bytes decoded. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** What the goldens say of an input or output. */
export interface GoldenPort {
  name: string;
  dtype: "int8" | "uint8";
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
  cases: { name: string; inputs: Uint8Array[]; outputs: Uint8Array[] }[];
}

/** Base64 to bytes. */
export function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}

type Encoded<T> = { [K in keyof T]: T[K] extends Uint8Array ? string : T[K] extends object ? Encoded<T[K]> : T[K] };

/** The cases of one list of the file. */
export function goldenOperators(list: "operators" | "two_inputs" | "later"): GoldenOperator[] {
  const packed = readFileSync(new URL("../models/operators.json.gz", import.meta.url));
  const raw = JSON.parse(gunzipSync(packed).toString()) as Record<typeof list, Encoded<GoldenOperator>[]>;
  return raw[list].map(
    (entry) =>
      ({
        ...entry,
        model: decode(entry.model),
        cases: entry.cases.map((c) => ({ name: c.name, inputs: c.inputs.map(decode), outputs: c.outputs.map(decode) })),
      }) as GoldenOperator,
  );
}
