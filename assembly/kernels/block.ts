/**
 * From accumulators to stored int8, for eight output channels at a time: what all convolutions end with. The SIMD form
 * keeps the block's constants in a table in the arena's state: a loop over pixels uses more of them than there are
 * registers, so they come from memory in any case.
 */
import {
  clamp,
  multiplyByDouble,
  multiplyByMultiplier,
  multiplyClamped,
  multiplyVector,
  vectorBothHigh,
  vectorBothLow,
  vectorFirstHigh,
  vectorFirstLow,
  vectorNegative,
  vectorRound,
  vectorScale,
  vectorShift,
} from "../fixed";
import {
  BLOCK_CHANNELS,
  FLAG_DOUBLE,
  FLAG_VECTOR,
  STATE_BLOCK,
  STEP_BIASES,
  STEP_CLAMP_MAX,
  STEP_CLAMP_MIN,
  STEP_FLAGS,
  STEP_MULTIPLIERS,
  STEP_SHIFTS,
  STEP_WEIGHT_ZERO_POINT,
  TENSOR_ZERO_POINT,
} from "../layout";
import { fileOf, outputOf } from "../rings";
import { HOLDS_CLAMPED, HOLDS_DOUBLE, HOLDS_LANES, HOLDS_VECTOR, HOLDS_WEIGHT_ZERO_POINT, holds } from "../slim";

/** Bytes of one block of weights: 8 channels times the depth rounded up to 4. */
// @ts-ignore: decorator
@inline
export function blockBytes(depth: u32): u32 {
  return ((depth + 3) & ~3) * BLOCK_CHANNELS;
}

/** Requantises one accumulator of an output channel to int8: multiplier, zero point, clamp. */
export function requantiseChannel(file: usize, step: usize, channel: u32, zeroPoint: i32, accumulator: i32): i32 {
  const multipliers = file + load<u32>(step, STEP_MULTIPLIERS);
  const scaled =
    holds(HOLDS_DOUBLE) && load<u32>(step, STEP_FLAGS) & FLAG_DOUBLE
      ? multiplyByDouble(accumulator, load<f64>(multipliers + (channel << 3)))
      : multiplyByMultiplier(
          accumulator,
          load<i32>(multipliers + (channel << 2)),
          load<i8>(file + load<u32>(step, STEP_SHIFTS) + channel),
        );
  return clamp(scaled + zeroPoint, load<i32>(step, STEP_CLAMP_MIN), load<i32>(step, STEP_CLAMP_MAX));
}

/** Bytes of one half of the table: the constants of four channels. */
const HALF: u32 = 96;
/** Bytes of the table. */
const TABLE_BYTES: u32 = 288;

/** Zero point of a step's weights, 0 but for per-tensor models. */
// @ts-ignore: decorator
@inline
export function weightZeroPointOf(step: usize): i32 {
  return holds(HOLDS_WEIGHT_ZERO_POINT) ? load<i32>(step, STEP_WEIGHT_ZERO_POINT) : 0;
}

/** Where in the table it says how the block requantises. */
const MODE: u32 = 280;
/** Lane by lane: the packer could not prove that the vectors do not overflow, or the factor is a double. */
const MODE_LANES: u32 = 0;
/** multiplyVector. */
const MODE_VECTOR: u32 = 1;
/** multiplyClamped: the least output is the zero point. */
const MODE_CLAMPED: u32 = 2;

/** How a prepared block requantises: a MODE constant. */
// @ts-ignore: decorator
@inline
export function modeOf(table: usize): u32 {
  return load<u32>(table, MODE);
}

/** Whether a mode is MODE_CLAMPED. */
// @ts-ignore: decorator
@inline
export function isClamped(mode: u32): bool {
  return holds(HOLDS_CLAMPED) && (!(holds(HOLDS_VECTOR) || holds(HOLDS_LANES)) || mode == MODE_CLAMPED);
}

/** Whether a mode that is not MODE_CLAMPED is MODE_VECTOR. */
// @ts-ignore: decorator
@inline
export function isVector(mode: u32): bool {
  return holds(HOLDS_VECTOR) && (!holds(HOLDS_LANES) || mode == MODE_VECTOR);
}

/** Fills the half of four channels: scale, multiplier, constants of lanes 0 1 and 2 3, round, negative. */
function prepareHalf(table: usize, shifts: usize, multipliers: usize, common: i32, clamped: bool): void {
  const scale = vectorScale(shifts, common);
  const round = vectorRound(scale, common);
  const low = vectorFirstLow(scale, common);
  const high = vectorFirstHigh(scale, common);
  v128.store(table, scale);
  v128.store(table, v128.load(multipliers), 16);
  v128.store(table, clamped ? vectorBothLow(low, round) : low, 32);
  v128.store(table, clamped ? vectorBothHigh(high, round) : high, 48);
  v128.store(table, round, 64);
  v128.store(table, vectorNegative(scale, common), 80);
}

/**
 * Fills table `slot` (0 or 1) for the block of eight channels from `channel` on and gives its address: two halves, zero
 * point, clamp, biases, then the common shifts of both halves (i32 each) and the mode.
 */
export function prepareBlock(arena: usize, step: usize, channel: u32, slot: u32): usize {
  const file = fileOf(arena);
  const table = arena + STATE_BLOCK + slot * TABLE_BYTES;
  const zeroPoint = load<i32>(outputOf(file, step), TENSOR_ZERO_POINT);
  const clamped = load<i32>(step, STEP_CLAMP_MIN) == zeroPoint;
  store<u32>(table, MODE_LANES, MODE);
  if ((holds(HOLDS_VECTOR) || holds(HOLDS_CLAMPED)) && load<u32>(step, STEP_FLAGS) & FLAG_VECTOR) {
    const shifts = file + load<u32>(step, STEP_SHIFTS) + channel;
    const multipliers = file + load<u32>(step, STEP_MULTIPLIERS) + (channel << 2);
    const common0 = vectorShift(shifts);
    const common1 = vectorShift(shifts + 4);
    prepareHalf(table, shifts, multipliers, common0, clamped);
    prepareHalf(table + HALF, shifts + 4, multipliers + 16, common1, clamped);
    store<u32>(table, clamped ? MODE_CLAMPED : MODE_VECTOR, MODE);
    store<i32>(table, common0, 272);
    store<i32>(table, common1, 276);
  }
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

/** Stores the first `count` of eight int8. */
// @ts-ignore: decorator
@inline
export function storeSome(address: usize, bytes: v128, count: u32): void {
  if (count == 8) v128.store64_lane(address, bytes, 0);
  else storePart(address, i64x2.extract_lane(bytes, 0), count);
}

/** Two vectors of four requantised values to eight int8: zero point, clamp. Saturation at each narrowing keeps order. */
// @ts-ignore: decorator
@inline
export function narrow(low: v128, high: v128, zeroPoint: v128, least: v128, greatest: v128): v128 {
  const words = i16x8.add_sat_s(i16x8.narrow_i32x4_s(low, high), zeroPoint);
  return i8x16.min_s(i8x16.max_s(i8x16.narrow_i16x8_s(words, words), least), greatest);
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

/** Adds the zero point to eight requantised values of one pixel, clamps them, and stores the first `count`. */
// @ts-ignore: decorator
@inline
export function storeBlock(table: usize, low: v128, high: v128, output: usize, count: u32): void {
  storeSome(output, narrow(low, high, v128.load(table, 192), v128.load(table, 208), v128.load(table, 224)), count);
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

/** multiplyClamped with the constants of one half of a table. */
// @ts-ignore: decorator
@inline
function clampHalf(half: usize, accumulators: v128, common: i32): v128 {
  return multiplyClamped(
    accumulators,
    v128.load(half),
    v128.load(half, 16),
    v128.load(half, 32),
    v128.load(half, 48),
    common,
  );
}

/** Requantises eight sums of one pixel in MODE_CLAMPED with constants from the table; then as storeBlock. */
// @ts-ignore: decorator
@inline
export function storeClamped(table: usize, low: v128, high: v128, output: usize, count: u32): void {
  const a = clampHalf(table, low, load<i32>(table, 272));
  const b = clampHalf(table + HALF, high, load<i32>(table, 276));
  storeBlock(table, a, b, output, count);
}

/** Requantises eight sums of one pixel in MODE_VECTOR with constants from the table; then as storeBlock. */
// @ts-ignore: decorator
@inline
export function storeVector(table: usize, low: v128, high: v128, output: usize, count: u32): void {
  const a = multiplyHalf(table, low, load<i32>(table, 272));
  const b = multiplyHalf(table + HALF, high, load<i32>(table, 276));
  storeBlock(table, a, b, output, count);
}

/** Requantises in MODE_LANES: lane by lane, any multiplier; then as storeBlock. */
export function storeLanes(
  file: usize,
  step: usize,
  channel: u32,
  table: usize,
  low: v128,
  high: v128,
  output: usize,
  count: u32,
): void {
  const a = multiplyLanes(file, step, channel, low);
  const b = multiplyLanes(file, step, channel + 4, high);
  storeBlock(table, a, b, output, count);
}
