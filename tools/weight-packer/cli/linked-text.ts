/** What a linked file costs and holds. */
import type { LinkedModels } from "../../../src/linked.js";
import { bytes, table } from "./output.js";

/** What `midge link --json` and `midge inspect --json` say of a linked file. */
export interface LinkedFacts {
  /** The arena that all share: the largest of theirs. */
  arenaBytes: number;
  fileBytes: number;
  models: { name: string; arenaBytes: number; fileBytes: number; input: string; outputs: string[] }[];
}

/** The facts of a linked file. */
export function linkedFacts({ models, arenaBytes, fileBytes }: LinkedModels): LinkedFacts {
  const shape = (tensor: { shape: readonly number[]; type: string }) => `${tensor.shape.join("x")} ${tensor.type}`;
  return {
    arenaBytes,
    fileBytes,
    models: Object.entries(models).map(([name, { info }]) => ({
      name,
      arenaBytes: info.arenaBytes,
      fileBytes: info.fileBytes,
      input: shape(info.input),
      outputs: info.outputs.map(shape),
    })),
  };
}

/** The facts for people. */
export function linkedText({ arenaBytes, fileBytes, models }: LinkedFacts): string {
  const rows = models.map((m) => [m.name, bytes(m.arenaBytes), bytes(m.fileBytes), m.input, m.outputs.join(", ")]);
  const apart = models.reduce((sum, m) => sum + m.arenaBytes, 0);
  return [
    table(["model", ">arena", ">file", "input", "outputs"], rows),
    "",
    `arena  ${bytes(arenaBytes)} for all in turn, ${bytes(apart)} if each had its own`,
    `file   ${bytes(fileBytes)}`,
  ].join("\n");
}
