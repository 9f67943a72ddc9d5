import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of something in the folder of large test data beside the project's, which only some machines have. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
}

/** For a test's `skip`: false where the data is there, else the reason, which the test runner prints. */
export function without(path: string): string | false {
  return existsSync(shared(path)) ? false : `../shared/${path} is not here`;
}
