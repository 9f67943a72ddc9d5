/** The models that are measured: the repository's own, and published ones where ../shared/models holds them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const published = [
  "vww_96_int8",
  "mobilenet_v1_0.25_128_quant",
  "tf2_mobilenet_v2_1.0_224_ptq",
  "mobilenet_v2_1.0_224_quant",
];

/** Name, source bytes, packed bytes, MACs and arena of each model. */
export function models() {
  const sources = [
    ["cifar10_mobilenet_v2", join(root, "models/cifar10_mobilenet_v2.tflite")],
    ...published.map((name) => [name, join(root, `../shared/models/${name}.tflite`)]),
  ];
  return sources.filter(([, path]) => existsSync(path)).map(([name, path]) => ({ name, ...pack(path) }));
}

function pack(path) {
  const folder = mkdtempSync(join(tmpdir(), "midge-bench-"));
  try {
    const packed = join(folder, "model.midge");
    const text = execFileSync(process.execPath, [join(root, "dist/midge.js"), "pack", path, "-o", packed, "--json"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { macs, arenaBytes } = JSON.parse(text);
    return { source: readFileSync(path), packed: readFileSync(packed), macs, arenaBytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
