/**
 * `npm run bench`: installs bench's own packages if they are not there, and runs the suite (main.js) through tsx, for
 * the packer is TypeScript.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { stdio: "inherit", ...options });
  if (status !== 0) process.exit(status ?? 1);
}

const { dependencies } = JSON.parse(readFileSync(here("package.json"), "utf8"));
const installed = Object.keys(dependencies).every((name) => existsSync(here(`node_modules/${name}`)));
if (!installed) run("npm", ["ci", "--ignore-scripts"], { cwd: here("."), shell: true });
if (!existsSync(here("../dist/core.js"))) run("npm", ["run", "build"], { cwd: here(".."), shell: true });
run(process.execPath, ["--import", "tsx", here("main.js"), ...process.argv.slice(2)]);
