/** The packer from end to end: importer -> passes -> lowering -> planner -> writer. */
import { extent, type Graph } from "./graph/graph.js";
import { importTflite } from "./importers/tflite/index.js";
import { withLimits } from "./lower/limits.js";
import { lower } from "./lower/lower.js";
import type { Program } from "./lower/program.js";
import { simplify } from "./passes/index.js";
import { BudgetError, plan } from "./plan/plan.js";
import { planRequest, planWhole } from "./plan/request.js";
import type { Plan, Ram } from "./plan/types.js";
import { WindowError } from "./plan/windows.js";
import { type PackReport, report } from "./report.js";
import { type Description, writeMidge } from "./write/midge.js";

export interface PackOptions {
  /** Names of the classes, one a line. */
  labels?: string;
  /** "image" (default): the whole input lies in the arena. "rows": it is pushed row by row. */
  inputMode?: "image" | "rows";
  /** RAM that the arena may take; the default is `plan`'s. */
  ram?: Ram;
  /** Weights are streamed: read as they are needed, through windows of at most so many bytes. */
  windowBytes?: number;
  /** Per channel: real input = (pixel - mean) * scale. Default: a pixel's byte is the quantised input itself. */
  mean?: [number, number, number];
  scale?: [number, number, number];
  colours?: "RGB" | "BGR" | "grey";
  /** "full" for detectors and models whose first output is a map, else "centre" unless told. */
  crop?: "centre" | "full";
  /** Keep every tensor whole and apart, for comparing them; takes much memory. */
  keepAll?: boolean;
  /** Called as work goes on: what is being done, and the fraction done, 0..1. */
  onProgress?: (stage: string, fraction: number) => void;
}

export interface Packed {
  /** The bytes of the .midge file. */
  file: Uint8Array;
  report: PackReport;
  /** What is lawful in the source but looks wrong. */
  warnings: string[];
}

/** Whether the first output says something of each pixel: such models see the whole image. */
function isSegmenter({ operators, outputs }: Graph): boolean {
  const { height, width, channels } = extent(outputs[0]!);
  const indices = operators.some((op) => op.kind === "arg_max" && op.output === outputs[0]);
  return height > 1 && width > 1 && (indices || (outputs.length === 1 && channels > 1));
}

/** How images become inputs where the model does not say: the pixel's byte is the quantised value. */
function describe(graph: Graph, options: PackOptions): Description {
  const { scale, zeroPoint, type } = graph.inputPort;
  const mean = zeroPoint + (type === "int8" ? 128 : 0);
  return {
    name: graph.name,
    labels: options.labels ?? "",
    colours: options.colours ?? (extent(graph.input).channels === 1 ? "grey" : "RGB"),
    crop: options.crop ?? (graph.detection || isSegmenter(graph) ? "full" : "centre"),
    mean: options.mean ?? [mean, mean, mean],
    scale: options.scale ?? [scale, scale, scale],
  };
}

/** A plan, with layers for steps in the message where a budget or a window is too small. */
function planProgram(program: Program, options: PackOptions): Plan {
  const layer = (step: number) => {
    const { index, source } = program.steps[step]!.operator;
    return `operator ${index} ${source}`;
  };
  try {
    const request = planRequest(program, options.inputMode ?? "image", options.windowBytes);
    return options.keepAll ? planWhole(request) : plan(request, options.ram);
  } catch (error) {
    if (error instanceof WindowError) {
      throw new WindowError(error.leastBytes, error.window, error.step, layer(error.step));
    }
    if (!(error instanceof BudgetError)) throw error;
    const { leastBytes, budget, first, last } = error;
    const between =
      first === last ? `the layer ${layer(first)} stands` : `the layers from ${layer(first)} to ${layer(last)} stand`;
    throw new BudgetError(leastBytes, budget, first, last, between);
  }
}

/** Stages of packing; importing is the first. */
const STAGES = ["reading", "simplifying", "lowering", "planning", "writing"];

/**
 * Packs a graph, as an importer made it.
 *
 * @param fileName for messages
 * @throws ImportError with everything that stands in the way; BudgetError if `ram` is too little, with the least;
 *   WindowError if windowBytes is
 */
export function packGraph(source: Graph, fileName: string, options: PackOptions = {}): Packed {
  const progress = (stage: number) => options.onProgress?.(STAGES[stage] ?? "done", stage / STAGES.length);
  progress(1);
  const graph = withLimits(() => simplify(source));
  progress(2);
  const program = lower(graph, fileName);
  progress(3);
  const planned = planProgram(program, options);
  progress(4);
  const file = writeMidge(program, planned, describe(graph, options), options.windowBytes !== undefined);
  progress(5);
  return { file, report: report(file), warnings: graph.warnings };
}

/**
 * Packs a source model.
 *
 * @param bytes the model file (.tflite)
 * @param fileName for messages, and for the model's name
 * @throws ImportError with everything that stands in the way; BudgetError if `ram` is too little, with the least
 */
export function packModel(bytes: Uint8Array, fileName: string, options: PackOptions = {}): Packed {
  options.onProgress?.(STAGES[0]!, 0);
  const graph = withLimits(() => importTflite(bytes, fileName));
  return packGraph(graph, fileName, options);
}
