/** What machine this is: results without it mean nothing. */
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";

/** Instruction sets that decide between sorts of machines. */
const FEATURES = ["avx2", "avx_vnni", "avx512_vnni", "asimddp", "i8mm"];

/** V8's flags for leaving instructions for dot products of bytes alone, as it has to on x86 with AVX2 only. */
export const WITHOUT_VNNI = ["--no-enable-avx-vnni", "--no-enable-avx-vnni-int8"];

/**
 * @param {boolean} withoutVnni whether hosts run so
 * @returns the machine's description; instruction sets and the family only where the system tells
 */
export function machine(withoutVnni) {
  const text = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const line = (name) => new RegExp(`^(?:${name})\\s*:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
  const flags = new Set(line("flags|Features").split(" "));
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    family: line("cpu family"),
    model: line("model"),
    cores: cpus().length,
    features: FEATURES.filter((feature) => flags.has(feature) && !(withoutVnni && feature.includes("vnni"))),
    ...(withoutVnni && { withheld: "VNNI, by V8's flags" }),
    memoryBytes: totalmem(),
    system: `${platform()} ${arch()}`,
  };
}

/** Versions of the measured packages. @param {string} file bench's lock */
export function versions(file) {
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  const names = Object.keys(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).dependencies);
  return Object.fromEntries(
    names
      .filter((name) => /litertjs|tensorflow|onnxruntime/.test(name))
      .map((name) => [name, packages[`node_modules/${name}`].version]),
  );
}
