/** Writes a model in every form that some runtime takes, with one input, into a folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAnyInfo } from "../../src/detection-info.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { floatForm } from "./float.js";
import { onnxFile } from "./onnx.js";
import { tfjsFiles } from "./tfjs.js";

/**
 * @typedef {object} Forms
 * @property {boolean} float whether there are float.json with float.bin, and model.onnx
 * @property {string} [reason] why not
 * @property {number[]} shape of the input, four dimensions
 */

/**
 * @param {{ name: string, source: Uint8Array }} model
 * @param {string} folder is made
 * @returns what is known of the model
 * @throws ImportError where Midge cannot take the model
 */
export function writeForms({ name, source }, folder) {
  mkdirSync(folder, { recursive: true });
  const write = (file, data) => writeFileSync(join(folder, file), data);
  const packed = packModel(source, `${name}.tflite`);
  const info = readAnyInfo(packed.file);
  const { type, length, scale, zeroPoint, height, width, channels } = info.input;
  const bytes = noise(length);
  const quantised = type === "int8" ? new Int8Array(bytes.buffer) : bytes;
  write("model.tflite", source);
  write("model.midge", packed.file);
  write("input.bin", bytes);
  write("input.f32", new Uint8Array(Float32Array.from(quantised, (q) => scale * (q - zeroPoint)).buffer));
  return {
    name,
    macs: packed.report.macs,
    sourceBytes: source.length,
    packedBytes: packed.file.length,
    arenaBytes: info.arenaBytes,
    input: port(info.input),
    output: port(info.outputs[0]),
    forms: { shape: [1, height, width, channels], ...writeFloat({ name, source }, write) },
  };
}

function port({ type, shape, scale, zeroPoint }) {
  return { type, shape: [...shape], scale, zeroPoint };
}

function writeFloat({ name, source }, write) {
  try {
    const network = floatForm(source, `${name}.tflite`);
    const { json, blob } = tfjsFiles(network);
    write("float.json", json);
    write("float.bin", blob);
    write("model.onnx", onnxFile(network));
    return { float: true };
  } catch (error) {
    return { float: false, reason: error.message.split("\n")[0] };
  }
}

/** The same pseudo-random input every time (Lehmer's generator). */
function noise(length) {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = 20261124; i < length; i++) {
    state = (state * 48271) % 0x7fffffff;
    bytes[i] = state >>> 12;
  }
  return bytes;
}
