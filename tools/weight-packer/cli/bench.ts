import type { Command } from "commander";
import { supports, VARIANTS, type Variant } from "../../../src/engine.js";
import { mvpStreamed, simdStreamed } from "../../../src/streamed.js";
import { report } from "../report.js";
import { readSourceModel } from "./files.js";
import { measure, summarise } from "./measure.js";
import { loadModel, openModel } from "./open-model.js";
import { type CommonOptions, jsonOption, modelOption, seconds, variantOption } from "./options.js";
import { count, print, table } from "./output.js";
import { progress } from "./progress.js";

/** `midge bench FILE`: how fast a model runs. */
export function addBench(program: Command): void {
  program
    .command("bench")
    .description("measure how fast a model runs, the builds in turn")
    .argument("<file>", "a .midge file or a .tflite model")
    .option("--seconds <s>", "how long to measure, all builds together", seconds, 5)
    .option("--layers", "the time of each layer, of a .tflite model: MACs per second, share, distance from the peak")
    .addOption(modelOption())
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(bench);
}

interface Options extends CommonOptions {
  seconds: number;
  layers?: boolean;
}

async function bench(path: string, options: Options): Promise<void> {
  if (options.layers)
    return benchLayers(path, options, options.variant ? [options.variant] : VARIANTS.filter(supports));
  const opened = await openModel(path, options.model);
  const { macs } = report(opened.file);
  const builds = opened.weights ? [simdStreamed, mvpStreamed].map(({ variant }) => variant) : VARIANTS;
  const variants: Variant[] = options.variant ? [options.variant] : builds.filter(supports);
  const samples = measure(
    variants.map((engine) => loadModel(opened, engine)),
    options.seconds,
  );
  const results = Object.fromEntries(
    variants.map((variant, k) => {
      const times = summarise(samples[k]!);
      return [variant, { ...times, macsPerSecond: (macs / times.medianMs) * 1000 }];
    }),
  );
  print(options.json, { macs, variants: results }, () =>
    table(
      ["build", ">minimum ms", ">median ms", ">million MACs/s (median)", ">runs"],
      Object.entries(results).map(([variant, r]) => [
        variant,
        r.minMs.toFixed(3),
        r.medianMs.toFixed(3),
        count(r.macsPerSecond / 1e6),
        r.runs,
      ]),
    ),
  );
}

async function benchLayers(path: string, options: Options, variants: Variant[]): Promise<void> {
  const bytes = await readSourceModel(path);
  const missing = variants.find((variant) => !supports(variant));
  if (missing) throw new Error(`this host's WebAssembly does not support the ${missing} build`);
  const { layersText, measureLayers } = await import("./layers.js");
  const bar = progress(options.json);
  let result: ReturnType<typeof measureLayers>;
  try {
    result = measureLayers(bytes, path, variants, options.seconds, bar);
  } finally {
    bar.stop();
  }
  print(options.json, result, () =>
    variants.map((variant) => layersText(variant, result.variants[variant]!)).join("\n\n"),
  );
}
