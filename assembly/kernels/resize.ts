/**
 * Resizing by bilinear interpolation, of which the nearest neighbour is the case without a fraction. The file's table
 * says for each output row, then for each output column, between which two input rows or columns it lies (u16 lower,
 * upper) and how far from the lower one: i32 in 1/1024, or f32 where the source was uint8, as TFLite's reference has it
 * (resize_bilinear.h). sum <= 255 * 2^20 < 2^28, for the four weights add up to 2^20; a fraction may be below 0 where
 * both neighbours are the same.
 * Rows and columns with the fraction GAP hold the zero point: what a transposed convolution spreads its input with.
 * The step's input is whole: its window reaches over all rows from each output row.
 */
import { divideByPowerOfTwo } from "../fixed";
import {
  FLAG_UNSIGNED,
  GAP,
  STEP_FLAGS,
  STEP_WEIGHTS,
  TENSOR_CHANNELS,
  TENSOR_HEIGHT,
  TENSOR_PIXEL_STRIDE,
  TENSOR_WIDTH,
  TENSOR_ZERO_POINT,
} from "../layout";
import { storeSome } from "./block";
import { fileOf, fill, inputOf, outputOf, rowAddress } from "../rings";

/** Bytes of an entry of the table. */
export const ENTRY_BYTES: u32 = 8;

/** Bits of the two fractions' product. */
const FRACTION_BITS = 20;

/** What four held bytes, each 128 above its int8, add to a sum: ties round away from the int8's zero. */
const MIDDLE = 128 << FRACTION_BITS;

/** `count` channels between four pixels, at fractions dy and dx of 1/1024. */
export function resizeFixed(a: usize, b: usize, c: usize, d: usize, dy: i32, dx: i32, to: usize, count: u32): void {
  const wa = (1024 - dy) * (1024 - dx);
  const wb = (1024 - dy) * dx;
  const wc = dy * (1024 - dx);
  const wd = dy * dx;
  for (let i: u32 = 0; i < count; ++i) {
    const top = <i32>load<u8>(a + i) * wa + <i32>load<u8>(b + i) * wb;
    const bottom = <i32>load<u8>(c + i) * wc + <i32>load<u8>(d + i) * wd;
    store<u8>(to + i, divideByPowerOfTwo(top + bottom - MIDDLE, FRACTION_BITS) + 128);
  }
}

/** The SIMD twin: four channels at a time, then the rest. */
export function resizeFixedSimd(a: usize, b: usize, c: usize, d: usize, dy: i32, dx: i32, to: usize, count: u32): void {
  const wa = i32x4.splat((1024 - dy) * (1024 - dx));
  const wb = i32x4.splat((1024 - dy) * dx);
  const wc = i32x4.splat(dy * (1024 - dx));
  const wd = i32x4.splat(dy * dx);
  let i: u32 = 0;
  for (; i + 8 <= count; i += 8) {
    const va = v128.load8x8_u(a + i);
    const vb = v128.load8x8_u(b + i);
    const vc = v128.load8x8_u(c + i);
    const vd = v128.load8x8_u(d + i);
    const low = i32x4.add(
      i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_s(va), wa), i32x4.mul(i32x4.extend_low_i16x8_s(vb), wb)),
      i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_s(vc), wc), i32x4.mul(i32x4.extend_low_i16x8_s(vd), wd)),
    );
    const high = i32x4.add(
      i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_s(va), wa), i32x4.mul(i32x4.extend_high_i16x8_s(vb), wb)),
      i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_s(vc), wc), i32x4.mul(i32x4.extend_high_i16x8_s(vd), wd)),
    );
    const words = i16x8.narrow_i32x4_s(halfAway(low), halfAway(high));
    v128.store64_lane(to + i, v128.xor(i8x16.narrow_i16x8_s(words, words), i8x16.splat(-128)), 0);
  }
  resizeFixed(a + i, b + i, c + i, d + i, dy, dx, to + i, count - i);
}

/** Takes MIDDLE off and divides by 2^20 to nearest, half away from zero. */
// @ts-ignore: decorator
@inline
function halfAway(x: v128): v128 {
  x = i32x4.sub(x, i32x4.splat(MIDDLE));
  const half = i32x4.splat(1 << (FRACTION_BITS - 1));
  return i32x4.shr_s(i32x4.add(i32x4.add(x, half), i32x4.shr_s(x, 31)), FRACTION_BITS);
}

/** The same as resizeFixed in float: every product and sum rounds as the reference's does. */
function resizeFloat(a: usize, b: usize, c: usize, d: usize, dy: f32, dx: f32, to: usize, count: u32): void {
  for (let i: u32 = 0; i < count; ++i) {
    const va = <f32>load<u8>(a + i);
    const vb = <f32>load<u8>(b + i);
    const vc = <f32>load<u8>(c + i);
    const vd = <f32>load<u8>(d + i);
    const sum: f32 = va * (1 - dy) * (1 - dx) + vc * dy * (1 - dx) + vb * (1 - dy) * dx + vd * dy * dx + 0.5;
    // A damaged table may hold anything; the conversion must not trap.
    store<u8>(to + i, <u32>(sum >= 0.0 ? min<f32>(sum, 255.0) : 0.0));
  }
}

/**
 * The loop's constants: 1, 1/2, and 2^23, which added to a float below it leaves the integer in the low bits. From memory,
 * for V8 makes a constant anew at each use.
 */
// @ts-ignore: decorator
@lazy
const constants = memory.data<f32>([1, 0.5, 8388608, 0]);

/** The integer parts of four floats of 0 and more, and below 2^22; what a damaged table makes of others does not trap. */
// @ts-ignore: decorator
@inline
function integers(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_trunc_f32x4_s(x);
  // trunc_sat is six instructions on x86.
  const whole = v128.load32_splat(constants, 8);
  return v128.xor(f32x4.add(f32x4.floor(x), whole), whole);
}

/** Four of eight words as floats, the first four. */
// @ts-ignore: decorator
@inline
function lowFloats(words: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(words));
}

/** The last four. */
// @ts-ignore: decorator
@inline
function highFloats(words: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(words));
}

/**
 * resizeFloat for `columns` output pixels between the same four input pixels, whose fractions dx are at `fractions`,
 * ENTRY_BYTES apart: the products with dy are made once for all of them. Products and sums are those of resizeFloat, in
 * its order.
 */
function resizeFloatSimd(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  dy: f32,
  fractions: usize,
  columns: u32,
  to: usize,
  stride: u32,
  count: u32,
): void {
  const below = f32x4.splat(dy);
  const above = f32x4.splat(1 - dy);
  for (let next: u32 = 0; next < count; next += 8) {
    // The last eight channels overlap the ones before rather than being fewer.
    const i = count < 8 ? 0 : min(next, count - 8);
    let words = v128.load8x8_u(a + i);
    const a0 = f32x4.mul(lowFloats(words), above), a1 = f32x4.mul(highFloats(words), above);
    words = v128.load8x8_u(b + i);
    const b0 = f32x4.mul(lowFloats(words), above), b1 = f32x4.mul(highFloats(words), above);
    words = v128.load8x8_u(c + i);
    const c0 = f32x4.mul(lowFloats(words), below), c1 = f32x4.mul(highFloats(words), below);
    words = v128.load8x8_u(d + i);
    const d0 = f32x4.mul(lowFloats(words), below), d1 = f32x4.mul(highFloats(words), below);
    const present = min(count - i, 8);
    let at = to + i;
    let fraction = fractions;
    let left = columns;
    do {
      const after = v128.load32_splat(fraction);
      const before = f32x4.sub(v128.load32_splat(constants), after);
      const half = v128.load32_splat(constants, 4);
      const low = f32x4.add(
        f32x4.add(
          f32x4.add(f32x4.add(f32x4.mul(a0, before), f32x4.mul(c0, before)), f32x4.mul(b0, after)),
          f32x4.mul(d0, after),
        ),
        half,
      );
      const high = f32x4.add(
        f32x4.add(
          f32x4.add(f32x4.add(f32x4.mul(a1, before), f32x4.mul(c1, before)), f32x4.mul(b1, after)),
          f32x4.mul(d1, after),
        ),
        half,
      );
      const words = i16x8.narrow_i32x4_s(integers(low), integers(high));
      storeSome(at, i8x16.narrow_i16x8_u(words, words), present);
      at += stride;
      fraction += ENTRY_BYTES;
    } while (--left);
  }
}

/** Columns from `column` on, up to `most`, that lie between the same two input columns and not in a gap. */
// @ts-ignore: decorator
@inline
function sameNeighbours(column: usize, most: u32): u32 {
  const neighbours = load<u32>(column);
  let count: u32 = 1;
  while (count < most && load<u32>(column + count * ENTRY_BYTES) == neighbours && load<u32>(column + count * ENTRY_BYTES, 4) != GAP) ++count;
  return count;
}

/** Output rows y .. y + rows - 1. */
export function resize(arena: usize, step: usize, y: u32, rows: u32): void {
  const file = fileOf(arena);
  const input = inputOf(file, step);
  const output = outputOf(file, step);
  const lines = file + load<u32>(step, STEP_WEIGHTS);
  const columns = lines + load<u32>(output, TENSOR_HEIGHT) * ENTRY_BYTES;
  const bottom = load<u32>(input, TENSOR_HEIGHT) - 1;
  const right = load<u32>(input, TENSOR_WIDTH) - 1;
  const stride = load<u32>(input, TENSOR_PIXEL_STRIDE);
  const channels = load<u32>(output, TENSOR_CHANNELS);
  const width = load<u32>(output, TENSOR_WIDTH);
  const pixelStride = load<u32>(output, TENSOR_PIXEL_STRIDE);
  const zero = load<u32>(output, TENSOR_ZERO_POINT);
  const float = load<u32>(step, STEP_FLAGS) & FLAG_UNSIGNED;
  for (let end = y + rows; y < end; ++y) {
    const line = lines + y * ENTRY_BYTES;
    const upper = rowAddress(arena, input, min(<u32>load<u16>(line), bottom));
    const lower = rowAddress(arena, input, min(<u32>load<u16>(line, 2), bottom));
    let to = rowAddress(arena, output, y);
    let column = columns;
    for (let x: u32 = 0, run: u32 = 1; x < width; x += run) {
      run = 1;
      const before = min(<u32>load<u16>(column), right) * stride;
      const after = min(<u32>load<u16>(column, 2), right) * stride;
      const a = upper + before;
      const b = upper + after;
      const c = lower + before;
      const d = lower + after;
      if (load<u32>(line, 4) == GAP || load<u32>(column, 4) == GAP) fill(to, zero, channels);
      else if (ASC_FEATURE_SIMD && float) {
        run = sameNeighbours(column, width - x);
        resizeFloatSimd(a, b, c, d, load<f32>(line, 4), column + 4, run, to, pixelStride, channels);
      } else if (float) resizeFloat(a, b, c, d, load<f32>(line, 4), load<f32>(column, 4), to, channels);
      else if (ASC_FEATURE_SIMD) {
        resizeFixedSimd(a, b, c, d, load<i32>(line, 4), load<i32>(column, 4), to, channels);
      } else resizeFixed(a, b, c, d, load<i32>(line, 4), load<i32>(column, 4), to, channels);
      to += run * pixelStride;
      column += run * ENTRY_BYTES;
    }
  }
}
