/**
 * Bounds-checked reading of FlatBuffers: every offset, length and vtable is checked against the file before the
 * `flatbuffers` runtime touches a byte, so a damaged file ends in an ImportError and nothing else.
 */
import { ByteBuffer } from "flatbuffers";
import { ImportError } from "../../graph/errors.js";

/**
 * Vectors may be shared, so a small file could unfold into a very large one. This many elements for each byte of the
 * file are read, then it is taken as damaged. Files of converters need less than one.
 */
const ELEMENTS_PER_BYTE = 4;
const ELEMENTS_FREE = 1 << 20;

/** A FlatBuffers file. */
export class FlatFile {
  /** The file; a plain Uint8Array even where the caller's is a Node Buffer, whose slice and subarray differ. */
  readonly bytes: Uint8Array;
  readonly buffer: ByteBuffer;
  private budget: number;

  /**
   * @param bytes the whole file
   * @param name file name, for messages
   */
  constructor(
    bytes: Uint8Array,
    readonly name: string,
  ) {
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.buffer = new ByteBuffer(this.bytes);
    this.budget = bytes.length * ELEMENTS_PER_BYTE + ELEMENTS_FREE;
  }

  /** The root table. Throws ImportError where the file is too short or its identifier is another. */
  root(identifier: string): Table {
    if (this.bytes.length < 8)
      this.damaged(`its ${this.bytes.length} bytes are too few for a header`, "not a TFLite model");
    const found = String.fromCharCode(...this.bytes.subarray(4, 8));
    if (found !== identifier) {
      this.damaged(`bytes 4 to 7 should be "${identifier}", the format's identifier`, "not a TFLite model");
    }
    return new Table(this, this.buffer.readUint32(0), "the model");
  }

  /** Throws ImportError unless `size` bytes at `position` lie in the file. */
  check(position: number, size: number, what: string): void {
    if (position < 0 || size < 0 || position + size > this.bytes.length) {
      this.damaged(`${what} would lie at bytes ${position} to ${position + size}, the file has ${this.bytes.length}`);
    }
  }

  /** Takes note of elements read. Throws ImportError when there are more than the file can honestly hold. */
  charge(count: number, what: string): void {
    this.budget -= count;
    if (this.budget < 0) this.damaged(`${what} repeats the same bytes too often`);
  }

  /** Throws ImportError. */
  damaged(what: string, kind = "damaged or truncated file"): never {
    throw new ImportError(this.name, [{ reason: `${kind}: ${what}` }]);
  }
}

/** A table of a FlatBuffers file. Fields are given by slot: the field's number in the schema, from 0. */
export class Table {
  private readonly vtable: number;
  private readonly vtableBytes: number;
  private readonly tableBytes: number;

  /** Throws ImportError where the table or its vtable does not lie in the file. */
  constructor(
    readonly file: FlatFile,
    readonly position: number,
    readonly what: string,
  ) {
    file.check(position, 4, what);
    this.vtable = position - file.buffer.readInt32(position);
    file.check(this.vtable, 4, `the field table of ${what}`);
    this.vtableBytes = file.buffer.readUint16(this.vtable);
    this.tableBytes = file.buffer.readUint16(this.vtable + 2);
    if (this.vtableBytes < 4 || this.tableBytes < 4) file.damaged(`the field table of ${what} is too short`);
    file.check(this.vtable, this.vtableBytes, `the field table of ${what}`);
    file.check(position, this.tableBytes, what);
  }

  /** Position of a field of `size` bytes, 0 where it is absent. */
  private field(slot: number, size: number): number {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.vtableBytes) return 0;
    const offset = this.file.buffer.readUint16(this.vtable + entry);
    if (offset === 0) return 0;
    if (offset < 4 || offset + size > this.tableBytes)
      this.file.damaged(`field ${slot} of ${this.what} lies outside it`);
    return this.position + offset;
  }

  int8(slot: number, absent = 0): number {
    const at = this.field(slot, 1);
    return at ? this.file.buffer.readInt8(at) : absent;
  }

  uint8(slot: number, absent = 0): number {
    const at = this.field(slot, 1);
    return at ? this.file.buffer.readUint8(at) : absent;
  }

  bool(slot: number): boolean {
    return this.uint8(slot) !== 0;
  }

  int32(slot: number, absent = 0): number {
    const at = this.field(slot, 4);
    return at ? this.file.buffer.readInt32(at) : absent;
  }

  uint32(slot: number, absent = 0): number {
    const at = this.field(slot, 4);
    return at ? this.file.buffer.readUint32(at) : absent;
  }

  /** As a number; beyond 2^53 inexact, which no check against a file's size notices. */
  uint64(slot: number): number {
    const at = this.field(slot, 8);
    return at ? Number(this.file.buffer.readUint64(at)) : 0;
  }

  float32(slot: number, absent = 0): number {
    const at = this.field(slot, 4);
    return at ? this.file.buffer.readFloat32(at) : absent;
  }

  /** Whether an offset field (table, vector, string) is there. */
  has(slot: number): boolean {
    return this.field(slot, 4) !== 0;
  }

  /** A table that this one refers to. */
  table(slot: number, what: string): Table | undefined {
    const at = this.field(slot, 4);
    return at ? new Table(this.file, at + this.file.buffer.readUint32(at), what) : undefined;
  }

  /** Elements of a vector of tables; empty where it is absent. `what` names one element. */
  tables(slot: number, what: string): Table[] {
    const { start, length } = this.vector(slot, 4, `the list of each ${what}`);
    this.file.charge(length, `the list of each ${what}`);
    return Array.from({ length }, (_, i) => {
      const at = start + 4 * i;
      return new Table(this.file, at + this.file.buffer.readUint32(at), `${what} ${i}`);
    });
  }

  /** A vector of int32. */
  ints(slot: number): number[] {
    return this.numbers(slot, 4, (at) => this.file.buffer.readInt32(at));
  }

  /** A vector of int64, as numbers. */
  longs(slot: number): number[] {
    return this.numbers(slot, 8, (at) => Number(this.file.buffer.readInt64(at)));
  }

  /** A vector of float32. */
  floats(slot: number): number[] {
    return this.numbers(slot, 4, (at) => this.file.buffer.readFloat32(at));
  }

  /** A vector of bytes, as a view into the file; empty where it is absent. */
  bytes(slot: number): Uint8Array {
    const { start, length } = this.vector(slot, 1, `field ${slot} of ${this.what}`);
    return this.file.bytes.subarray(start, start + length);
  }

  /** A string; empty where it is absent. */
  string(slot: number): string {
    const bytes = this.bytes(slot);
    this.file.charge(bytes.length, `the text of ${this.what}`);
    return new TextDecoder().decode(bytes);
  }

  private numbers(slot: number, size: number, read: (at: number) => number): number[] {
    const what = `field ${slot} of ${this.what}`;
    const { start, length } = this.vector(slot, size, what);
    this.file.charge(length, what);
    return Array.from({ length }, (_, i) => read(start + size * i));
  }

  private vector(slot: number, size: number, what: string): { start: number; length: number } {
    const at = this.field(slot, 4);
    if (!at) return { start: 0, length: 0 };
    const vector = at + this.file.buffer.readUint32(at);
    this.file.check(vector, 4, what);
    const length = this.file.buffer.readUint32(vector);
    this.file.check(vector + 4, length * size, what);
    return { start: vector + 4, length };
  }
}
