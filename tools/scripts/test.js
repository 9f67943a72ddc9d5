/**
 * Runs node's test runner over tests/**\/*.test.ts (or the folders and files named), TypeScript by tsx. Node 20's own
 * --test takes no patterns, and the shells of npm scripts differ.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const given = process.argv.slice(2);
const paths = given.filter((argument) => !argument.startsWith("-"));
const flags = given.filter((argument) => argument.startsWith("-"));

/** Test files at or below a path, sorted. */
function find(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, name))
    .filter((name) => name.endsWith(".test.ts"))
    .sort();
}

const files = (paths.length > 0 ? paths : ["tests"]).flatMap(find);
const { status } = spawnSync(
  process.execPath,
  // node leaves one processor idle, of two that is half of them.
  [
    "--import",
    "tsx",
    "--test",
    `--test-concurrency=${availableParallelism()}`,
    "--test-reporter=spec",
    ...flags,
    ...files,
  ],
  {
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
