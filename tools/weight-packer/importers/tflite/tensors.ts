/** Tensors of a TFLite file: shape, type, quantisation and constant data. */
import { elements, type Quantization, type Tensor } from "../../graph/graph.js";
import { show } from "../../graph/rewrite.js";
import { BUFFER, ELEMENT_TYPES, QUANTIZATION, TENSOR } from "./fields.js";
import type { FlatFile, Table } from "./flatbuffer.js";

/** A tensor of the source and what is wrong with it whatever it is used for. */
export interface SourceTensor {
  index: number;
  tensor: Tensor;
  /** Each is a reason that begins with the tensor's name. */
  faults: string[];
}

const BYTES: Partial<Record<Tensor["type"], number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  float32: 4,
  float16: 2,
  bool: 1,
};

/** Constant bytes as elements: views for single bytes, aligned copies for the rest. */
function view(bytes: Uint8Array, type: Tensor["type"]): NonNullable<Tensor["data"]> {
  if (type === "int8") return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const aligned = () => new Uint8Array(bytes).buffer;
  switch (type) {
    case "int16":
      return new Int16Array(aligned());
    case "int32":
      return new Int32Array(aligned());
    case "int64":
      return new BigInt64Array(aligned());
    case "float32":
      return new Float32Array(aligned());
    default:
      return bytes;
  }
}

/** A buffer's bytes: inside the FlatBuffer, or after it in the same file (files beyond 2 GB); empty for activations. */
function content(file: FlatFile, buffer: Table): Uint8Array {
  const offset = buffer.uint64(BUFFER.offset);
  if (offset <= 1) return buffer.bytes(BUFFER.data);
  const size = buffer.uint64(BUFFER.size);
  file.check(offset, size, `the data of ${buffer.what}`);
  return file.bytes.subarray(offset, offset + size);
}

function readQuantization(
  table: Table,
  faults: string[],
  shape: readonly number[],
  name: string,
): Quantization | undefined {
  const at = table.table(TENSOR.quantization, `the quantisation of ${table.what}`);
  if (!at) return undefined;
  if (at.uint8(QUANTIZATION.detailsType) !== 0)
    faults.push(`'${name}' has quantisation of another kind than scale and zero point`);
  const scale = at.floats(QUANTIZATION.scale);
  if (!scale.length) return undefined;
  const given = at.longs(QUANTIZATION.zeroPoint);
  const dimension = at.int32(QUANTIZATION.quantizedDimension);
  if (![0, 1, scale.length].includes(given.length)) {
    faults.push(`'${name}' has ${scale.length} scales and ${given.length} zero points`);
  }
  if (scale.length > 1 && shape[dimension] !== scale.length) {
    // Biases carry their convolution's dimension in some files; only the number of scales counts there.
    if (!(shape.length === 1 && shape[0] === scale.length)) {
      faults.push(`'${name}' has ${scale.length} scales along dimension ${dimension} of [${shape.join(", ")}]`);
    }
  }
  const zeroPoint = scale.map((_, i) => given[given.length === 1 ? 0 : i] ?? 0);
  return { scale, zeroPoint, dimension };
}

function readShape(table: Table, faults: string[], name: string): number[] {
  const shape = table.ints(TENSOR.shape);
  const signature = table.ints(TENSOR.shapeSignature);
  const all = signature.length === shape.length ? shape.map((n, i) => (signature[i] === -1 ? -1 : n)) : shape;
  if (all.some((n, i) => n === -1 && i > 0)) faults.push(`'${name}' has a dynamic shape [${all.join(", ")}]`);
  // A batch of any size is one: that is what the engine runs.
  if (all[0] === -1) shape[0] = 1;
  if (shape.some((n) => n < (n === -1 ? -1 : 0)) || Math.abs(elements(shape)) >= 2 ** 31) {
    faults.push(`'${name}' has the impossible shape [${shape.join(", ")}]`);
  }
  return shape;
}

/**
 * Reads the tensors of a subgraph, in file order. A tensor with data is a constant; data is a view into the file for
 * int8 and uint8. Faults are collected, not thrown; only a damaged file throws (ImportError).
 */
export function readTensors(file: FlatFile, tables: readonly Table[], buffers: readonly Table[]): SourceTensor[] {
  const contents = buffers.map((buffer) => content(file, buffer));
  return tables.map((table, index) => {
    const faults: string[] = [];
    const name = table.string(TENSOR.name) || `tensor ${index}`;
    const number = table.int8(TENSOR.type);
    const type = ELEMENT_TYPES[number] ?? file.damaged(`'${name}' has the unknown element type ${number}`);
    const shape = readShape(table, faults, name);
    const tensor: Tensor = { name, shape, type };
    const quantization = readQuantization(table, faults, shape, name);
    if (quantization) tensor.quantization = quantization;
    const buffer = table.uint32(TENSOR.buffer);
    const bytes = contents[buffer];
    if (!bytes) file.damaged(`'${name}' has its data in buffer ${buffer} of ${contents.length}`);
    if (table.has(TENSOR.sparsity)) faults.push(`'${name}' is sparse`);
    if (table.bool(TENSOR.isVariable)) faults.push(`'${name}' is a variable`);
    if (table.uint32(TENSOR.externalBuffer)) faults.push(`'${name}' has its data in another file`);
    if (bytes.length) {
      const width = BYTES[type];
      if (width !== undefined && !table.has(TENSOR.sparsity) && bytes.length !== elements(shape) * width) {
        file.damaged(`${show(tensor)} should have ${elements(shape) * width} bytes of data and has ${bytes.length}`);
      }
      file.charge(width === 1 ? 0 : bytes.length, `'${name}'`);
      tensor.data = bytes.length % (width ?? 1) === 0 ? view(bytes, type) : bytes;
    }
    return { index, tensor, faults };
  });
}
