/** Maps of numbers in FlexBuffers, which custom operators have as their options. */
import { toReference } from "flatbuffers/js/flexbuffers.js";

/** A map's numbers by key; absent for what is no number or not there. Booleans are 0 and 1. */
export type NumberMap = (key: string) => number | undefined;

/**
 * Reads a FlexBuffer whose root is a map.
 *
 * @param bytes the whole buffer
 * @returns undefined where it is damaged or no map; a damaged value is absent
 */
export function readNumberMap(bytes: Uint8Array): NumberMap | undefined {
  // The library throws strings and RangeErrors, for absent keys too.
  try {
    const root = toReference(new Uint8Array(bytes).buffer);
    if (!root.isMap()) return undefined;
    return (key) => {
      try {
        // Its types know of vectors only.
        const value = root.get(key as unknown as number);
        if (value.isBool()) return value.boolValue() ? 1 : 0;
        const number = value.isFloat() ? value.floatValue() : value.intValue();
        return number === null ? undefined : Number(number);
      } catch {
        return undefined;
      }
    };
  } catch {
    return undefined;
  }
}
