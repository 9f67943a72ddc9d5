/**
 * How many blocks of eight output channels have lines, and how many have their weights' zero point subtracted
 * (BLOCK flags): `npm run blocks -- MODEL.tflite...`
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import Table from "cli-table3";
import * as layout from "../../assembly/layout.js";
import { packModel } from "../weight-packer/pack.js";
import { Records } from "../weight-packer/records.js";

/** Blocks of one kind, and those of them that have a flag. */
class Share {
  all = 0;
  flagged = 0;

  add(flagged: boolean): void {
    this.all++;
    if (flagged) this.flagged++;
  }

  toString(): string {
    return this.all ? `${this.flagged} of ${this.all} (${((100 * this.flagged) / this.all).toFixed(1)} %)` : "-";
  }
}

const head = ["model", "clamped: one rounding", "two roundings", "linear: one rounding", "with a zero point: int8"];
const table = new Table({ head, style: { head: [], border: [] } });
for (const path of process.argv.slice(2)) {
  const records = new Records(packModel(readFileSync(path), path).file);
  const [fused, rounded, linear, centred] = [new Share(), new Share(), new Share(), new Share()];
  for (let step = 0; step < records.stepCount; step++) {
    const word = (field: number) => records.step(step, field);
    const isWeighted = word(layout.STEP_OPCODE) <= layout.OPCODE_DEPTHWISE;
    if (!isWeighted || word(layout.STEP_FLAGS) & layout.FLAG_DOUBLE) continue;
    const output = word(layout.STEP_OUTPUT);
    const blocks = Math.ceil(records.tensor(output, layout.TENSOR_CHANNELS) / layout.BLOCK_CHANNELS);
    const isClamped = (word(layout.STEP_CLAMP_MIN) | 0) >= (records.tensor(output, layout.TENSOR_ZERO_POINT) | 0);
    for (let block = 0; block < blocks; block++) {
      const at = word(layout.STEP_BLOCKS);
      const flags = at ? records.file[at + blocks * 2 * layout.BLOCK_CHANNELS + block]! : 0;
      (isClamped ? fused : linear).add((flags & layout.BLOCK_FUSED) !== 0);
      if (isClamped) rounded.add((flags & layout.BLOCK_ROUNDED) !== 0);
      if (word(layout.STEP_WEIGHT_ZERO_POINT)) centred.add((flags & layout.BLOCK_CENTRED) !== 0);
    }
  }
  table.push([basename(path), ...[fused, rounded, linear, centred].map(String)]);
}
console.log(table.toString());
