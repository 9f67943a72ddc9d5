/** Times of single layers, by `midge bench --layers` in one of the hosts. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { round } from "./statistics.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * @param {import("../hosts/host.js").Host} host a Node
 * @param {string} folder of the model's forms, from bench/
 * @param {number} seconds
 * @returns for each build its peak in MACs a second, and of each layer that multiplies what a roofline needs
 */
export async function measureLayers({ executable, name }, folder, seconds) {
  const args = [here("../../dist/midge.js"), "bench", here(`../${folder}/model.tflite`), "--layers", "--json"];
  const { stdout } = await promisify(execFile)(executable, [...args, "--seconds", String(seconds)], {
    maxBuffer: 1 << 26,
  });
  const { variants } = JSON.parse(stdout);
  const builds = Object.entries(variants).map(
    ([variant, { peakMacsPerSecond, layers, sumMs, layerByLayer, planned }]) => ({
      variant,
      peak: round(peakMacsPerSecond),
      sumMs: round(sumMs),
      layerByLayerMs: round(layerByLayer.minMs),
      plannedMs: round(planned.minMs),
      layers: layers.filter(({ macs }) => macs > 0).map(facts),
    }),
  );
  return { host: name, builds };
}

function facts({ step, operator, kind, input, output, macs, parameters, minMs }) {
  const elements = (shape) => shape.reduce((a, b) => a * b, 1);
  // A byte an element; biases and multipliers are few.
  const bytes = elements(input) + elements(output) + parameters;
  return { step, operator, kind, input: input.join("x"), output: output.join("x"), macs, bytes, minMs: round(minMs) };
}
