/** Outputs that the engine gives in parts: the heads of a detector, which the source model concatenates. */
import type { TensorInfo } from "./info.js";
import type { Session } from "./session.js";
import { extentOf } from "./shape.js";

/** One of the engine's outputs; `continues` as PORT_CONTINUES has it. */
export interface Part extends TensorInfo {
  readonly continues: number;
}

/** The same tensor with `more` added to one dimension. */
function longer(tensor: TensorInfo, dimension: number, more: TensorInfo, part: number): TensorInfo {
  const shape = tensor.shape.map((n, d) => (d === dimension ? n + (more.shape[d] ?? 0) : n));
  return {
    ...tensor,
    ...extentOf(shape, tensor.planar),
    shape,
    length: tensor.length + more.length,
    parts: [...tensor.parts, part],
  };
}

/** The source model's outputs, from the engine's. */
export function joinParts(ports: readonly Part[]): TensorInfo[] {
  const joined: TensorInfo[] = [];
  for (const [index, { continues, ...tensor }] of ports.entries()) {
    const before = joined.at(-1);
    if (continues && before) joined[joined.length - 1] = longer(before, continues - 1, tensor, index);
    else joined.push({ ...tensor, parts: [index] });
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
