import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { mvp } from "../../../src/engine/mvp.js";
import { simd } from "../../../src/engine/simd.js";
import { VARIANTS, type Variant } from "../../../src/engine.js";
import { standalone } from "../../../src/standalone.js";
import type { Ram } from "../plan/types.js";
import { arenaReport } from "../report-arena.js";
import { reportOption, writeReport } from "./arena-options.js";
import { arenaText } from "./arena-text.js";
import { addDescriptionOptions, type DescriptionOptions, readDescription } from "./description-options.js";
import { readSourceModel, warn, writeWhole } from "./files.js";
import { jsonOption } from "./options.js";
import { count, print } from "./output.js";
import { progress } from "./progress.js";
import { reportText } from "./report-table.js";

interface Options extends DescriptionOptions {
  output: string;
  input: "image" | "rows";
  ram?: Ram;
  weights: "resident" | "streamed";
  window?: number;
  variant: "mvp" | "simd";
  slim?: Variant[];
  report?: string;
  verbose?: boolean;
  json?: boolean;
}

/** `midge pack MODEL -o FILE`: a source model becomes a packed file. */
export function addPack(program: Command): void {
  const command = program
    .command("pack")
    .description("pack a .tflite model into a .midge file")
    .argument("<model>", "the source model: .tflite, fully quantised to int8 or uint8")
    .requiredOption("-o, --output <file>", "where to write; FILE.wasm gets the engine with the model inside");
  addDescriptionOptions(command)
    .addOption(inputOption())
    .addOption(ramOption())
    .addOption(weightsOption())
    .addOption(windowOption())
    .addOption(
      new Option("--variant <variant>", "the engine's build in FILE.wasm").choices(["mvp", "simd"]).default("simd"),
    )
    .addOption(
      new Option(
        "--slim [variants]",
        "write engines that hold only what the model uses beside FILE.midge, as FILE.VARIANT.wasm (a list with commas; default: all); into FILE.wasm goes such a one",
      )
        .preset(VARIANTS.join())
        .argParser(parseVariants),
    )
    .addOption(reportOption())
    .option("--verbose", "more columns in the table of layers, and the arena over time")
    .addOption(jsonOption())
    .action(pack);
}

/** --input: how much of the image the arena holds. */
export function inputOption(): Option {
  const text = "hold the whole input image in the arena, or only the rows that are needed at a time";
  return new Option("--input <mode>", text).choices(["image", "rows"]).default("image");
}

/** --ram: what the arena may take, in bytes, or "min" or "fastest". */
export function ramOption(): Option {
  const text =
    'RAM that the arena may take: "96K", "1M", bytes, "min", or "fastest" for all that is of use (default: a third more than min, with --input rows an eighth)';
  return new Option("--ram <bytes>", text).argParser(parseRam);
}

/** --weights: where they are while the model runs. */
export function weightsOption(): Option {
  const text = "whole in memory, or read piece by piece while the model runs (midge/streamed)";
  return new Option("--weights <where>", text).choices(["resident", "streamed"]).default("resident");
}

/** --window: what streamed weights are read through. */
export function windowOption(): Option {
  const text = "with --weights streamed: RAM for the piece at work (default: 8K)";
  return new Option("--window <bytes>", text).argParser((value: string) => parseBytes(value, "It must be"));
}

/** Parses a number of bytes, or "min" or "fastest". */
function parseRam(text: string): Ram {
  return text === "min" || text === "fastest" ? text : parseBytes(text, 'It must be "min", "fastest" or');
}

/** Parses a number of bytes, K = 1024 and M = 1024 * 1024 of them; `rule` begins the message where it is none. */
export function parseBytes(text: string, rule: string): number {
  const match = /^(\d+(?:\.\d+)?)([KM]?)$/i.exec(text);
  const unit = { "": 1, K: 1024, M: 1024 * 1024 }[match?.[2]?.toUpperCase() ?? ""] ?? 1;
  const bytes = Math.floor(Number(match?.[1]) * unit);
  if (!match || bytes < 1 || bytes > 0xffffffff) {
    throw new InvalidArgumentError(`${rule} a number of bytes from 1 to 4 GiB, such as 96K or 1.5M.`);
  }
  return bytes;
}

/** Parses a list of variants. */
function parseVariants(text: string): Variant[] {
  const variants = text.split(",").map((name) => VARIANTS.find((variant) => variant === name));
  if (variants.includes(undefined)) {
    throw new InvalidArgumentError(`It must be a list of ${VARIANTS.join(", ")} with commas between.`);
  }
  return [...new Set(variants as Variant[])];
}

/** The slim engine that goes beside a packed file. */
function besideOf(output: string, variant: Variant): string {
  return `${output.replace(/\.midge$/, "")}.${variant}.wasm`;
}

/** Slim engines; the optimiser is loaded only here. */
async function slimmed(file: Uint8Array, variants: readonly Variant[]) {
  const { slimEngines } = await import("../slim.js");
  return slimEngines(file, variants);
}

/** Bytes of the windows through which streamed weights are read, unless told. */
const WINDOW_BYTES = 8 * 1024;

/** The window that was asked for; undefined where weights are not streamed. */
export function windowOf({ weights, window }: Pick<Options, "weights" | "window">): number | undefined {
  if (weights === "resident") {
    if (window !== undefined) throw new Error("--window is for --weights streamed");
    return undefined;
  }
  return window ?? WINDOW_BYTES;
}

async function pack(model: string, options: Options): Promise<void> {
  const windowBytes = windowOf(options);
  if (windowBytes && options.output.endsWith(".wasm")) {
    throw new Error("a standalone module holds its weights: leave --weights streamed out");
  }
  if (windowBytes && options.slim) throw new Error("slim engines take no streamed weights: leave out --slim");
  const bytes = await readSourceModel(model);
  const description = await readDescription(options);
  const { packModel } = await import("../pack.js");
  const bar = progress(options.json);
  let packed: ReturnType<typeof packModel>;
  try {
    packed = packModel(bytes, basename(model), {
      ...description,
      inputMode: options.input,
      ram: options.ram,
      windowBytes,
      onProgress: (stage, fraction) => bar.update(fraction, stage),
    });
  } finally {
    bar.stop();
  }
  const { file, report, warnings } = packed;
  warn(warnings);
  const carries = options.output.endsWith(".wasm");
  const slims = options.slim ? await slimmed(file, carries ? [options.variant] : options.slim) : [];
  const carrier = slims[0]?.bytes ?? (options.variant === "mvp" ? mvp : simd).bytes();
  await writeWhole(options.output, carries ? standalone(carrier, file) : file);
  const engines: { file: string; variant: Variant; bytes: number }[] = [];
  for (const { variant, bytes } of carries ? [] : slims) {
    const path = besideOf(options.output, variant);
    await writeWhole(path, bytes);
    engines.push({ file: path, variant, bytes: bytes.length });
  }
  if (options.report !== undefined) await writeReport(arenaReport(file), options.report);
  print(options.json, options.slim ? { ...report, engines } : report, () =>
    [
      reportText(report, options.verbose),
      ...(options.verbose ? [arenaText(arenaReport(file))] : []),
      ...(engines.length > 0 ? [engines.map((e) => `${e.file}: ${count(e.bytes)} bytes`).join("\n")] : []),
      `wrote ${[options.output, ...engines.map((e) => e.file), options.report].filter(Boolean).join(" and ")}`,
    ].join("\n\n"),
  );
}
