import { type Command, InvalidArgumentError, Option } from "commander";
import { ARCHITECTURE_NAMES, type ArchitectureName, IMAGENET_CLASSES, memberName } from "../architectures/index.js";
import { memberCosts, membersOf, standardMember } from "../architectures/table.js";
import type { Ram } from "../plan/types.js";
import { arenaReport } from "../report-arena.js";
import { reportOption, writeReport } from "./arena-options.js";
import { arenaText } from "./arena-text.js";
import { architectureText, ratioText } from "./build-table.js";
import { warn, writeWhole } from "./files.js";
import { jsonOption, positive } from "./options.js";
import { print } from "./output.js";
import { inputOption, ramOption, weightsOption, windowOf, windowOption } from "./pack.js";
import { progress } from "./progress.js";
import { reportText } from "./report-table.js";

interface Options {
  arch?: ArchitectureName;
  alpha?: number;
  resolution?: number;
  classes?: number;
  seed: number;
  output?: string;
  input: "image" | "rows";
  ram?: Ram;
  weights: "resident" | "streamed";
  window?: number;
  table?: boolean;
  layers?: boolean;
  report?: string;
  verbose?: boolean;
  json?: boolean;
}

/** `midge build --arch NAME -o FILE`: any member of the family, with random weights; `--table`: what members cost. */
export function addBuild(program: Command): void {
  program
    .command("build")
    .description("build a MobileNet with random weights, or tell what MobileNets cost")
    .addOption(new Option("--arch <name>", "the architecture").choices(ARCHITECTURE_NAMES))
    .option("--alpha <a>", "width multiplier (default: 1)", parseAlpha)
    .option("--resolution <pixels>", "height and width of the image (default: the architecture's own)", positive)
    .option("--classes <n>", `number of classes (default: ${IMAGENET_CLASSES})`, positive)
    .option("--seed <n>", "weights are random; the same seed gives the same file", parseSeed, 0)
    .option("-o, --output <file>", "where to write the .midge file")
    .addOption(inputOption())
    .addOption(ramOption())
    .addOption(weightsOption())
    .addOption(windowOption())
    .option("--table", "print MACs and parameters of the published members (of --arch, or --alpha and --resolution)")
    .option("--layers", "with --table: every depthwise separable layer's cost against a plain convolution's")
    .addOption(reportOption())
    .option("--verbose", "more columns in the table of layers, and the arena over time")
    .addOption(jsonOption())
    .action((options: Options) => (options.table ? printTable(options) : build(options)));
}

/** Parses a width multiplier; the widest is far beyond what was published, and keeps numbers of channels sane. */
function parseAlpha(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 8)) throw new InvalidArgumentError("It must be a number above 0, at most 8.");
  return value;
}

/** Parses a seed: any whole number of 32 bits. */
function parseSeed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value >= 2 ** 32) {
    throw new InvalidArgumentError("It must be a whole number from 0 to 4294967295.");
  }
  return value;
}

/** The member that the options name. */
function memberOf(architecture: ArchitectureName, { alpha, resolution, classes }: Options) {
  const standard = standardMember(architecture);
  return {
    architecture,
    alpha: alpha ?? standard.alpha,
    resolution: resolution ?? standard.resolution,
    classes: classes ?? standard.classes,
  };
}

async function build(options: Options): Promise<void> {
  const { arch, output, seed } = options;
  if (arch === undefined) throw new Error(`build: --arch is missing; it is one of ${ARCHITECTURE_NAMES.join(", ")}`);
  if (output === undefined) throw new Error("build: -o FILE is missing");
  if (options.layers) throw new Error("build: --layers goes with --table");
  const [{ buildGraph }, { packGraph }] = await Promise.all([
    import("../architectures/graph.js"),
    import("../pack.js"),
  ]);
  const windowBytes = windowOf(options);
  const member = memberOf(arch, options);
  const bar = progress(options.json);
  let packed: ReturnType<typeof packGraph>;
  try {
    bar.update(0, "building");
    packed = packGraph(buildGraph(member, seed), memberName(member), {
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
  await writeWhole(output, file);
  if (options.report !== undefined) await writeReport(arenaReport(file), options.report);
  print(options.json, report, () =>
    [
      reportText(report, options.verbose),
      ...(options.verbose ? [arenaText(arenaReport(file))] : []),
      `wrote ${[output, options.report].filter(Boolean).join(" and ")}`,
    ].join("\n\n"),
  );
}

function printTable(options: Options): void {
  const { arch, alpha, resolution, classes, layers } = options;
  if (options.output !== undefined) throw new Error("build: --table writes no file; leave out -o");
  const one = alpha !== undefined || resolution !== undefined || classes !== undefined;
  if (one && arch === undefined) throw new Error("build: --alpha, --resolution and --classes need --arch");
  const members = one
    ? [memberOf(arch!, options)]
    : layers
      ? (arch ? [arch] : ARCHITECTURE_NAMES).map(standardMember)
      : membersOf(arch);
  const rows = members.map((member) => memberCosts(member, layers));
  print(options.json, rows, () => [architectureText(rows), ...(layers ? rows.map(ratioText) : [])].join("\n\n"));
}
