/** Golden detectors of tests/models/detection.json.gz, bytes decoded. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decode } from "./engine-goldens.js";

/** What the goldens say of an input or output. */
export interface DetectorPort {
  dtype: "int8" | "uint8" | "float32";
  shape: number[];
  scale: number;
  zero_point: number;
}

/** A model with its runs: TFLite_Detection_PostProcess by itself, or a network with heads. */
export interface Detector {
  name: string;
  inputs: DetectorPort[];
  outputs: DetectorPort[];
  model: Uint8Array;
  cases: { name: string; inputs: Uint8Array[]; outputs: Uint8Array[] }[];
}

type Raw = Omit<Detector, "model" | "cases"> & {
  model: string;
  cases: { name: string; inputs: string[]; outputs: string[] }[];
};

/** The models of one list of the file. */
export function goldenDetectors(list: "operators" | "networks"): Detector[] {
  const packed = readFileSync(new URL("../models/detection.json.gz", import.meta.url));
  const raw = (JSON.parse(gunzipSync(packed).toString()) as Record<typeof list, Raw[]>)[list];
  return raw.map(({ model, cases, ...rest }) => ({
    ...rest,
    model: decode(model),
    cases: cases.map((c) => ({ name: c.name, inputs: c.inputs.map(decode), outputs: c.outputs.map(decode) })),
  }));
}
