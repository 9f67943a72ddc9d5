/** The models that are measured. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeForms } from "../forms/forms.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const build = fileURLToPath(new URL("../build", import.meta.url));

/** Ours, and published ones, which are measured where ../shared/models holds them; these in a quick run. */
const QUICK = ["cifar10_mobilenet_v2", "vww_96_int8", "mobilenet_v1_0.25_128_quant", "tf2_mobilenet_v2_1.0_224_ptq"];

/** Where there are none of these: small ones with random weights that the tests use. */
const FOLDERS = ["models", "../shared/models"];
const LAST = "tests/models";

/**
 * Writes the forms of the chosen models to bench/build/.
 *
 * @param {{ quick: boolean, pattern?: string }} options `pattern` is a part of names
 * @returns models, the smallest first, and those that Midge cannot take with its reason
 */
export function prepareModels({ quick, pattern }) {
  let files = FOLDERS.flatMap(sources);
  if (files.length === 0) files = sources(LAST);
  rmSync(join(build, "models"), { recursive: true, force: true });
  const models = [];
  const refused = [];
  for (const file of files) {
    const name = basename(file, ".tflite");
    if (pattern ? !name.includes(pattern) : quick && !isQuick(name, files)) continue;
    const folder = `build/models/${name}`;
    try {
      models.push({ ...writeForms({ name, source: readFileSync(file) }, join(build, "models", name)), folder });
    } catch (error) {
      refused.push({ name, reason: error.message.split("\n")[0] });
    }
  }
  return { models: models.sort((a, b) => a.macs - b.macs), refused };
}

function sources(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => name.endsWith(".tflite"))
    .map((name) => join(path, name));
}

/** A quick run takes the listed models; all, where there is none of them. */
function isQuick(name, files) {
  return QUICK.includes(name) || !files.some((file) => QUICK.includes(basename(file, ".tflite")));
}
