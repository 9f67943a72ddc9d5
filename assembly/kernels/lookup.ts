/**
 * Any function of one element: a table of 256 bytes in the file, indexed by the input's. One kernel for both
 * builds: WASM's widest table is a swizzle of 16 bytes, and sixteen of them take longer than sixteen loads.
 */
import { STEP_WEIGHTS, TENSOR_CHANNELS, TENSOR_PIXEL_STRIDE, TENSOR_WIDTH } from "../layout";
import { fileOf, inputOf, outputOf, rowAddress } from "../rings";

/** Bytes of a table. */
export const TABLE_BYTES: u32 = 256;

/** `count` elements, four at a time, then the rest. */
function lookupRun(table: usize, from: usize, to: usize, count: u32): void {
  const end = from + count;
  for (; from + 4 <= end; from += 4, to += 4) {
    const a = load<u8>(table + load<u8>(from));
    const b = load<u8>(table + load<u8>(from, 1));
    const c = load<u8>(table + load<u8>(from, 2));
    const d = load<u8>(table + load<u8>(from, 3));
    store<u32>(to, <u32>a | (<u32>b << 8) | (<u32>c << 16) | (<u32>d << 24));
  }
  for (; from < end; ++from, ++to) store<u8>(to, load<u8>(table + load<u8>(from)));
}

/** Output rows y .. y + rows - 1. */
export function lookup(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const table = file + load<u32>(step, STEP_WEIGHTS);
  const strideIn = load<u32>(input, TENSOR_PIXEL_STRIDE);
  const strideOut = load<u32>(output, TENSOR_PIXEL_STRIDE);
  let count = load<u32>(output, TENSOR_CHANNELS);
  let pixels = load<u32>(output, TENSOR_WIDTH);
  // Where both are dense the whole row is one run, even if their pixels differ in structure.
  if (strideIn == load<u32>(input, TENSOR_CHANNELS) && strideOut == count) {
    count *= pixels;
    pixels = 1;
  }
  for (let end = y + rows; y < end; ++y) {
    let from = rowAddress(arena, input, y);
    let to = rowAddress(arena, output, y);
    for (let p: u32 = 0; p < pixels; ++p) {
      lookupRun(table, from, to, count);
      from += strideIn;
      to += strideOut;
    }
  }
}
