/** Packed files become one linked file: models that take turns in one arena. */
import { FormatError } from "../../src/errors.js";
import { loadSync } from "../../src/index.js";
import { isLinked, type Member } from "../../src/linked.js";
import { isStreamed } from "../../src/weights.js";
import { writeLinked } from "./write/linked.js";

/** Packed files cannot be linked; the message says why. */
export class LinkError extends Error {
  override name = "LinkError";
}

/**
 * Links packed files, each of which the engine must take.
 *
 * @param members two packed files or more, with the names that they shall have; messages call them by these
 * @returns the bytes of the linked file
 * @throws LinkError if there are too few, names are empty or the same, or a file is none that can be linked
 */
export function link(members: readonly Pick<Member, "name" | "file">[]): Uint8Array<ArrayBuffer> {
  if (members.length < 2) throw new LinkError("linking takes two models or more");
  const names = new Set<string>();
  for (const { name, file } of members) {
    if (name === "") throw new LinkError("a model needs a name");
    if (names.has(name)) throw new LinkError(`two models have the name "${name}": give one another, as NAME=FILE`);
    names.add(name);
    if (isLinked(file)) throw new LinkError(`"${name}" is a linked file itself: link the models that it was made of`);
    if (isStreamed(file)) throw new LinkError(`"${name}" has streamed weights, which a linked file does not hold`);
    try {
      loadSync(file, { engine: "mvp" });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new LinkError(`"${name}" cannot be linked: ${error.message}`, { cause: error });
    }
  }
  return writeLinked(members);
}
