/** Compiles every build of the engine that asconfig.json names. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const compiler = fileURLToPath(new URL("../bin/asc.js", import.meta.resolve("assemblyscript")));
for (const target of Object.keys(JSON.parse(readFileSync("asconfig.json", "utf8")).targets)) {
  const { status } = spawnSync(process.execPath, [compiler, "--config", "asconfig.json", "--target", target], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
