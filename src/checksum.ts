import { CHECKSUM_BASIS, CHECKSUM_PRIME } from "../assembly/layout.js";
import { viewOf } from "./records.js";

/**
 * The checksum of a packed file, or of a linked file's table: four interleaved FNV-1a lanes over the 32-bit words from
 * byte 16 on, folded into one. The same as `checksum` in assembly/validate.ts.
 *
 * @param file a multiple of 16 bytes
 */
export function checksum(file: Uint8Array): number {
  const view = viewOf(file);
  const lanes = [CHECKSUM_BASIS, CHECKSUM_BASIS, CHECKSUM_BASIS, CHECKSUM_BASIS];
  for (let at = 16; at < file.length; at += 16) {
    for (let lane = 0; lane < 4; lane++) {
      lanes[lane] = Math.imul(lanes[lane]! ^ view.getUint32(at + 4 * lane, true), CHECKSUM_PRIME);
    }
  }
  return lanes.slice(1).reduce((sum, lane) => Math.imul(sum ^ lane, CHECKSUM_PRIME), lanes[0]!) >>> 0;
}
