import { basename } from "node:path";
import type { Command } from "commander";
import type { Curve, CurvePoint } from "../report-curve.js";
import type { InputMode } from "../report-ladder.js";
import { readSourceModel, writeWhole } from "./files.js";
import { type CommonOptions, jsonOption, positive, seconds, variantOption } from "./options.js";
import { bytes as inBytes, print, table } from "./output.js";
import { type MeasuredPlan, measurePlans, PLAN_COLUMNS, planCells } from "./plans.js";
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
  plans: MeasuredPlan[];
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
  const bytes = await readSourceModel(path);
  const { ladder } = await import("../report-ladder.js");
  const bar = progress(options.json);
  let result: PlanResult;
  try {
    const { rungs, ...facts } = ladder(bytes, basename(path), options.budgets, (done) => bar.update(done, "planning"));
    bar.update(1, "running");
    const { engine, plans } = measurePlans(rungs, options.variant, options.seconds);
    result = { ...facts, engine, leastOverFastest: ratios(plans), plans };
  } finally {
    bar.stop();
  }
  if (options.curve !== undefined) {
    const { curvePicture } = await import("../report-curve.js");
    await writeWhole(options.curve, new TextEncoder().encode(curvePicture(result)));
  }
  const wrote = options.curve === undefined ? "" : `\n\nwrote ${options.curve}`;
  print(options.json, result, () => text(result) + wrote);
}

function ratios(plans: readonly CurvePoint[]): PlanResult["leastOverFastest"] {
  const of = (input: InputMode) => plans.filter((p) => p.input === input);
  const ratio = (points: CurvePoint[]) => points[0]!.minMs / Math.min(...points.map(({ minMs }) => minMs));
  return { image: ratio(of("image")), rows: ratio(of("rows")) };
}

function text({ name, engine, layerByLayerBytes, leastOverFastest, plans }: PlanResult): string {
  const rows = plans.map((plan) => [plan.input, ...planCells(plan)]);
  const ratio = (input: InputMode) => `${leastOverFastest[input]!.toFixed(2)} times (--input ${input})`;
  return [
    ...(name ? [name, ""] : []),
    table(["input", ...PLAN_COLUMNS], rows),
    "",
    `layer by layer  ${inBytes(layerByLayerBytes)} for the largest layer's tensors`,
    `least RAM takes ${ratio("image")} and ${ratio("rows")} the fastest plan's time`,
    `engine          ${engine}`,
  ].join("\n");
}
