import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { detectionLabel } from "../../../src/detect.js";
import type { Crop } from "../../../src/image.js";
import { drawDetections } from "./draw.js";
import { readLines, writeWhole } from "./files.js";
import { loadModel, openModel } from "./open-model.js";
import { type CommonOptions, cropOption, jsonOption, modelOption, pngFile, variantOption } from "./options.js";
import { print, table } from "./output.js";
import { readPhoto } from "./photo.js";

interface Options extends CommonOptions {
  threshold: number;
  labels?: string;
  crop?: Crop;
  draw?: string;
}

/** `midge detect FILE IMAGE`: what is where on a photograph. */
export function addDetect(program: Command): void {
  program
    .command("detect")
    .description("find things on a photograph")
    .argument("<file>", "a .midge file or a .tflite model that ends in TFLite_Detection_PostProcess")
    .argument("<image>", "a photograph: JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP")
    .option("--threshold <t>", "leave out what has a lower score", threshold, 0.5)
    .option("--labels <file>", "names of the classes, one a line (default: the file's own)")
    .option("--draw <file.png>", "write the photograph with the boxes on it", pngFile)
    .addOption(cropOption())
    .addOption(modelOption())
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(detect);
}

function threshold(text: string): number {
  const value = Number(text);
  if (text === "" || !(value >= 0 && value <= 1)) throw new InvalidArgumentError("It must be a number from 0 to 1.");
  return value;
}

async function detect(path: string, image: string, options: Options): Promise<void> {
  const model = loadModel(await openModel(path, options.model), options.variant);
  const labels = options.labels === undefined ? model.info.labels : await readLines(options.labels);
  const photo = await readPhoto(image);
  const start = performance.now();
  const found = model
    .detect(photo, { threshold: options.threshold, crop: options.crop })
    .map((detection) => ({ ...detection, label: detectionLabel(labels, detection.index) }));
  const ms = performance.now() - start;
  if (options.draw !== undefined) await writeWhole(options.draw, await drawDetections(photo, found));
  const { width, height } = photo;
  print(options.json, { image, ms, width, height, drawn: options.draw, detections: found }, () => {
    const rows = found.map(({ score, index, label, box }) => [
      score.toFixed(3),
      index,
      label ?? "",
      ...[box.x, box.y, box.width, box.height].map((n) => n.toFixed(1)),
    ]);
    const head = [">score", ">class", "label", ">x", ">y", ">width", ">height"];
    const body = rows.length > 0 ? table(head, rows) : `nothing of a score of ${options.threshold} or more`;
    const drawn = options.draw === undefined ? "" : `\n\nwrote ${options.draw}`;
    return `${image}  ${width}x${height}  (${ms.toFixed(1)} ms, first run)\n${body}${drawn}`;
  });
}
