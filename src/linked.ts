/** Linked files: several packed files that take turns in one arena, the largest that one of them needs. */
import * as layout from "../assembly/layout.js";
import { checksum } from "./checksum.js";
import { FormatError } from "./errors.js";
import type { Model } from "./model.js";
import { viewOf } from "./records.js";

/** Models that take turns in one arena of one instance of the engine. */
export interface LinkedModels {
  /** By the names that they were linked under. */
  readonly models: Readonly<Record<string, Model>>;
  /** Bytes of RAM that they all work in, beside the file: the most that one of them needs. */
  readonly arenaBytes: number;
  readonly fileBytes: number;
}

/** A packed file inside a linked one. */
export interface Member {
  readonly name: string;
  /** Where it lies in the linked file, a multiple of 16. */
  readonly offset: number;
  /** The packed file itself; a view. */
  readonly file: Uint8Array;
}

/** Whether bytes begin as a linked file does. */
export function isLinked(file: Uint8Array): boolean {
  return file.length >= 4 && viewOf(file).getUint32(0, true) === layout.MAGIC_LINKED;
}

/** Bytes of the arena that a packed file asks for. */
export function arenaBytesOf(file: Uint8Array): number {
  return viewOf(file).getUint32(layout.HEADER_ARENA_BYTES, true);
}

/** A packed file's own checks are the engine's: here only what the table says of it. */
function readMember(file: Uint8Array, record: number, tableBytes: number): Member {
  const word = (field: number) => viewOf(file).getUint32(record + field, true);
  const offset = word(layout.MEMBER_FILE);
  const bytes = word(layout.MEMBER_FILE_BYTES);
  const nameAt = word(layout.MEMBER_NAME);
  const nameBytes = word(layout.MEMBER_NAME_BYTES);
  if (nameBytes < 1 || nameAt + nameBytes > tableBytes) throw damaged("a name lies outside of its table");
  let name: string;
  try {
    name = new TextDecoder("utf-8", { fatal: true }).decode(file.slice(nameAt, nameAt + nameBytes));
  } catch {
    throw damaged("a name is no UTF-8");
  }
  if (offset % 16 || bytes % 16) throw damaged(`the model "${name}" does not lie at a multiple of 16`);
  if (bytes < layout.HEADER_BYTES) throw damaged(`the model "${name}" has ${bytes} bytes`);
  if (offset < tableBytes || offset + bytes > file.length)
    throw damaged(`the model "${name}" lies outside of the file`);
  return { name, offset, file: file.subarray(offset, offset + bytes) };
}

function damaged(what: string): FormatError {
  return new FormatError(`the linked file is damaged: ${what}`);
}

/**
 * The members of a linked file. What they hold is left to the engine.
 *
 * @throws FormatError if the file is none, truncated or damaged; if members overlap or share a name
 */
export function readLinked(file: Uint8Array): Member[] {
  if (!isLinked(file)) throw new FormatError("not a linked file: midge link makes them");
  if (file.length < layout.LINKED_MEMBERS) throw damaged(`it has ${file.length} bytes`);
  const word = (field: number) => viewOf(file).getUint32(field, true);
  const version = word(layout.LINKED_VERSION);
  if (version !== layout.VERSION_LINKED) throw new FormatError(`version ${version} of linked files is not known`);
  if (word(layout.LINKED_FILE_BYTES) !== file.length) {
    throw damaged(`it has ${file.length} bytes instead of ${word(layout.LINKED_FILE_BYTES)}`);
  }
  const tableBytes = word(layout.LINKED_TABLE_BYTES);
  const count = word(layout.LINKED_MEMBER_COUNT);
  const recordsEnd = layout.LINKED_MEMBERS + count * layout.MEMBER_BYTES;
  if (count < 2 || recordsEnd > tableBytes) throw damaged(`it has ${count} members`);
  if (tableBytes % 16 || tableBytes > file.length) throw damaged(`its table has ${tableBytes} bytes`);
  if (word(layout.LINKED_CHECKSUM) !== checksum(file.subarray(0, tableBytes))) throw damaged("the checksum differs");
  const members = Array.from({ length: count }, (_, k) =>
    readMember(file, layout.LINKED_MEMBERS + k * layout.MEMBER_BYTES, tableBytes),
  );
  const names = new Set<string>();
  for (const { name } of members) {
    if (names.has(name)) throw damaged(`two models have the name "${name}"`);
    names.add(name);
  }
  const inOrder = [...members].sort((a, b) => a.offset - b.offset);
  for (const [k, { name, offset }] of inOrder.entries()) {
    const before = inOrder[k - 1];
    if (before && before.offset + before.file.length > offset) {
      throw damaged(`the models "${before.name}" and "${name}" overlap`);
    }
  }
  const most = Math.max(...members.map((member) => arenaBytesOf(member.file)));
  if (word(layout.LINKED_ARENA_BYTES) !== most) throw damaged("its arena is not the largest of its models'");
  return members;
}
