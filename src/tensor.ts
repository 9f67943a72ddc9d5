import { InputError } from "./errors.js";
import { isBytes } from "./image.js";
import { isWide, type QuantisedType, type TensorInfo } from "./info.js";

/** A model's tensor in the source model's own type. */
export type Tensor =
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

/** Bytes as int8 or as uint8. */
export function narrow(
  bytes: Uint8Array<ArrayBuffer>,
  type: QuantisedType,
): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  return type === "int8" ? new Int8Array(bytes.buffer) : bytes;
}

/** The nearest integer that a type has. */
export function clamp(q: number, type: QuantisedType): number {
  const least = type === "int8" ? -128 : 0;
  return Math.min(Math.max(q, least), least + 255);
}

/** Values of an input: quantised, or real. */
export type InputTensor = Int8Array | Uint8Array | Uint8ClampedArray | Float32Array;

/** What quantises a tensor: real value = scale * (q - zeroPoint). */
export type Quantisation = Pick<TensorInfo, "quantisedType" | "scale" | "zeroPoint">;

/**
 * Real values as quantised ones, as TFLite's QUANTIZE (reference_ops::AffineQuantize): value / scale rounded to float32,
 * then to the nearest integer, half away from zero; clamped to the type's range.
 *
 * @example model.run(quantise(values, model.info.input))
 * @throws InputError if a value is no number
 */
export function quantise(
  values: Float32Array,
  { quantisedType, scale, zeroPoint }: Quantisation,
): Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  const quantised = new (quantisedType === "int8" ? Int8Array : Uint8Array)(values.length);
  for (let i = 0; i < quantised.length; i++) {
    const steps = Math.fround(values[i]! / scale);
    if (Number.isNaN(steps)) throw new InputError(`element ${i} is no number`);
    // Adding 0.5 to a float32 is exact in double wherever it is below the range's ends.
    const rounded = steps < 0 ? Math.ceil(steps - 0.5) : Math.floor(steps + 0.5);
    quantised[i] = clamp(rounded + zeroPoint, quantisedType);
  }
  return quantised;
}

/**
 * Quantised values as real ones, as TFLite's DEQUANTIZE: scale * (q - zero point), rounded to float32 once.
 *
 * @example const scores = dequantise(model.run(input)[0], model.info.outputs[0])
 */
export function dequantise(
  values: Int8Array | Uint8Array,
  { scale, zeroPoint }: Pick<TensorInfo, "scale" | "zeroPoint">,
): Float32Array<ArrayBuffer> {
  const reals = new Float32Array(values.length);
  for (let i = 0; i < reals.length; i++) reals[i] = scale * (values[i]! - zeroPoint);
  return reals;
}

/** The bytes of quantised values, or of real ones once quantised. @throws InputError if the type is another */
export function quantisedBytes(input: InputTensor, info: Quantisation): Uint8Array {
  const values = input instanceof Float32Array ? quantise(input, info) : input;
  const signed = info.quantisedType === "int8";
  if (signed ? !(values instanceof Int8Array) : !isBytes(values))
    throw new InputError(`the input must be ${signed ? "Int8Array" : "Uint8Array"} or Float32Array`);
  return new Uint8Array(values.buffer, values.byteOffset, values.length);
}

/** A whole input as the engine takes it: pixels of quantised, interleaved channels. @throws InputError */
export function inputBytes(input: InputTensor, info: TensorInfo): Uint8Array {
  const bytes = quantisedBytes(input, info);
  const { length, planar, channels } = info;
  if (bytes.length !== length) throw new InputError(`the input has ${bytes.length} elements instead of ${length}`);
  return planar ? turned(bytes, length / channels, channels) : bytes;
}

/** Columns of a matrix of bytes, one after the other, each of `rows` bytes. */
function turned(bytes: Uint8Array, columns: number, rows: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(bytes.length);
  for (let column = 0, to = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) made[to++] = bytes[row * columns + column]!;
  }
  return made;
}

/** The engine's bytes as the source model's tensor: its order, its type; indices of 0..255 widened. */
export function typed(bytes: Uint8Array<ArrayBuffer>, info: TensorInfo): Tensor {
  const { type } = info;
  if (type === "int32") return new Int32Array(bytes);
  if (isWide(type)) {
    const indices = new BigInt64Array(bytes.length);
    // Maps are large, and making bigints takes long: the low halves, which come first on all hosts of WebAssembly.
    const halves = new Uint32Array(indices.buffer);
    for (let i = 0; i < bytes.length; i++) halves[2 * i] = bytes[i]!;
    return indices;
  }
  const values = narrow(ordered(bytes, info), info.quantisedType);
  return type === "float32" ? dequantise(values, info) : values;
}

/** The engine's bytes, pixel by pixel, in the source model's order. */
export function ordered(bytes: Uint8Array<ArrayBuffer>, { planar, channels }: TensorInfo): Uint8Array<ArrayBuffer> {
  return planar ? turned(bytes, channels, bytes.length / channels) : bytes;
}
