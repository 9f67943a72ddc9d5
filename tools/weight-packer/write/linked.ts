/** The bytes of a linked file. */
import * as layout from "../../../assembly/layout.js";
import { checksum } from "../../../src/checksum.js";
import { arenaBytesOf, type Member } from "../../../src/linked.js";

const align = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** Where things of the given lengths lie one behind the other, each at a multiple of `alignment`, and where they end. */
function sequence(from: number, lengths: readonly number[], alignment: number): { offsets: number[]; end: number } {
  let end = from;
  const offsets: number[] = [];
  for (const length of lengths) {
    const offset = Math.ceil(end / alignment) * alignment;
    offsets.push(offset);
    end = offset + length;
  }
  return { offsets, end };
}

/**
 * Makes a linked file. What the members hold is not looked at.
 *
 * @param members two packed files or more, with names that differ
 * @throws RangeError if the file would not fit 32-bit offsets
 */
export function writeLinked(members: readonly Pick<Member, "name" | "file">[]): Uint8Array<ArrayBuffer> {
  const names = members.map(({ name }) => new TextEncoder().encode(name));
  const lengths = (parts: readonly Uint8Array[]) => parts.map(({ length }) => length);
  const text = sequence(layout.LINKED_MEMBERS + members.length * layout.MEMBER_BYTES, lengths(names), 1);
  const tableBytes = align(text.end);
  const files = sequence(tableBytes, lengths(members.map(({ file }) => file)), 16);
  const fileBytes = align(files.end);
  if (fileBytes > 0xffffffff) throw new RangeError(`${fileBytes} bytes are too many for one file`);
  const linked = new Uint8Array(fileBytes);
  const view = new DataView(linked.buffer);
  const words = (at: number, values: Record<number, number>) => {
    for (const [field, value] of Object.entries(values)) view.setUint32(at + Number(field), value, true);
  };
  words(0, {
    [layout.LINKED_MAGIC]: layout.MAGIC_LINKED,
    [layout.LINKED_VERSION]: layout.VERSION_LINKED,
    [layout.LINKED_FILE_BYTES]: fileBytes,
    [layout.LINKED_ARENA_BYTES]: Math.max(...members.map(({ file }) => arenaBytesOf(file))),
    [layout.LINKED_MEMBER_COUNT]: members.length,
    [layout.LINKED_TABLE_BYTES]: tableBytes,
  });
  for (const [k, { file }] of members.entries()) {
    words(layout.LINKED_MEMBERS + k * layout.MEMBER_BYTES, {
      [layout.MEMBER_FILE]: files.offsets[k]!,
      [layout.MEMBER_FILE_BYTES]: file.length,
      [layout.MEMBER_NAME]: text.offsets[k]!,
      [layout.MEMBER_NAME_BYTES]: names[k]!.length,
    });
    linked.set(names[k]!, text.offsets[k]!);
    linked.set(file, files.offsets[k]!);
  }
  words(0, { [layout.LINKED_CHECKSUM]: checksum(linked.subarray(0, tableBytes)) });
  return linked;
}
