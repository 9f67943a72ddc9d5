/** What a packed file says of its images and classes: the options of the commands that write such a file. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { PackOptions } from "../pack.js";
import { readLines } from "./files.js";

/** What the options hold; labels name a file. */
export interface DescriptionOptions extends Pick<PackOptions, "colours" | "mean" | "scale" | "crop"> {
  labels?: string;
}

/** Adds --labels, --colours, --mean, --scale and --crop to a command. */
export function addDescriptionOptions(command: Command): Command {
  return command
    .option("--labels <file>", "names of the classes, one a line, to carry in the file")
    .addOption(new Option("--colours <order>", "what the model's channels are").choices(["RGB", "BGR", "grey"]))
    .option("--mean <r,g,b>", "real input = (pixel - mean) * scale (default: the input's own quantisation)", perChannel)
    .option("--scale <r,g,b>", "see --mean", perChannel)
    .addOption(new Option("--crop <rule>", "how images are cut before they are resized").choices(["centre", "full"]));
}

/** The options as the packer takes them. @throws Error if the labels cannot be read */
export async function readDescription(options: DescriptionOptions): Promise<PackOptions> {
  const { labels, colours, mean, scale, crop } = options;
  const lines = labels === undefined ? undefined : await readLines(labels);
  return { labels: lines?.join("\n"), colours, mean, scale, crop };
}

/** Parses one number for all channels, or three. */
function perChannel(text: string): [number, number, number] {
  const numbers = text.split(",").map(Number);
  if (![1, 3].includes(numbers.length) || text === "" || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError("It must be one number, or three with commas between.");
  }
  const [first, second = first, third = first] = numbers as [number, number?, number?];
  return [first, second, third];
}
