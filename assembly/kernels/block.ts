/**
 * From accumulators to stored bytes, for eight output channels at a time: what all convolutions end with. The SIMD form
 * keeps the block's constants in a table in the arena's state: a loop over pixels uses more of them than there are
 * registers, so they come from memory in any case.
 */
import {
  clamp,
  multiplyByDouble,
  multiplyByMultiplierInline,
  multiplyVector,
  vectorFirstHigh,
  vectorFirstLow,
  vectorNegative,
  vectorRound,
  vectorScale,
  vectorShift,
} from "../fixed";
import {
  ACTIVE_CODES,
  BLOCK_CENTRED,
  BLOCK_CHANNELS,
  FLAG_DOUBLE,
  FLAG_VECTOR,
  STATE_BLOCK,
  STEP_BIASES,
  STEP_BLOCKS,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_FLAGS,
  STEP_MULTIPLIERS,
  STEP_SHIFTS,
  STEP_WEIGHT_ZERO_POINT,
  TENSOR_CHANNELS,
  TENSOR_ZERO_POINT,
} from "../layout";
import { LINE_CONSTANT, LINE_WAY, lineOffset, lineSlope, lineSum, linesValue, lineValue } from "../line";
import { fileOf, outputOf } from "../rings";
import { HOLDS_DOUBLE, HOLDS_LANES, HOLDS_WEIGHT_ZERO_POINT, holds } from "../slim";
import { STREAMED } from "../streamed";

/** Bytes of one block of weights: 8 channels times the depth rounded up to 4. */
// @ts-ignore: decorator
@inline
export function blockBytes(depth: u32): u32 {
  return ((depth + 3) & ~3) * BLOCK_CHANNELS;
}

/** BLOCK flags of the block of eight output channels from `channel` on. */
export function blockFlags(file: usize, step: usize, channel: u32): u32 {
  const blocks = load<u32>(step, STEP_BLOCKS);
  if (!(STREAMED ? load<u32>(step, ACTIVE_CODES) : blocks)) return 0;
  const codes = STREAMED ? load<u32>(step, ACTIVE_CODES) : ((load<u32>(outputOf(file, step), TENSOR_CHANNELS) + 7) & ~7) << 1;
  return load<u8>(file + blocks + codes + (channel >> 3));
}

/** Whether a step's weights have a zero point, in some blocks at least. */
// @ts-ignore: decorator
@inline
export function hasZeroPoint(step: usize): bool {
  return holds(HOLDS_WEIGHT_ZERO_POINT) && load<i32>(step, STEP_WEIGHT_ZERO_POINT) != 0;
}

/** Zero point of the weights of the block of eight output channels from `channel` on. */
export function blockZeroPoint(file: usize, step: usize, channel: u32): i32 {
  if (!holds(HOLDS_WEIGHT_ZERO_POINT)) return 0;
  return blockFlags(file, step, channel) & BLOCK_CENTRED ? 0 : load<i32>(step, STEP_WEIGHT_ZERO_POINT);
}

/** Requantises one accumulator of an output channel to a byte: multiplier, zero point, clamp. */
export function requantiseChannel(file: usize, step: usize, channel: u32, zeroPoint: i32, accumulator: i32): i32 {
  const multipliers = file + load<u32>(step, STEP_MULTIPLIERS);
  const scaled =
    holds(HOLDS_DOUBLE) && load<u32>(step, STEP_FLAGS) & FLAG_DOUBLE
      ? multiplyByDouble(accumulator, load<f64>(multipliers + (channel << 3)))
      : multiplyByMultiplierInline(
          accumulator,
          load<i32>(multipliers + (channel << 2)),
          load<i8>(file + load<u32>(step, STEP_SHIFTS) + channel),
        );
  return clamp(scaled + zeroPoint, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX));
}

/** Bytes of one half of the table: the constants of four channels. */
export const HALF: u32 = 96;
/** Where in the table it says how the block requantises. */
const MODE: u32 = 280;
/** And LINE_CONSTANT. */
const CONSTANT: u32 = 284;
/** Lane by lane: the packer could not prove that the vectors do not overflow, or the factor is a double. */
const MODE_LANES: u32 = 0;
/** multiplyVector. */
const MODE_VECTOR: u32 = 1;
/** linesValue; in the relaxed build only. */
export const MODE_LINES: u32 = 2;
/** lineValue: the least output is the zero point, so that negative sums do not matter. */
export const MODE_LINE: u32 = 3;
/** The same where the zero point is 0 and the clamp nothing but 0..255, as ReLU and ReLU6 leave it: narrowing saturates. */
export const MODE_RELU: u32 = 4;

/** The first mode whose outputs lie on lines in this build. */
const LEAST_LINE: u32 = ASC_FEATURE_RELAXED_SIMD ? MODE_LINES : MODE_LINE;

/** How a prepared block requantises: a MODE constant. */
// @ts-ignore: decorator
@inline
export function modeOf(table: usize): u32 {
  return load<u32>(table, MODE);
}

/** Fills the half of four channels for MODE_VECTOR: scale, multiplier, constants of lanes 0 1 and 2 3, round, negative. */
function prepareVector(table: usize, shifts: usize, multipliers: usize, common: i32): void {
  const scale = vectorScale(shifts, common);
  v128.store(table, scale);
  v128.store(table, v128.load(multipliers), 16);
  v128.store(table, vectorFirstLow(scale, common), 32);
  v128.store(table, vectorFirstHigh(scale, common), 48);
  v128.store(table, vectorRound(scale, common), 64);
  v128.store(table, vectorNegative(scale, common), 80);
}

/** Fills the half of four channels for the lines: slope, sum. */
function prepareLines(table: usize, codes: v128, shifts: v128, multipliers: usize): void {
  const slope = lineSlope(codes, v128.load(multipliers), shifts);
  const offset = lineOffset(codes, slope);
  v128.store(table, slope);
  v128.store(table, lineSum(offset), 16);
}

/**
 * Fills the table for the block of eight channels from `channel` on and gives its address: two halves, zero
 * point, clamp, biases, then the common shifts of both halves (i32 each) and the mode.
 */
export function prepareBlock(arena: usize, step: usize, channel: u32): usize {
  const file = fileOf(arena);
  const table = arena + STATE_BLOCK;
  const zeroPoint = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  const shifts = file + load<u32>(step, STEP_SHIFTS) + channel;
  const multipliers = file + load<u32>(step, STEP_MULTIPLIERS) + (channel << 2);
  let mode = MODE_LANES;
  if (blockFlags(file, step, channel) & LINE_WAY) {
    const codes = v128.load(file + load<u32>(step, STEP_BLOCKS) + (channel << 1));
    const words = v128.load8x8_s(shifts);
    prepareLines(table, i32x4.extend_low_i16x8_u(codes), i32x4.extend_low_i16x8_s(words), multipliers);
    prepareLines(table + HALF, i32x4.extend_high_i16x8_u(codes), i32x4.extend_high_i16x8_s(words), multipliers + 16);
    const least = load<i32>(step, STEP_CLAMP_MIN);
    mode = least < zeroPoint ? MODE_LINES : least || load<i32>(step, STEP_CLAMP_MAX) < 255 ? MODE_LINE : MODE_RELU;
  } else if (!holds(HOLDS_LANES) || load<u32>(step, STEP_FLAGS) & FLAG_VECTOR) {
    const common0 = vectorShift(shifts);
    const common1 = vectorShift(shifts + 4);
    prepareVector(table, shifts, multipliers, common0);
    prepareVector(table + HALF, shifts + 4, multipliers + 16, common1);
    store<i32>(table, common0, 272);
    store<i32>(table, common1, 276);
    mode = MODE_VECTOR;
  }
  store<u32>(table, mode, MODE);
  store<i32>(table, LINE_CONSTANT, CONSTANT);
  v128.store(table, i16x8.splat(<i16>zeroPoint), 192);
  v128.store(table, i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MIN)), 208);
  v128.store(table, i8x16.splat(<i8>load<i32>(step, STEP_CLAMP_MAX)), 224);
  const biases = file + load<u32>(step, STEP_BIASES) + (channel << 2);
  v128.store(table, v128.load(biases), 240);
  v128.store(table, v128.load(biases, 16), 256);
  return table;
}

/** Biases of channels 0..3 of a prepared block. */
// @ts-ignore: decorator
@inline
export function biasLow(table: usize): v128 {
  return v128.load(table, 240);
}

/** Biases of channels 4..7. */
// @ts-ignore: decorator
@inline
export function biasHigh(table: usize): v128 {
  return v128.load(table, 256);
}

/** Stores the first `count` bytes of a word, fewer than eight. Inline: a call in a loop over pixels costs more than it. */
// @ts-ignore: decorator
@inline
function storePart(address: usize, word: u64, count: u32): void {
  for (let end = address + count; address < end; ++address) {
    store<u8>(address, word);
    word >>= 8;
  }
}

/** Stores the first `count` of the low eight bytes. */
// @ts-ignore: decorator
@inline
export function storeSome(address: usize, bytes: v128, count: u32): void {
  if (count == 8) v128.store64_lane(address, bytes, 0);
  else storePart(address, i64x2.extract_lane(bytes, 0), count);
}

/** Stores the first `count` of eight bytes for each of two pixels, the second's behind the first's. */
// @ts-ignore: decorator
@inline
export function storePair(first: usize, second: usize, bytes: v128, count: u32): void {
  if (count == 8) {
    v128.store64_lane(first, bytes, 0);
    v128.store64_lane(second, bytes, 1);
  } else {
    storePart(first, i64x2.extract_lane(bytes, 0), count);
    storePart(second, i64x2.extract_lane(bytes, 1), count);
  }
}

/** Two vectors of four requantised values to eight bytes, twice: zero point, clamp. Saturation at each narrowing keeps order. */
// @ts-ignore: decorator
@inline
export function narrow(low: v128, high: v128, zeroPoint: v128, least: v128, greatest: v128): v128 {
  const words = i16x8.add_sat_s(i16x8.narrow_i32x4_s(low, high), zeroPoint);
  return i8x16.min_u(i8x16.max_u(i8x16.narrow_i16x8_u(words, words), least), greatest);
}

/**
 * The general requantisation, lane by lane, of four accumulators of channels channel .. channel + 3, zero point not added.
 * By way of the scalar one, clamp and zero point included, so that sums beyond int32 wrap in both builds alike.
 */
function multiplyLanes(file: usize, step: usize, channel: u32, accumulators: v128): v128 {
  const zeroPoint = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  let r = i32x4.splat(requantiseChannel(file, step, channel, zeroPoint, i32x4.extract_lane(accumulators, 0)));
  r = i32x4.replace_lane(r, 1, requantiseChannel(file, step, channel + 1, zeroPoint, i32x4.extract_lane(accumulators, 1)));
  r = i32x4.replace_lane(r, 2, requantiseChannel(file, step, channel + 2, zeroPoint, i32x4.extract_lane(accumulators, 2)));
  r = i32x4.replace_lane(r, 3, requantiseChannel(file, step, channel + 3, zeroPoint, i32x4.extract_lane(accumulators, 3)));
  return i32x4.sub(r, i32x4.splat(zeroPoint));
}

/** multiplyVector with the constants of one half of a table. */
// @ts-ignore: decorator
@inline
function multiplyHalf(half: usize, accumulators: v128, common: i32): v128 {
  return multiplyVector(
    accumulators,
    v128.load(half),
    v128.load(half, 16),
    v128.load(half, 32),
    v128.load(half, 48),
    v128.load(half, 64),
    v128.load(half, 80),
    common,
  );
}

/**
 * The integers of a mode from LEAST_LINE on. linesValue does for MODE_LINE as well: a negative sum's result is no greater
 * than on the one line, and the clamp raises that to the least output already.
 */
// @ts-ignore: decorator
@inline
function linedValue(x: v128, slope: v128, sum: v128, constant: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? linesValue(x, slope, sum, constant) : lineValue(x, slope, sum, constant);
}

/** LINE_CONSTANT of a prepared block, in each lane. */
// @ts-ignore: decorator
@inline
export function constantOf(table: usize): v128 {
  return v128.load32_splat(table, CONSTANT);
}

/**
 * Eight results of a line to int16. The simd build's are halves, whose last bit is shifted out once eight fill a vector:
 * where they saturate the byte is at its end anyway.
 */
// @ts-ignore: decorator
@inline
function narrowHalves(a: v128, b: v128): v128 {
  const words = i16x8.narrow_i32x4_s(a, b);
  return ASC_FEATURE_RELAXED_SIMD ? words : i16x8.shr_s(words, 1);
}

/** Sixteen results of a line to bytes where there is no zero point to add and no clamp but the bytes' own. */
// @ts-ignore: decorator
@inline
export function narrowBare(a: v128, b: v128, c: v128, d: v128): v128 {
  return i8x16.narrow_i16x8_u(narrowHalves(a, b), narrowHalves(c, d));
}

/** Sixteen results of a line to bytes as `narrow` does, with the constants of a table. */
// @ts-ignore: decorator
@inline
export function narrowLine(table: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const zeroPoint = v128.load(table, 192);
  const low = i16x8.add_sat_s(narrowHalves(a, b), zeroPoint);
  const high = i16x8.add_sat_s(narrowHalves(c, d), zeroPoint);
  return i8x16.min_u(i8x16.max_u(i8x16.narrow_i16x8_u(low, high), v128.load(table, 208)), v128.load(table, 224));
}

/** Sixteen requantised values to bytes as `narrow` does, with the constants of a table. */
// @ts-ignore: decorator
@inline
function narrowBlock(table: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const zeroPoint = v128.load(table, 192);
  const low = i16x8.add_sat_s(i16x8.narrow_i32x4_s(a, b), zeroPoint);
  const high = i16x8.add_sat_s(i16x8.narrow_i32x4_s(c, d), zeroPoint);
  return i8x16.min_u(i8x16.max_u(i8x16.narrow_i16x8_u(low, high), v128.load(table, 208)), v128.load(table, 224));
}

/** Requantises eight sums of one pixel in MODE_VECTOR and stores the first `count`. */
// @ts-ignore: decorator
@inline
function storeVector(table: usize, low: v128, high: v128, output: usize, count: u32): void {
  const a = multiplyHalf(table, low, load<i32>(table, 272));
  const b = multiplyHalf(table + HALF, high, load<i32>(table, 276));
  storeSome(output, narrowBlock(table, a, b, a, b), count);
}

/** Requantises eight sums of one pixel in any mode and stores the first `count`: what the fast paths leave. */
export function storeAny(
  file: usize,
  step: usize,
  channel: u32,
  table: usize,
  low: v128,
  high: v128,
  output: usize,
  count: u32,
): void {
  const mode = modeOf(table);
  if (mode >= LEAST_LINE) {
    const constant = constantOf(table);
    const a = linedValue(low, v128.load(table), v128.load(table, 16), constant);
    const b = linedValue(high, v128.load(table, HALF), v128.load(table, HALF + 16), constant);
    storeSome(output, narrowLine(table, a, b, a, b), count);
  } else if (!holds(HOLDS_LANES) || mode) storeVector(table, low, high, output, count);
  else {
    const a = multiplyLanes(file, step, channel, low);
    const b = multiplyLanes(file, step, channel + 4, high);
    storeSome(output, narrowBlock(table, a, b, a, b), count);
  }
}

/**
 * storeAny of two pixels. A function of its own, and the last that its callers do with these sums: what lives on after a
 * call V8 writes to the stack where it is made, in every turn of a loop, called or not.
 */
export function storeTwo(
  file: usize,
  step: usize,
  channel: u32,
  table: usize,
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  outputA: usize,
  outputB: usize,
  count: u32,
): void {
  storeAny(file, step, channel, table, a0, a1, outputA, count);
  storeAny(file, step, channel, table, b0, b1, outputB, count);
}

/** Requantises the sums of two pixels in the mode of a prepared block and stores them, in the simd builds. */
// @ts-ignore: decorator
@inline
export function storeSums(
  file: usize,
  step: usize,
  channel: u32,
  table: usize,
  mode: u32,
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  outputA: usize,
  outputB: usize,
  count: u32,
): void {
  if (mode < MODE_LINE) return storeTwo(file, step, channel, table, a0, a1, b0, b1, outputA, outputB, count);
  const slope0 = v128.load(table), sum0 = v128.load(table, 16);
  const slope1 = v128.load(table, HALF), sum1 = v128.load(table, HALF + 16);
  const constant = constantOf(table);
  a0 = lineValue(a0, slope0, sum0, constant);
  a1 = lineValue(a1, slope1, sum1, constant);
  b0 = lineValue(b0, slope0, sum0, constant);
  b1 = lineValue(b1, slope1, sum1, constant);
  const bytes = mode == MODE_RELU ? narrowBare(a0, a1, b0, b1) : narrowLine(table, a0, a1, b0, b1);
  storePair(outputA, outputB, bytes, count);
}

/**
 * storeAny for four pixels, a function of its own as storeTwo is. In MODE_VECTOR, which is common in the simd build, one half
 * of the channels after the other, so that its constants are loaded once.
 */
export function storeFour(
  file: usize,
  step: usize,
  channel: u32,
  table: usize,
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  c0: v128,
  c1: v128,
  d0: v128,
  d1: v128,
  outputA: usize,
  outputB: usize,
  outputC: usize,
  outputD: usize,
  count: u32,
): void {
  if (!ASC_FEATURE_RELAXED_SIMD && modeOf(table) == MODE_VECTOR) {
    // Twice: the half in hand is requantised and changes places with the other.
    let common = table + 272;
    for (let half = table; half <= table + HALF; half += HALF) {
      const a = multiplyHalf(half, a0, load<i32>(common));
      const b = multiplyHalf(half, b0, load<i32>(common));
      const c = multiplyHalf(half, c0, load<i32>(common));
      const d = multiplyHalf(half, d0, load<i32>(common));
      a0 = a1;
      b0 = b1;
      c0 = c1;
      d0 = d1;
      a1 = a;
      b1 = b;
      c1 = c;
      d1 = d;
      common += 4;
    }
    storePair(outputA, outputB, narrowBlock(table, a0, a1, b0, b1), count);
    return storePair(outputC, outputD, narrowBlock(table, c0, c1, d0, d1), count);
  }
  storeTwo(file, step, channel, table, a0, a1, b0, b1, outputA, outputB, count);
  storeTwo(file, step, channel, table, c0, c1, d0, d1, outputC, outputD, count);
}
