/** Outputs that the engine gives in parts: the heads of a detector, which the source model concatenates. */
import type { TensorInfo } from "./info.js";
import type { Session } from "./session.js";
import { extentOf } from "./shape.js";

/** The same tensor with `more` added to one dimension. */
function longer(tensor: TensorInfo, dimension: number, more: TensorInfo): TensorInfo {
  const shape = tensor.shape.map((n, d) => (d === dimension ? n + (more.shape[d] ?? 0) : n));
  return {
    ...tensor,
    ...extentOf(shape, tensor.planar),
    shape,
    length: tensor.length + more.length,
    parts: [...tensor.parts, ...more.parts],
  };
}

/**
 * The source model's outputs, from the engine's.
 *
 * @param continues for each output, as PORT_CONTINUES has it
 */
export function joinParts(outputs: readonly TensorInfo[], continues: readonly number[]): TensorInfo[] {
  const joined: TensorInfo[] = [];
  for (const [k, output] of outputs.entries()) {
    const before = continues[k] ? joined.pop() : undefined;
    joined.push(before ? longer(before, continues[k]! - 1, output) : output);
  }
  return joined;
}

/** A copy of an output's bytes, its parts one after the other. */
export function gather(session: Session, { parts }: TensorInfo): Uint8Array<ArrayBuffer> {
  const pieces = parts.map((part) => session.output(part));
  if (pieces.length === 1) return pieces[0]!;
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
