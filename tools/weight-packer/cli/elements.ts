import type { InputTensor, TensorInfo } from "../../../src/index.js";

/**
 * The elements of an input's raw bytes: float32 where the model's are and there are four bytes for each, else quantised.
 *
 * @throws Error if a float32 model's input has another number of bytes
 */
export function elements(bytes: Uint8Array, { type, quantisedType, length }: TensorInfo): InputTensor {
  if (type === "float32" && bytes.length !== length) {
    if (bytes.length !== 4 * length) {
      throw new Error(
        `the input has ${bytes.length} bytes instead of ${4 * length} (float32) or ${length} (quantised)`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true));
  }
  return quantisedType === "int8" ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
}
