/** Compiles every target of asconfig.json: the engine's builds, and the bases of slim engines. Two at a time. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const asc = fileURLToPath(new URL("../bin/asc.js", import.meta.resolve("assemblyscript")));
const targets = Object.keys(JSON.parse(readFileSync("asconfig.json", "utf8")).targets);

function compile(target) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [asc, "--config", "asconfig.json", "--target", target], { stdio: "inherit" });
    child.on("close", (code) => resolve(code === 0));
  });
}

async function work() {
  for (let target = targets.shift(); target; target = targets.shift()) {
    if (!(await compile(target))) {
      console.error(`${target} was not compiled`);
      process.exitCode = 1;
    }
  }
}

await Promise.all([work(), work()]);
