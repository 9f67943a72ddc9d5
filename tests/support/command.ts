import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../dist/midge.js", import.meta.url));

/** Runs the built `midge` with these arguments. */
export function midge(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });
}

/** Runs `midge` with --json. @returns what it printed @throws Error if it failed */
export function midgeJson<T>(...args: string[]): T {
  const { status, stdout, stderr } = midge(...args, "--json");
  if (status !== 0) throw new Error(`midge ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** A folder that is removed after the file's tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "midge-test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
