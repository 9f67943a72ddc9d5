import { isWide, type TensorType } from "./info.js";

/** A model's tensor in the source model's own type. */
export type Tensor =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

/** Bytes as int8 or, where the type is another, as uint8. */
export function narrow(
  bytes: Uint8Array<ArrayBuffer>,
  type: TensorType,
): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  return type === "int8" ? new Int8Array(bytes.buffer) : bytes;
}

/** The engine's bytes in a type: as they are, or widened where they are indices of 0..255. */
export function typed(bytes: Uint8Array<ArrayBuffer>, type: TensorType): Tensor {
  if (!isWide(type)) return narrow(bytes, type);
  if (type === "int32") return Int32Array.from(bytes);
  const indices = Array.from({ length: 256 }, (_, index) => BigInt(index));
  const wide = new BigInt64Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) wide[i] = indices[bytes[i]!]!;
  return wide;
}
