import { extname } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { VARIANTS, type Variant } from "../../../src/engine.js";
import type { Crop } from "../../../src/image.js";

/** --variant: which of the engine's builds to use. */
export function variantOption(): Option {
  return new Option("--variant <variant>", "the engine's build (default: the fastest that runs here)").choices(
    VARIANTS,
  );
}

/** --json: the result for machines. */
export function jsonOption(): Option {
  return new Option("--json", "print the result as JSON");
}

/** --model: which of a linked file's models. */
export function modelOption(): Option {
  return new Option("--model <name>", "which model of a linked file");
}

/** --crop: which part of an image to look at. */
export function cropOption(): Option {
  return new Option(
    "--crop <crop>",
    'part of the image to look at: "centre" (the largest centred square), "full" or x,y,width,height in pixels (default: what the model was made for)',
  ).argParser(parseCrop);
}

function parseCrop(text: string): Crop {
  if (text === "centre" || text === "full") return text;
  const numbers = text.split(",").map(Number);
  if (numbers.length !== 4 || !numbers.every(Number.isInteger)) {
    throw new InvalidArgumentError('It must be "centre", "full" or x,y,width,height.');
  }
  const [x, y, width, height] = numbers as [number, number, number, number];
  return { x, y, width, height };
}

/** Parses the name of a file that will be a PNG: another picture's ending would be a lie. */
export function pngFile(text: string): string {
  if (!["", ".png"].includes(extname(text).toLowerCase())) throw new InvalidArgumentError("It will be a .png file.");
  return text;
}

/** Parses a whole number of at least one. */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number of at least 1.");
  return value;
}

/** Parses a number of seconds above 0. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

/** Options that many commands share. */
export interface CommonOptions {
  json?: boolean;
  variant?: Variant;
  model?: string;
}
