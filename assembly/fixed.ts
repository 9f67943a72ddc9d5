/**
 * Fixed-point arithmetic. All rounding of the engine but pools' division (mean.ts) and float interpolation (resize.ts). Reference: TFLite's integer reference kernels with
 * double rounding (gemmlowp's fixed-point primitives), kernels/internal/common.h and reference/softmax.h.
 */

/**
 * High half of the doubled product, rounded half up: floor((a * b + 2^30) / 2^31).
 * Equals gemmlowp's SaturatingRoundingDoublingHighMul but for a = b = -2^31, which no caller passes.
 */
// @ts-ignore: decorator
@inline
export function doublingHighMultiply(a: i32, b: i32): i32 {
  return <i32>((<i64>a * <i64>b + (1 << 30)) >> 31);
}

/** x / 2^exponent rounded to nearest, half away from zero; exponent in 0..31. gemmlowp's RoundingDivideByPOT. */
// @ts-ignore: decorator
@inline
export function divideByPowerOfTwo(x: i32, exponent: i32): i32 {
  const mask = (1 << exponent) - 1;
  const remainder = x & mask;
  const threshold = (mask >>> 1) + i32(x < 0);
  return (x >> exponent) + i32(remainder > threshold);
}

/**
 * TFLite's MultiplyByQuantizedMultiplier: x * multiplier * 2^(-31 - shift) with two roundings.
 * multiplier in 0..2^31-1; shift is a right shift up to 31, negative = left (x then wraps as in the reference). Without a
 * right shift multiplier may be negative.
 *
 * Both roundings are one, because floor divisions nest: y = floor((x * m + 2^30) / 2^31) is divided by 2^s to nearest, half
 * away from zero, by floor((y + 2^(s-1) - [y < 0]) / 2^s), and so the result is
 *   floor((x * m + 2^30 - [x < 0] * 2^31 + 2^(30+s)) / 2^(31+s)) = floor((floor((x * m + 2^30 - [x < 0] * 2^31) / 2^(30+s)) + 1) / 2).
 * [x < 0] stands for [y < 0]: they differ only for y = 0, where both give 0. |x * m| < 2^62, so nothing overflows.
 */
// @ts-ignore: decorator
@inline
export function multiplyByMultiplierInline(x: i32, multiplier: i32, shift: i32): i32 {
  if (shift <= 0) return doublingHighMultiply(x << -shift, multiplier);
  const first = <i64>x * <i64>multiplier + (1 << 30) + (<i64>(x >> 31) << 31);
  return <i32>(((first >> (30 + shift)) + 1) >> 1);
}

/** The same, called: for all but the innermost loops, where a call costs as much as what it does. */
export function multiplyByMultiplier(x: i32, multiplier: i32, shift: i32): i32 {
  return multiplyByMultiplierInline(x, multiplier, shift);
}

/**
 * round(x * factor) in double precision, half away from zero, as C's round(): TFLite's fully connected reference.
 * trunc and the remainder are exact in f64, so no tie is misjudged.
 */
export function multiplyByDouble(x: i32, factor: f64): i32 {
  const product = <f64>x * factor;
  const whole = trunc(product);
  const away = abs(product - whole) >= 0.5 ? copysign<f64>(1.0, product) : 0.0;
  // Out of i32 the reference is undefined; clamping keeps the conversion from trapping. NaN comes out as the least.
  const rounded = whole + away;
  return <i32>(rounded >= -2147483648.0 ? min(rounded, 2147483647.0) : -2147483648.0);
}

/** x clamped to lo..hi. */
// @ts-ignore: decorator
@inline
export function clamp(x: i32, lo: i32, hi: i32): i32 {
  return min(max(x, lo), hi);
}

// ---- exp and reciprocal for softmax ------------------------------------------------------------------------------
// Qm.n below: m integer bits, n fractional bits, one sign bit. multiplyByMultiplier of shift 0 is doublingHighMultiply,
// called rather than copied: speed does not matter here, bytes do.

/** exp(a) for a in [-1/4, 0), Q0.31 to Q0.31: a Taylor polynomial round -1/8. */
function expOfSmall(a: i32): i32 {
  const constantTerm = 1895147668; // exp(-1/8)
  const oneThird = 715827883;
  const x = a + (1 << 28);
  const x2 = multiplyByMultiplier(x, x, 0);
  const x3 = multiplyByMultiplier(x2, x, 0);
  const quarterOfX4 = multiplyByMultiplier(x2, x2, 2);
  const tail = divideByPowerOfTwo(multiplyByMultiplier(quarterOfX4 + x3, oneThird, 0) + x2, 1);
  return constantTerm + multiplyByMultiplier(constantTerm, x + tail, 0);
}

/** exp(a) for a <= 0, Q5.26 to Q0.31. gemmlowp's exp_on_negative_values: exp of a modulo 1/4, times exp(-2^k) by bits. */
export function expOfNegative(a: i32): i32 {
  if (a == 0) return i32.MAX_VALUE;
  const quarter = 1 << 24;
  const small = (a & (quarter - 1)) - quarter;
  const remainder = small - a;
  let result = expOfSmall(small << 5);
  // exp(-1/4), exp(-1/2), exp(-1), exp(-2), exp(-4), exp(-8), exp(-16); 32 bytes, to keep __heap_base aligned.
  let factor = memory.data<i32>([1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242, 0]);
  for (let bits = remainder >>> 24; bits; bits >>>= 1) {
    if (bits & 1) result = multiplyByMultiplier(result, load<i32>(factor), 0);
    factor += 4;
  }
  return result;
}

/** 1 / (1 + a) for a in [0, 1), Q0.31 to Q0.31: three Newton-Raphson steps on half the denominator. Of the
 * reference's saturating shifts only the last can saturate: |x| is about 2^30 at the most, and |error| 2^29 / 17. */
export function reciprocalOfOnePlus(a: i32): i32 {
  const half = (a >> 1) + (1 << 30); // (a + 1) / 2
  let x = 1515870810 + multiplyByMultiplier(half, -1010580540, 0); // 48/17 - 32/17 * half, Q2.29
  for (let i = 0; i < 3; ++i) {
    const error = (1 << 29) - multiplyByMultiplier(half, x, 0);
    x += multiplyByMultiplier(x, error, 0) << 2;
  }
  return x < 1 << 30 ? x << 1 : i32.MAX_VALUE;
}

// ---- Vectors -------------------------------------------------------------------------------------------------------
// Both roundings are one floor here, too (multiplyByMultiplier): with y = floor((x * m + 2^30) / 2^31) the result is
// floor((y + 2^(s-1) - [x < 0]) / 2^s) for s >= 1, y for s = 0.
// WASM has no shift per lane, so lanes of different s are brought to one shift L >= every s: x is scaled by 2^(L-s+1)
// (one more power than needed makes the doubled product's high dword the wanted one), and the second rounding's
// constants are scaled likewise. The packer proves that |x| * 2^(L-s+1) < 2^31 (FLAG_VECTOR); then nothing overflows:
// |high dword| < 2^30, and 2^(L-1) <= 2^29 is added to it. Left shifts are s < 0 and need no second rounding.

/** The common right shift of four lanes: the largest of 0 and the four i8 shifts at `shifts`. */
export function vectorShift(shifts: usize): i32 {
  return max(
    max(max(<i32>load<i8>(shifts), <i32>load<i8>(shifts, 1)), max(<i32>load<i8>(shifts, 2), <i32>load<i8>(shifts, 3))),
    0,
  );
}

/** 2^(common - s + 1) for each of the four shifts. */
export function vectorScale(shifts: usize, common: i32): v128 {
  let v = i32x4.splat(1 << (common + 1 - <i32>load<i8>(shifts)));
  v = i32x4.replace_lane(v, 1, 1 << (common + 1 - <i32>load<i8>(shifts, 1)));
  v = i32x4.replace_lane(v, 2, 1 << (common + 1 - <i32>load<i8>(shifts, 2)));
  return i32x4.replace_lane(v, 3, 1 << (common + 1 - <i32>load<i8>(shifts, 3)));
}

/** Lanes that have a second rounding (s > 0) as a mask, from the scale: s > 0 is scale < 2^(common + 1). */
// @ts-ignore: decorator
@inline
function rounds(scale: v128, common: i32): v128 {
  return i32x4.lt_u(scale, i32x4.splat(1 << (common + 1)));
}

/** What the second rounding adds: 2^(common - 1) where s > 0, else 0. */
export function vectorRound(scale: v128, common: i32): v128 {
  return v128.and(rounds(scale, common), i32x4.splat((1 << common) >>> 1));
}

/** What it adds to negative x besides: -2^(common - s) where s > 0, else 0. */
export function vectorNegative(scale: v128, common: i32): v128 {
  return v128.and(rounds(scale, common), i32x4.neg(i32x4.shr_u(scale, 1)));
}

/** What the first rounding adds to the products of lanes 0 and 1: 2^30, scaled as x is, but not by a left shift. */
// @ts-ignore: decorator
@inline
export function vectorFirstLow(scale: v128, common: i32): v128 {
  return i64x2.extmul_low_i32x4_u(i32x4.min_u(scale, i32x4.splat(2 << common)), i32x4.splat(1 << 30));
}

/** The same for lanes 2 and 3. */
// @ts-ignore: decorator
@inline
export function vectorFirstHigh(scale: v128, common: i32): v128 {
  return i64x2.extmul_high_i32x4_u(i32x4.min_u(scale, i32x4.splat(2 << common)), i32x4.splat(1 << 30));
}

/** multiplyByMultiplier on four lanes, exact under FLAG_VECTOR's proof; the other arguments are the functions' above. */
// @ts-ignore: decorator
@inline
export function multiplyVector(
  x: v128,
  scale: v128,
  multiplier: v128,
  firstLow: v128,
  firstHigh: v128,
  round: v128,
  negative: v128,
  common: i32,
): v128 {
  const scaled = i32x4.mul(x, scale);
  const low = i64x2.add(i64x2.extmul_low_i32x4_s(scaled, multiplier), firstLow);
  const high = i64x2.add(i64x2.extmul_high_i32x4_s(scaled, multiplier), firstHigh);
  const doubled = i8x16.shuffle(low, high, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  const correction = i32x4.add(round, v128.and(i32x4.shr_s(x, 31), negative));
  return i32x4.shr_s(i32x4.add(doubled, correction), common);
}

/**
 * multiplyByMultiplier on four lanes with one multiplier and shift. Needs |x| < 2^30 after a left shift (see
 * multiplyVector: lanes of one shift need no scaling to a common one, so the scale is 2).
 */
// @ts-ignore: decorator
@inline
export function multiplyVectorBy(x: v128, multiplier: i32, shift: i32): v128 {
  const right = max(shift, 0);
  const round = i32x4.splat((1 << right) >>> 1);
  const negative = i32x4.splat(right ? -1 : 0);
  const first = i64x2.splat(<i64>1 << 31);
  const shifted = i32x4.shl(x, right - shift);
  return multiplyVector(shifted, i32x4.splat(2), i32x4.splat(multiplier), first, first, round, negative, right);
}
