import { basename } from "node:path";
import type { Command } from "commander";
import { loadSync } from "../../../src/index.js";
import { isLinked } from "../../../src/linked.js";
import type { Curve, CurvePoint } from "../report-curve.js";
import type { InputMode } from "../report-ladder.js";
import { isPacked, read, writeWhole } from "./files.js";
import { measure, summarise } from "./measure.js";
import { type CommonOptions, jsonOption, positive, seconds, variantOption } from "./options.js";
import { count, bytes as inBytes, print, table } from "./output.js";
import { progress } from "./progress.js";

interface Options extends CommonOptions {
  curve?: string;
  budgets: number;
  seconds: number;
}

/** What `midge plan --json` prints. */
export interface PlanResult extends Curve {
  /** For each input mode the fastest run of the plan with the least RAM over that of the fastest plan. */
  leastOverFastest: Partial<Record<InputMode, number>>;
  plans: (CurvePoint & { ramBytes: number | undefined; runs: number })[];
}

/** `midge plan MODEL`: RAM against milliseconds. */
export function addPlan(program: Command): void {
  program
    .command("plan")
    .description("plan a model for budgets of RAM from the least to layer by layer, and run each plan here")
    .argument("<model>", "a .tflite model")
    .option("--curve <file.svg>", "draw RAM against milliseconds")
    .option("--budgets <n>", "budgets above the least, for each input mode", positive, 7)
    .option("--seconds <s>", "how long to measure, all plans together", seconds, 10)
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(plan);
}

async function plan(path: string, options: Options): Promise<void> {
  const bytes = await read(path);
  if (isPacked(bytes) || isLinked(bytes)) throw new Error(`${path} is planned already: give its source model`);
  const { ladder } = await import("../report-ladder.js");
  const bar = progress(options.json);
  let result: PlanResult;
  try {
    const { rungs, ...facts } = ladder(bytes, basename(path), options.budgets, (done) => bar.update(done, "planning"));
    bar.update(1, "running");
    const models = rungs.map(({ file }) => loadSync(file, { engine: options.variant }));
    const samples = measure(models, options.seconds);
    const plans = rungs.map(({ file: _, ...rung }, k) => ({ ...rung, ...summarise(samples[k]!) }));
    result = { ...facts, engine: models[0]!.info.engine, leastOverFastest: ratios(plans), plans };
  } finally {
    bar.stop();
  }
  if (options.curve !== undefined) {
    const { curvePicture } = await import("../report-curve.js");
    await writeWhole(options.curve, new TextEncoder().encode(curvePicture(result)));
  }
  print(options.json, result, () => text(result));
}

function ratios(plans: readonly CurvePoint[]): PlanResult["leastOverFastest"] {
  const of = (input: InputMode) => plans.filter((p) => p.input === input);
  const ratio = (points: CurvePoint[]) => points[0]!.minMs / Math.min(...points.map(({ minMs }) => minMs));
  return { image: ratio(of("image")), rows: ratio(of("rows")) };
}

function text({ name, engine, layerByLayerBytes, leastOverFastest, plans }: PlanResult): string {
  const rows = plans.map((p) => [
    p.input,
    count(p.arenaBytes),
    (p.arenaBytes / 1024).toFixed(1),
    p.segments,
    p.firings,
    p.minMs.toFixed(3),
    p.medianMs.toFixed(3),
    p.runs,
  ]);
  const ratio = (input: InputMode) => `${leastOverFastest[input]!.toFixed(2)} times (--input ${input})`;
  return [
    ...(name ? [name, ""] : []),
    table(["input", ">arena", ">KiB", ">segments", ">firings", ">minimum ms", ">median ms", ">runs"], rows),
    "",
    `layer by layer  ${inBytes(layerByLayerBytes)} for the largest layer's tensors`,
    `least RAM takes ${ratio("image")} and ${ratio("rows")} the fastest plan's time`,
    `engine          ${engine}`,
  ].join("\n");
}
