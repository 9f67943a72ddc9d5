import type { Command } from "commander";
import type { Crop } from "../../../src/image.js";
import type { Classification } from "../../../src/index.js";
import { readLines } from "./files.js";
import { loadModel, openModel } from "./open-model.js";
import { type CommonOptions, cropOption, jsonOption, modelOption, positive, variantOption } from "./options.js";
import { print, table } from "./output.js";
import { readPhoto } from "./photo.js";

interface Options extends CommonOptions {
  top: number;
  labels?: string;
  crop?: Crop;
}

/** `midge classify FILE IMAGE...`: what photographs show. */
export function addClassify(program: Command): void {
  program
    .command("classify")
    .description("tell what photographs show")
    .argument("<file>", "a .midge file or a .tflite model")
    .argument("<image...>", "photographs: JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP")
    .option("--top <n>", "how many classes to print", positive, 5)
    .option("--labels <file>", "names of the classes, one a line (default: the file's own)")
    .addOption(cropOption())
    .addOption(modelOption())
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(classify);
}

async function classify(path: string, images: string[], options: Options): Promise<void> {
  const model = loadModel(await openModel(path, options.model), options.variant);
  const labels = options.labels === undefined ? model.info.labels : await readLines(options.labels);
  const results: { image: string; ms: number; classes: Classification[] }[] = [];
  for (const image of images) {
    const photo = await readPhoto(image);
    const start = performance.now();
    const classes = model.classify(photo, { top: options.top, crop: options.crop });
    const ms = performance.now() - start;
    results.push({ image, ms, classes: classes.map((c) => ({ ...c, label: labels[c.index] })) });
  }
  print(options.json, results, () =>
    results
      .map(({ image, ms, classes }, k) => {
        const rows = classes.map((c) => [c.score.toFixed(3), c.index, c.label ?? ""]);
        return `${image}  (${ms.toFixed(1)} ms${k === 0 ? ", first run" : ""})\n${table([">score", ">class", "label"], rows)}`;
      })
      .join("\n\n"),
  );
}
