import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { packModel } from "../../tools/weight-packer/pack.js";

const folder = new URL("../models/", import.meta.url);

/** A tensor's description in NAME.golden.json. */
export interface GoldenTensor {
  name: string;
  dtype: "int8" | "uint8";
  shape: number[];
  scale: number;
  zero_point: number;
}

/** NAME.golden.json, bytes decoded. */
export interface Golden {
  model: string;
  input: GoldenTensor;
  outputs: GoldenTensor[];
  cases: { name: string; input: Uint8Array; outputs: Uint8Array[] }[];
}

/** Names of the small models in tests/models. */
export const MODELS = readdirSync(folder)
  .filter((name) => name.endsWith(".tflite"))
  .map((name) => name.replace(/\.tflite$/, ""));

/** The path of a small model. */
export function modelPath(name: string): string {
  return fileURLToPath(new URL(`${name}.tflite`, folder));
}

/** A small model, packed. */
export function packed(name: string): Uint8Array {
  return packModel(readFileSync(modelPath(name)), `${name}.tflite`, {}).file;
}

/** A small model's golden cases. */
export function golden(name: string): Golden {
  const raw = JSON.parse(readFileSync(new URL(`${name}.golden.json`, folder), "utf8"));
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64"));
  const cases = raw.cases.map((c: { name: string; input: string; outputs: string[] }) => ({
    name: c.name,
    input: bytes(c.input),
    outputs: c.outputs.map(bytes),
  }));
  return { ...raw, cases };
}

/** Every operator's output of a small model's case picture0, as NAME.tensors.json.gz holds it. */
export function goldenTensors(name: string): (GoldenTensor & { op: number; kind: string; data: string })[] {
  return JSON.parse(gunzipSync(readFileSync(new URL(`${name}.tensors.json.gz`, folder))).toString());
}

/** Bytes as the typed array that a model of this type takes. */
export function typed(type: string, bytes: Uint8Array): Int8Array | Uint8Array {
  return type === "int8" ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
}
