import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where Linux describes the first processor's caches. */
const LINUX_CACHES = "/sys/devices/system/cpu/cpu0/cache";

/** Bytes that are taken where the system does not tell: what a core's share of the last cache is on many machines. */
const USUAL_BYTES = 4 * 1024 * 1024;

/**
 * Bytes of the processor's last cache, where the system tells.
 *
 * @param folder a folder for each cache, with the files `level` (a number) and `size` (such as 32768K)
 */
export function lastLevelCacheBytes(folder = LINUX_CACHES): number {
  try {
    const caches = readdirSync(folder)
      .filter((name) => name.startsWith("index"))
      .map((name) => {
        const [level, size] = ["level", "size"].map((file) => readFileSync(join(folder, name, file), "utf8").trim());
        return { level: Number(level), bytes: 1024 * Number(/^(\d+)K$/.exec(size!)![1]) };
      })
      .sort((a, b) => b.level - a.level);
    return caches[0]!.bytes;
  } catch {
    return USUAL_BYTES;
  }
}
