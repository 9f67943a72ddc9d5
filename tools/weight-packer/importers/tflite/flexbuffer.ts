/**
 * Maps of numbers in FlexBuffers (google.github.io/flatbuffers/flatbuffers_internals), which custom operators have as
 * their options. The `flatbuffers` package's own reader stops at maps whose elements are 8 bytes wide, as Python writes
 * them wherever a float64 is among them.
 */

const MAP = 9;
const BOOL = 26;
/** How numbers are stored, by type: in the map itself, or elsewhere with an offset to them in the map. */
const NUMBERS: Record<number, { kind: "int" | "uint" | "float"; indirect: boolean }> = {
  1: { kind: "int", indirect: false },
  2: { kind: "uint", indirect: false },
  3: { kind: "float", indirect: false },
  6: { kind: "int", indirect: true },
  7: { kind: "uint", indirect: true },
  8: { kind: "float", indirect: true },
  [BOOL]: { kind: "uint", indirect: false },
};

/** Numbers of 1, 2, 4 or 8 bytes. Throws RangeError outside of the buffer. */
function read(view: DataView, at: number, width: number, kind: "int" | "uint" | "float"): number | undefined {
  if (kind === "float") {
    if (width === 4) return view.getFloat32(at, true);
    return width === 8 ? view.getFloat64(at, true) : undefined;
  }
  const signed = kind === "int";
  if (width === 1) return signed ? view.getInt8(at) : view.getUint8(at);
  if (width === 2) return signed ? view.getInt16(at, true) : view.getUint16(at, true);
  if (width === 4) return signed ? view.getInt32(at, true) : view.getUint32(at, true);
  return Number(signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true));
}

/** Where an offset that stands at a place leads: backwards. */
function target(view: DataView, at: number, width: number): number {
  return at - read(view, at, width, "uint")!;
}

function readKey(view: DataView, at: number): string {
  let text = "";
  for (let k = at; view.getUint8(k); k++) text += String.fromCharCode(view.getUint8(k));
  return text;
}

function readMap(view: DataView): Map<string, number> | undefined {
  const end = view.byteLength;
  const [packed, rootWidth] = [view.getUint8(end - 2), view.getUint8(end - 1)];
  if (packed >> 2 !== MAP || ![1, 2, 4, 8].includes(rootWidth)) return undefined;
  const width = 1 << (packed & 3);
  const values = target(view, end - 2 - rootWidth, rootWidth);
  const length = read(view, values - width, width, "uint")!;
  const keys = target(view, values - 3 * width, width);
  const keyWidth = read(view, values - 2 * width, width, "uint")!;
  if (![1, 2, 4, 8].includes(keyWidth)) return undefined;
  const numbers = new Map<string, number>();
  for (let i = 0; i < length; i++) {
    const type = view.getUint8(values + length * width + i);
    const number = NUMBERS[type >> 2];
    const at = values + i * width;
    const value =
      number &&
      (number.indirect
        ? read(view, target(view, at, width), 1 << (type & 3), number.kind)
        : read(view, at, width, number.kind));
    const key = readKey(view, target(view, keys + i * keyWidth, keyWidth));
    if (value !== undefined && !numbers.has(key)) numbers.set(key, value);
  }
  return numbers;
}

/**
 * Reads the numbers of a FlexBuffer whose root is a map. Booleans are 0 and 1; what is no number is left out.
 *
 * @param bytes the whole buffer
 * @returns undefined where it is damaged or no map
 */
export function readNumberMap(bytes: Uint8Array): ReadonlyMap<string, number> | undefined {
  try {
    return readMap(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
