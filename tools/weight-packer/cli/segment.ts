import type { Command } from "commander";
import sharp from "sharp";
import { type Crop, channelsOf, type Pixels, type Rectangle, rectangleOf } from "../../../src/image.js";
import { readLines, writeWhole } from "./files.js";
import { blend, encodeMask } from "./mask.js";
import { loadModel, openModel } from "./open-model.js";
import { type CommonOptions, cropOption, jsonOption, modelOption, pngFile, variantOption } from "./options.js";
import { percent, print, table } from "./output.js";
import { readPhoto } from "./photo.js";

interface Options extends CommonOptions {
  output: string;
  overlay?: boolean;
  labels?: string;
  crop?: Crop;
}

/** `midge segment FILE IMAGE -o mask.png`: which class each pixel of a photograph belongs to. */
export function addSegment(program: Command): void {
  program
    .command("segment")
    .description("tell which class each pixel of a photograph belongs to")
    .argument("<file>", "a .midge file or a .tflite model")
    .argument("<image>", "a photograph: JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP")
    .requiredOption(
      "-o, --output <file.png>",
      "where the mask goes: a PNG of the image's size whose pixels are the classes",
      pngFile,
    )
    .option("--overlay", "write the photograph with the classes' colours over it instead")
    .option("--labels <file>", "names of the classes, one a line (default: the file's own)")
    .addOption(cropOption())
    .addOption(modelOption())
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(segment);
}

async function segment(path: string, image: string, options: Options): Promise<void> {
  const model = loadModel(await openModel(path, options.model), options.variant);
  const labels = options.labels === undefined ? model.info.labels : await readLines(options.labels);
  const photo = await readPhoto(image);
  const crop = options.crop ?? model.info.preprocessing.crop;
  const part = rectangleOf(crop, photo.width, photo.height);
  const { width, height } = part;
  const start = performance.now();
  const { classes } = model.segment(photo, { crop, size: part });
  const ms = performance.now() - start;
  await writeWhole(options.output, await picture(photo, part, classes, options.overlay === true));
  const found = count(classes).map(({ index, pixels }) => ({
    index,
    label: labels[index],
    pixels,
    share: pixels / classes.length,
  }));
  print(options.json, { image, ms, output: options.output, width, height, classes: found }, () => {
    const rows = found.map((c) => [percent(c.share), c.index, c.label ?? ""]);
    return `${options.output}  ${width}x${height}  (${ms.toFixed(1)} ms, first run)\n${table([">share", ">class", "label"], rows)}`;
  });
}

/** The PNG: the mask, or the part of the photograph under it. */
async function picture(photo: Pixels, part: Rectangle, classes: Uint8Array, overlay: boolean): Promise<Uint8Array> {
  const { width, height } = part;
  if (!overlay) return encodeMask(classes, width, height);
  const channels = channelsOf(photo);
  const bytes = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((part.y + y) * photo.width + part.x) * channels;
    bytes.set(photo.data.subarray(from, from + width * channels), y * width * channels);
  }
  const data = blend(bytes, channels, classes);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** The classes that are there, those of most pixels first. */
function count(classes: Uint8Array): { index: number; pixels: number }[] {
  const counts = new Uint32Array(256);
  for (const index of classes) counts[index]!++;
  return Array.from(counts, (pixels, index) => ({ index, pixels }))
    .filter(({ pixels }) => pixels > 0)
    .sort((a, b) => b.pixels - a.pixels || a.index - b.index);
}
