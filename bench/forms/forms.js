/** Writes a model in every form that some runtime takes, with one input, into a folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAnyInfo } from "../../src/detection-info.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { floatForm } from "./float.js";
import { onnxFile, quantisedOnnxFile } from "./onnx.js";
import { tfjsFiles } from "./tfjs.js";

/**
 * @typedef {object} Forms
 * @property {boolean} float whether there are float.json with float.bin, model.onnx and model.int8.onnx
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
  write("model.tflite", source);
  const { values, ...facts } = writePacked(packed.file, folder);
  write("input.f32", new Uint8Array(values.buffer));
  return {
    name,
    macs: packed.report.macs,
    sourceBytes: source.length,
    ...facts,
    forms: { shape: facts.input.shape, ...writeFloat({ name, source }, write) },
  };
}

/**
 * Writes a packed file and an input for it.
 *
 * @param {Uint8Array} file
 * @param {string} folder is there
 * @returns what is known of it; `values` are the input's real values
 */
export function writePacked(file, folder) {
  const { input, outputs, arenaBytes } = readAnyInfo(file);
  const { type, length, scale, zeroPoint, height, width, channels } = input;
  const bytes = noise(length);
  const quantised = type === "int8" ? new Int8Array(bytes.buffer) : bytes;
  writeFileSync(join(folder, "model.midge"), file);
  writeFileSync(join(folder, "input.bin"), bytes);
  return {
    packedBytes: file.length,
    arenaBytes,
    input: { ...port(input), shape: [1, height, width, channels] },
    output: port(outputs[0]),
    values: Float32Array.from(quantised, (q) => scale * (q - zeroPoint)),
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
    write("model.int8.onnx", quantisedOnnxFile(network));
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
