import { join } from "node:path";
import type { Command } from "commander";
import { elements } from "./elements.js";
import { read, writeWhole } from "./files.js";
import { loadModel, openModel } from "./open-model.js";
import { type CommonOptions, jsonOption, modelOption, variantOption } from "./options.js";
import { print } from "./output.js";

interface Options extends CommonOptions {
  input: string;
  output: string;
}

/** `midge run FILE --input RAW --output DIR`: raw tensors in and out. */
export function addRun(program: Command): void {
  program
    .command("run")
    .description("run a model on the raw bytes of its input tensor")
    .argument("<file>", "a .midge file or a .tflite model")
    .requiredOption(
      "--input <file>",
      "the input tensor's bytes, in the source model's own type and layout; of a float32 model also quantised ones, " +
        "one byte an element: the outputs are quantised then, too",
    )
    .requiredOption("--output <folder>", "where output0.bin, output1.bin ... go")
    .addOption(modelOption())
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const [opened, bytes] = await Promise.all([openModel(path, options.model), read(options.input)]);
  const model = loadModel(opened, options.variant);
  const input = elements(bytes, model.info.input);
  const quantised = model.info.input.type === "float32" && !(input instanceof Float32Array);
  const start = performance.now();
  const tensors = model.run(input, { quantised });
  const ms = performance.now() - start;
  const outputs = tensors.map((tensor, k) => {
    const { type, quantisedType, shape } = model.info.outputs[k]!;
    const given = tensor instanceof Float32Array || type !== "float32" ? type : quantisedType;
    return { file: join(options.output, `output${k}.bin`), bytes: tensor.byteLength, type: given, shape };
  });
  for (const [k, tensor] of tensors.entries()) await writeWhole(outputs[k]!.file, new Uint8Array(tensor.buffer));
  print(options.json, { engine: model.info.engine, ms, outputs }, () =>
    outputs
      .map((o) => `${o.file}  ${o.shape.join("x")} ${o.type}`)
      .concat(`${ms.toFixed(2)} ms (first run, ${model.info.engine})`)
      .join("\n"),
  );
}
