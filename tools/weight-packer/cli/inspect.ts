import type { Command } from "commander";
import { type DetectionInfo, readAnyInfo } from "../../../src/detection-info.js";
import { loadLinkedSync, loadSync } from "../../../src/index.js";
import { isLinked } from "../../../src/linked.js";
import { loadSync as loadStreamed } from "../../../src/streamed.js";
import { isStreamed } from "../../../src/weights.js";
import { report } from "../report.js";
import { type ArenaReport, arenaReport } from "../report-arena.js";
import { reportOption, writeReport } from "./arena-options.js";
import { arenaText } from "./arena-text.js";
import { read, readPacked } from "./files.js";
import { linkedFacts, linkedText } from "./linked-text.js";
import { jsonOption, modelOption } from "./options.js";
import { print } from "./output.js";
import { reportText } from "./report-table.js";

/** `midge inspect FILE`: what a model costs and expects. */
export function addInspect(program: Command): void {
  program
    .command("inspect")
    .description("tell what a packed file or a source model costs and expects")
    .argument("<file>", "a .midge file or a .tflite model")
    .option("--verbose", "more columns in the table of layers")
    .option("--plan", "the arena over the time of one inference instead of the layers")
    .addOption(reportOption())
    .addOption(modelOption())
    .addOption(jsonOption())
    .action(inspect);
}

interface Options {
  verbose?: boolean;
  plan?: boolean;
  report?: string;
  model?: string;
  json?: boolean;
}

async function inspect(path: string, options: Options): Promise<void> {
  if (options.model === undefined && !options.plan && options.report === undefined) {
    const linked = await read(path);
    if (isLinked(linked)) {
      const facts = linkedFacts(loadLinkedSync(linked));
      return print(options.json, facts, () => linkedText(facts));
    }
  }
  const file = await readPacked(path, options.model);
  let facts: ReturnType<typeof report>;
  let info: ReturnType<typeof readAnyInfo>;
  let arena: ArenaReport | undefined;
  try {
    facts = report(file);
    info = readAnyInfo(file);
    if (options.plan || options.report !== undefined) arena = arenaReport(file);
    // What the engine refuses is not worth describing.
    if (isStreamed(file)) loadStreamed(file);
    else loadSync(file);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof RangeError ? "the file is damaged" : (error as Error).message}`, {
      cause: error,
    });
  }
  if (arena && options.report !== undefined) await writeReport(arena, options.report);
  const wrote = options.report === undefined ? [] : ["", `wrote ${options.report}`];
  if (arena && options.plan) return print(options.json, arena, () => [arenaText(arena), ...wrote].join("\n"));
  const { input, outputs, preprocessing, labels } = info;
  const detection = info.detection && { ...info.detection, anchors: info.detection.anchors.length / 4 };
  print(options.json, { ...facts, input, outputs, preprocessing, labels: labels.length, detection }, () =>
    [
      reportText(facts, options.verbose),
      "",
      `input       ${describe(input)}, ${preprocessing.colours}, crop ${preprocessing.crop}`,
      ...outputs.map((output, k) => `output ${k}    ${describe(output)}`),
      `labels      ${labels.length || "none"}`,
      ...(detection ? [`detection   ${describeDetection(detection)}`] : []),
      ...wrote,
    ].join("\n"),
  );
}

function describeDetection(detection: Omit<DetectionInfo, "anchors"> & { anchors: number }): string {
  const { anchors, classes, maxBoxes, scoreThreshold, iouThreshold, regular } = detection;
  const suppression = `${regular ? "regular" : "fast"} suppression over ${iouThreshold.toPrecision(3)}`;
  return `${anchors} anchors, classes ${classes}, at most ${maxBoxes} boxes, scores from ${scoreThreshold.toPrecision(3)}, ${suppression}`;
}

function describe({ shape, type, scale, zeroPoint }: ReturnType<typeof readAnyInfo>["input"]): string {
  return `${shape.join("x")} ${type}, scale ${scale}, zero point ${zeroPoint}`;
}
