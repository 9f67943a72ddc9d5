/** The small networks of tests/models: outputs and every intermediate tensor, in both builds. */
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { STEP_OUTPUT, STEP_SOURCE_OPERATOR } from "../../assembly/layout.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { assertBytes, assertOutputs, type Machine, machine, VARIANTS } from "../support/engine.js";
import { decode } from "../support/engine-goldens.js";
import { golden, goldenTensors, MODELS, modelPath } from "../support/models.js";

for (const name of MODELS) {
  const model = readFileSync(modelPath(name));
  const { cases, outputs } = golden(name);

  test(`${name}: outputs equal TFLite's reference`, () => {
    const files = {
      planned: packModel(model, name).file,
      pushed: packModel(model, name, { inputMode: "rows" }).file,
      kept: packModel(model, name, { keepAll: true }).file,
    };
    assertOutputs(files, cases, name);
  });

  test(`${name}: every tensor equals TFLite's reference`, () => {
    const { file } = packModel(model, name, { keepAll: true });
    const { input } = cases.find((c) => c.name === "picture0")!;
    for (const variant of VARIANTS) {
      const kept = machine(variant, file);
      kept.run(input);
      let compared = 0;
      for (const entry of goldenTensors(name) as (ReturnType<typeof goldenTensors>[number] & { dtype: string })[]) {
        const tensor = tensorOf(kept, entry.op);
        if (tensor === undefined) continue; // melted into another operator
        // Inside all is uint8; a run's end turns outputs, and nothing else, into what the source has.
        const output = kept.records.ports.outputs.indexOf(tensor);
        const held = output >= 0 ? outputs[output]!.dtype : "uint8";
        const bytes = kept.tensor(tensor).map((byte) => (held === entry.dtype ? byte : byte ^ 0x80));
        assertBytes(bytes, decode(entry.data), `${name}, ${variant}, operator ${entry.op} ${entry.kind}`);
        compared++;
      }
      // An operator may become several steps; the last gives what the source's does.
      const steps = Array.from({ length: kept.records.stepCount }, (_, step) => step);
      const sources = new Set(steps.map((step) => kept.records.step(step, STEP_SOURCE_OPERATOR))).size;
      if (compared < sources) throw new Error(`${name}: only ${compared} tensors were compared`);
    }
  });
}

/** The tensor that the last step of a source operator writes. */
function tensorOf({ records }: Machine, operator: number): number | undefined {
  for (let step = records.stepCount - 1; step >= 0; step--) {
    if (records.step(step, STEP_SOURCE_OPERATOR) === operator) return records.step(step, STEP_OUTPUT);
  }
  return undefined;
}
