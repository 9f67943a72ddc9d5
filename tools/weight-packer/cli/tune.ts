import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ModelInfo } from "../../../src/index.js";
import type { InputMode, Rung } from "../report-ladder.js";
import { addDescriptionOptions, type DescriptionOptions, readDescription } from "./description-options.js";
import { readSourceModel, writeWhole } from "./files.js";
import { lastLevelCacheBytes } from "./last-level-cache.js";
import { type CommonOptions, jsonOption, positive, seconds, variantOption } from "./options.js";
import { bytes as inBytes, print, table } from "./output.js";
import { inputOption, parseBytes } from "./pack.js";
import { type MeasuredPlan, measurePlans, PLAN_COLUMNS, planCells } from "./plans.js";
import { progress } from "./progress.js";

interface Options extends DescriptionOptions, Pick<CommonOptions, "json" | "variant"> {
  output: string;
  input: InputMode;
  ram?: number;
  budgets: number;
  within: number;
  seconds: number;
}

/** What `midge tune --json` prints. */
export interface TuneResult {
  /** The engine's build that ran. */
  engine: ModelInfo["engine"];
  /** Bytes of RAM that plans could take. */
  mostBytes: number;
  /** By rising arena. */
  plans: MeasuredPlan[];
  /** Index of the plan that was written. */
  chosen: number;
  output: string;
}

/** `midge tune MODEL -o FILE`: the plan that is fastest on this machine. */
export function addTune(program: Command): void {
  const command = program
    .command("tune")
    .description("pack a model for several budgets of RAM, run each plan here, and write the fastest")
    .argument("<model>", "a .tflite model")
    .requiredOption("-o, --output <file>", "where to write the .midge file")
    .addOption(mostOption())
    .option("--within <percent>", "take the least RAM whose median run is so close to the fastest plan's", percent, 2)
    .option("--budgets <n>", "budgets above the least", positive, 7)
    .option("--seconds <s>", "how long to measure, all plans together", seconds, 10)
    .addOption(inputOption())
    .addOption(variantOption());
  addDescriptionOptions(command).addOption(jsonOption()).action(tune);
}

/** --ram: what plans may take. */
function mostOption(): Option {
  const text = 'RAM that plans may take: "96K", "1M" or bytes (default: what this machine\'s last cache holds)';
  return new Option("--ram <bytes>", text).argParser((value: string) => parseBytes(value, "It must be"));
}

/** Parses a percentage of at least 0. */
function percent(text: string): number {
  const value = Number(text);
  if (text === "" || !(value >= 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError("It must be a number of at least 0.");
  }
  return value;
}

/**
 * The plan to take: the first of those whose median time is near the least median. Plans run in turn, so whatever else the
 * machine does moves all medians alike; least times, of plans that differ by a few percent, would be a matter of luck.
 *
 * @param plans by rising arena, at least one
 * @param within how near, in percent
 * @returns its index
 */
export function bestPlan(plans: readonly Pick<MeasuredPlan, "medianMs">[], within: number): number {
  const limit = leastMedian(plans) * (1 + within / 100);
  return plans.findIndex(({ medianMs }) => medianMs <= limit);
}

function leastMedian(plans: readonly Pick<MeasuredPlan, "medianMs">[]): number {
  return Math.min(...plans.map(({ medianMs }) => medianMs));
}

async function tune(path: string, options: Options): Promise<void> {
  const { output, input, within, ram: mostBytes = lastLevelCacheBytes() } = options;
  const [bytes, description] = await Promise.all([readSourceModel(path), readDescription(options)]);
  const { ladderUpTo } = await import("../report-ladder.js");
  const bar = progress(options.json);
  let rungs: Rung[];
  let measured: ReturnType<typeof measurePlans>;
  try {
    const packing = { ...description, inputMode: input };
    rungs = ladderUpTo(bytes, basename(path), mostBytes, options.budgets, packing, (done) =>
      bar.update(done, "planning"),
    );
    bar.update(1, "running");
    measured = measurePlans(rungs, options.variant, options.seconds);
  } finally {
    bar.stop();
  }
  const chosen = bestPlan(measured.plans, within);
  await writeWhole(output, rungs[chosen]!.file);
  const result: TuneResult = { ...measured, mostBytes, chosen, output };
  print(options.json, result, () => text(result));
}

function text({ engine, mostBytes, plans, chosen, output }: TuneResult): string {
  const { arenaBytes, medianMs } = plans[chosen]!;
  const slower = 100 * (medianMs / leastMedian(plans) - 1);
  return [
    table(
      [...PLAN_COLUMNS, ""],
      plans.map((plan, k) => [...planCells(plan), k === chosen ? "<- written" : ""]),
    ),
    "",
    `at most  ${inBytes(mostBytes)} of RAM`,
    `engine   ${engine}`,
    `wrote ${output}, arena ${inBytes(arenaBytes)}, ${slower.toFixed(1)} % slower than the fastest plan`,
  ].join("\n");
}
