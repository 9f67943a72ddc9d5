import { readFileSync } from "node:fs";
import { packModel } from "../tools/weight-packer/pack.js";
import { assertOutputs } from "./support/engine.js";

const dir = process.argv[2]!;
for (const name of process.argv.slice(3)) {
  try {
    const model = readFileSync(`${dir}/${name}.tflite`);
    const raw = JSON.parse(readFileSync(`${dir}/${name}.golden.json`, "utf8"));
    const bytes = (t: string) => new Uint8Array(Buffer.from(t, "base64"));
    const cases = raw.cases.map((c: any) => ({ name: c.name, input: bytes(c.input), outputs: c.outputs.map(bytes) }));
    const p = packModel(model, name);
    console.log(name, p.file.length, p.report.arenaBytes ?? "", p.warnings);
    assertOutputs(
      {
        planned: p.file,
        pushed: packModel(model, name, { inputMode: "rows" }).file,
        kept: packModel(model, name, { keepAll: true }).file,
      },
      cases,
      name,
    );
    console.log("equal");
  } catch (e) {
    console.log(name, (e as Error).message.slice(0, 600));
  }
}
