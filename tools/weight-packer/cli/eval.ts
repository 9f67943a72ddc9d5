import type { Command } from "commander";
import type { Crop } from "../../../src/image.js";
import { readLines } from "./files.js";
import { loadModel, openModel } from "./open-model.js";
import { type CommonOptions, cropOption, jsonOption, modelOption, positive, variantOption } from "./options.js";
import { percent, print } from "./output.js";
import { readPhoto } from "./photo.js";
import { findPhotos, type Labelled } from "./photos.js";
import { progress } from "./progress.js";

interface Options extends CommonOptions {
  limit?: number;
  labels?: string;
  classes?: string;
  offset: number;
  crop?: Crop;
}

/** `midge eval FILE DIR`: how often a model is right. */
export function addEval(program: Command): void {
  program
    .command("eval")
    .description("tell how often a model is right about photographs whose classes are known")
    .argument("<file>", "a .midge file or a .tflite model")
    .argument("<folder>", "a folder for each class, named as its label; or photographs, with --classes")
    .option("--limit <n>", "take only n photographs, spread evenly", positive)
    .option("--labels <file>", "names of the classes, one a line (default: the file's own)")
    .option("--classes <file>", 'lines "BEGINNING INDEX": photographs or folders whose names begin so show that class')
    .option(
      "--offset <n>",
      "add n to the indices of --classes, as 1 for a model whose first class is background",
      Number,
      0,
    )
    .addOption(cropOption())
    .addOption(modelOption())
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(evaluate);
}

async function evaluate(path: string, folder: string, options: Options): Promise<void> {
  if (!Number.isInteger(options.offset)) throw new Error("--offset must be a whole number");
  const model = loadModel(await openModel(path, options.model), options.variant);
  const labels = options.labels === undefined ? model.info.labels : await readLines(options.labels);
  const offset = options.classes === undefined ? 0 : options.offset;
  const photos = spread(await findPhotos(folder, labels, options.classes), options.limit);
  const classes = model.info.outputs[0]!.length;
  const bar = progress(options.json);
  let top1 = 0;
  let top5 = 0;
  try {
    for (const [n, { path, index }] of photos.entries()) {
      const wanted = index + offset;
      if (wanted >= classes) throw new Error(`${path}: class ${wanted} of a model of ${classes} classes`);
      const best = model.classify(await readPhoto(path), { top: 5, crop: options.crop });
      if (best[0]!.index === wanted) top1++;
      if (best.some((c) => c.index === wanted)) top5++;
      bar.update((n + 1) / photos.length, `top-1 ${percent(top1 / (n + 1))}`);
    }
  } finally {
    bar.stop();
  }
  const count = photos.length;
  print(options.json, { top1: top1 / count, top5: top5 / count, count }, () =>
    [`top-1  ${percent(top1 / count)}`, `top-5  ${percent(top5 / count)}`, `of ${count} photographs`].join("\n"),
  );
}

/** At most `limit` photographs, evenly from the whole list, so that every class keeps its share. */
function spread(photos: Labelled[], limit = photos.length): Labelled[] {
  if (limit >= photos.length) return photos;
  return Array.from({ length: limit }, (_, k) => photos[Math.floor((k * photos.length) / limit)]!);
}
