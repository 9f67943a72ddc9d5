/** Node, in the versions that bench's packages bring: a process of its own for every lane. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { converse, conversingLane } from "./host.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** @param {number} major @param {string[]} v8 flags for its JavaScript engine @returns {import("./host.js").Host} */
export function node(major, v8) {
  const name = `node ${major}`;
  const packaged = here(`../node_modules/node-${major}/bin/node`);
  const running = process.versions.node.startsWith(`${major}.`) ? process.execPath : undefined;
  const executable = existsSync(packaged) ? packaged : running;
  if (!executable) return { name, missing: `the package node-${major} is not installed (it is for Linux on x64)` };
  const start = () => converse(executable, [...v8, here("child.js")]);
  return {
    name,
    executable,
    version: execFileSync(executable, ["--version"], { encoding: "utf8" }).trim(),
    open: (job) => conversingLane(start(), job),
    async compile(path) {
      const { ask, close } = start();
      try {
        return await ask("compile", path);
      } finally {
        await close();
      }
    },
    close: async () => {},
  };
}
