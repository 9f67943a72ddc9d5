import * as layout from "../assembly/layout.js";

/** A packed file's fields, read at byte offsets. */
export function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

/** How the rows of a tensor lie in the arena: fields of its record. */
export interface Rows {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Bytes from a pixel to the next. */
  readonly pixelStride: number;
  /** Bytes from a row to the next. */
  readonly rowStride: number;
}

/** Byte offsets of the outputs' ports. */
export function outputPorts(view: DataView): number[] {
  const first = view.getUint32(layout.HEADER_OUTPUTS, true);
  const length = view.getUint32(layout.HEADER_OUTPUT_COUNT, true);
  return Array.from({ length }, (_, output) => first + output * layout.PORT_BYTES);
}

/** The rows of the tensor that a port names. @param port byte offset of the port's record */
export function portRows(view: DataView, port: number): Rows {
  return tensorRows(view, view.getUint32(port + layout.PORT_TENSOR, true));
}

/** Byte offset of a tensor's record. */
export function tensorRecord(view: DataView, index: number): number {
  return view.getUint32(layout.HEADER_TENSORS, true) + index * layout.TENSOR_BYTES;
}

/** The rows of a tensor. */
export function tensorRows(view: DataView, index: number): Rows {
  const word = (field: number) => view.getUint32(tensorRecord(view, index) + field, true);
  return {
    height: word(layout.TENSOR_HEIGHT),
    width: word(layout.TENSOR_WIDTH),
    channels: word(layout.TENSOR_CHANNELS),
    pixelStride: word(layout.TENSOR_PIXEL_STRIDE),
    rowStride: word(layout.TENSOR_ROW_STRIDE),
  };
}
