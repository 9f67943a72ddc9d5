/** As much of ONNX's protocol buffers as the float form needs; field numbers and types as in onnx.proto. */
import protobuf from "protobufjs/minimal.js";

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** Numbers of data types. */
const DATA_TYPES = new Map([
  [Float32Array, 1],
  [Uint8Array, 2],
  [Int8Array, 3],
  [Int32Array, 6],
  [BigInt64Array, 7],
]);

/** A message from its fields in order: strings, bytes (also other messages) and integers. */
function message(fields) {
  const writer = protobuf.Writer.create();
  for (const [number, value] of fields) {
    if (typeof value === "number") writer.uint32((number << 3) | VARINT).int64(value);
    else {
      writer.uint32((number << 3) | LENGTH_DELIMITED);
      if (typeof value === "string") writer.string(value);
      else writer.bytes(value);
    }
  }
  return writer.finish();
}

/** An AttributeProto: an integer, a list of them, or a string. */
function attribute([name, value]) {
  if (Array.isArray(value)) return message([[1, name], ...value.map((v) => [8, v]), [20, 7]]);
  return message([
    [1, name],
    typeof value === "string" ? [4, value] : [3, value],
    [20, typeof value === "string" ? 3 : 2],
  ]);
}

/** A NodeProto. */
export function node(type, inputs, output, attributes = {}) {
  const values = Object.entries(attributes).map((entry) => [5, attribute(entry)]);
  return message([...inputs.map((name) => [1, name]), [2, output], [4, type], ...values]);
}

/** A TensorProto of a typed array of one of these. */
export function tensor(name, dims, values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message([...dims.map((n) => [1, n]), [2, DATA_TYPES.get(values.constructor)], [8, name], [9, bytes]]);
}

/** A ValueInfoProto, by the typed array that holds its elements; its shape left open unless given. */
export function valueInfo(name, dims, array = Float32Array) {
  const shape = dims ? [[2, message(dims.map((n) => [1, message([[1, n]])]))]] : [];
  return message([
    [1, name],
    [2, message([[1, message([[1, DATA_TYPES.get(array)], ...shape])]])],
  ]);
}

/** A ModelProto: IR version 7, opset 14. */
export function model({ nodes, initialisers, input, output }) {
  const graph = message([
    ...nodes.map((bytes) => [1, bytes]),
    [2, "float form"],
    ...initialisers.map((bytes) => [5, bytes]),
    [11, input],
    [12, output],
  ]);
  const opset = message([
    [1, ""],
    [2, 14],
  ]);
  return message([
    [1, 7],
    [2, "midge-bench"],
    [7, graph],
    [8, opset],
  ]);
}
