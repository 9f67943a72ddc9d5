/**
 * Runs as-pect over assembly/__tests__. Its launcher exits with 0 when its child dies of a signal, so success is only
 * what exits with 0 and says so in its summary.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

// By its path: the package exports no entry for it.
const launcher = fileURLToPath(new URL("../../node_modules/@as-pect/cli/bin/asp.js", import.meta.url));
const child = spawn(process.execPath, [launcher, "--config", "as-pect.config.js", "--summary", "--no-logo"]);
let output = "";
for (const stream of ["stdout", "stderr"]) {
  child[stream].on("data", (chunk) => {
    output += chunk;
    process[stream].write(chunk);
  });
}
child.on("close", (code) => {
  const passed = code === 0 && /\[Result\]:.*Pass!/.test(output);
  if (!passed) console.error(`as-pect did not pass (exit code ${code})`);
  process.exitCode = passed ? 0 : 1;
});
