/** Native TFLite from PyPI, in a virtual environment of bench's own: an outer reference, not a peer. */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { converse, conversingLane } from "./host.js";

const bench = fileURLToPath(new URL("..", import.meta.url));
const environment = join(bench, ".venv");
const python = join(environment, "bin/python");
const ready = join(environment, "ready");

/** @returns {import("./host.js").Host} */
export function native() {
  const name = "native";
  try {
    if (!existsSync(ready)) prepare();
    const version = run(python, ["-c", "from importlib.metadata import version as v; print(v('ai-edge-litert'))"]);
    return {
      name,
      version: `ai-edge-litert ${version.trim()}`,
      open: ({ folder, variant }) =>
        conversingLane(converse(python, [join(bench, "hosts/native.py")]), {
          variant,
          model: join(bench, folder, "model.tflite"),
          input: join(bench, folder, "input.bin"),
        }),
      close: async () => {},
    };
  } catch (error) {
    const reason = String(error.stderr || error.message).trim();
    return { name, missing: `ai-edge-litert cannot be had: ${reason.split("\n").at(-1)}` };
  }
}

function prepare() {
  run("python3", ["-m", "venv", "--clear", environment]);
  const requirements = join(bench, "hosts/requirements.txt");
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  writeFileSync(ready, "");
}

function run(command, args) {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
