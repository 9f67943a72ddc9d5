import { type Command, InvalidArgumentError } from "commander";
import { supports, VARIANTS, type Variant } from "../../../src/engine.js";
import { loadSync, type Model } from "../../../src/index.js";
import { report } from "../report.js";
import { readPacked } from "./files.js";
import { type CommonOptions, jsonOption, variantOption } from "./options.js";
import { count, print, table } from "./output.js";

/** `midge bench FILE`: how fast a model runs. */
export function addBench(program: Command): void {
  program
    .command("bench")
    .description("measure how fast a model runs, the builds in turn")
    .argument("<file>", "a .midge file or a .tflite model")
    .option("--seconds <s>", "how long to measure, all builds together", seconds, 5)
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(bench);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

async function bench(path: string, options: CommonOptions & { seconds: number }): Promise<void> {
  const file = await readPacked(path);
  const { macs } = report(file);
  const variants: Variant[] = options.variant ? [options.variant] : VARIANTS.filter(supports);
  const samples = measure(
    variants.map((engine) => loadSync(file, { engine })),
    options.seconds,
  );
  const results = Object.fromEntries(
    variants.map((variant, k) => {
      const times = samples[k]!.sort((a, b) => a - b);
      const minMs = times[0]!;
      const medianMs = times[times.length >> 1]!;
      return [variant, { minMs, medianMs, runs: times.length, macsPerSecond: (macs / medianMs) * 1000 }];
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

/** Milliseconds of each run of each model on the same noise, run in turn, after some runs that do not count. */
function measure(models: readonly Model[], seconds: number): number[][] {
  const times: number[][] = models.map(() => []);
  const inputs = models.map((model) => noise(model));
  // Engines compile in tiers: the first runs go through slower code.
  const warmUntil = performance.now() + Math.min(1000, 200 * seconds);
  do for (const [k, model] of models.entries()) model.run(inputs[k]!);
  while (performance.now() < warmUntil);
  const until = performance.now() + 1000 * seconds;
  do {
    for (const [k, model] of models.entries()) {
      const start = performance.now();
      model.run(inputs[k]!);
      times[k]!.push(performance.now() - start);
    }
  } while (performance.now() < until);
  return times;
}

/** The same pseudo-random input every time (Lehmer's generator). */
function noise(model: Model): Int8Array | Uint8Array {
  const { length, type } = model.info.input;
  const bytes = new Uint8Array(length);
  for (let i = 0, state = 20261124; i < length; i++) {
    state = (state * 48271) % 0x7fffffff;
    bytes[i] = state >>> 12;
  }
  return type === "int8" ? new Int8Array(bytes.buffer) : bytes;
}
