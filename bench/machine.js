/** What machine this is: results without it mean nothing. */
import { existsSync, readFileSync } from "node:fs";
import { cpus, platform, release } from "node:os";

/** Instruction sets that decide between the sorts of machine. */
const FEATURES = ["avx2", "avx_vnni", "avx512_vnni", "asimddp"];

/** @param browser the browser's name and version */
export function machine(browser) {
  const info = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const flags = new Set((/^(?:flags|Features)\s*:\s*(.*)$/m.exec(info)?.[1] ?? "").split(" "));
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${cpus()[0]?.model ?? "unknown"} x ${cpus().length}`,
    features: FEATURES.filter((feature) => flags.has(feature)),
    system: `${platform()} ${release()}`,
    node: process.version,
    browser,
  };
}
