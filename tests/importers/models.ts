/** Where the tests' models lie. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const COMMITTED = new URL("../models/", import.meta.url);
const SHARED = new URL("../../../shared/models/", import.meta.url);

export interface Model {
  name: string;
  bytes: Uint8Array;
}

function list(folder: URL): Model[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".tflite"))
    .sort();
  return files.map((file) => ({ name: file, bytes: readFileSync(new URL(file, folder)) }));
}

/** The small networks in the repository. */
export function committedModels(): Model[] {
  return list(COMMITTED);
}

/** The published models, undefined where they are not on this machine. */
export function sharedModels(): Model[] | undefined {
  return existsSync(SHARED) ? list(SHARED) : undefined;
}

interface Described {
  dtype: string;
  shape: number[];
  scale: number;
  zero_point: number;
}

/** One operator case of the repository. */
export interface OperatorCase {
  name: string;
  op: string;
  steps: string[];
  inputs: Described[];
  outputs: Described[];
  bytes: Uint8Array;
}

/** The operator cases of the repository: `operators` must import, `later` not yet, `two_inputs` never. */
export function operatorCases(kind: "operators" | "two_inputs" | "later"): OperatorCase[] {
  const file = JSON.parse(gunzipSync(readFileSync(new URL("operators.json.gz", COMMITTED))).toString("utf8")) as Record<
    typeof kind,
    (Omit<OperatorCase, "bytes"> & { model: string })[]
  >;
  return file[kind].map(({ model, ...rest }) => ({ ...rest, bytes: Buffer.from(model, "base64") }));
}
