/**
 * The relaxed instructions as hosts compute them, for builds in which these stand for the instructions
 * (tests/support/emulated.ts). Written after what V8 emits for x86 and Arm, with and without their dot products.
 */

/** x86 with VNNI: signed times unsigned. */
export const UNSIGNED: u32 = 0;
/** Arm with dot products: signed times signed. */
export const SIGNED: u32 = 1;
/** x86 without VNNI, pmaddubsw: signed times unsigned, sums of pairs saturate in 16 bits. */
export const UNSIGNED_SATURATING: u32 = 2;
/** Arm without dot products: signed times signed, sums of pairs wrap in 16 bits. */
export const SIGNED_WRAPPING: u32 = 3;
/** What the proposal allows besides. */
export const SIGNED_SATURATING: u32 = 4;
export const UNSIGNED_WRAPPING: u32 = 5;

let behaviour: u32 = UNSIGNED;
let fused: bool = true;

/** Chooses one of the above, and whether a product is added to something without being rounded before. */
export function behave(as: u32, fuses: bool): void {
  behaviour = as;
  fused = fuses;
}

function isSigned(): bool {
  return behaviour == SIGNED || behaviour == SIGNED_WRAPPING || behaviour == SIGNED_SATURATING;
}

/** c + the sums of four products of a and b in each lane. */
export function relaxedDot(a: v128, b: v128, c: v128): v128 {
  const signed = isSigned();
  // Products fit 16 bits, so a sum of two is exact in 32. Of bytes 0..7 and of bytes 8..15.
  const low = i32x4.dot_i16x8_s(
    i16x8.extend_low_i8x16_s(a),
    signed ? i16x8.extend_low_i8x16_s(b) : i16x8.extend_low_i8x16_u(b),
  );
  const high = i32x4.dot_i16x8_s(
    i16x8.extend_high_i8x16_s(a),
    signed ? i16x8.extend_high_i8x16_s(b) : i16x8.extend_high_i8x16_u(b),
  );
  let sum: v128;
  if (behaviour == UNSIGNED_SATURATING || behaviour == SIGNED_SATURATING) {
    sum = i32x4.extadd_pairwise_i16x8_s(i16x8.narrow_i32x4_s(low, high));
  } else if (behaviour == UNSIGNED_WRAPPING || behaviour == SIGNED_WRAPPING) {
    const wrapped = i8x16.shuffle(low, high, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29);
    sum = i32x4.extadd_pairwise_i16x8_s(wrapped);
  } else {
    sum = i32x4.add(
      i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
      i8x16.shuffle(low, high, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
    );
  }
  return i32x4.add(sum, c);
}

/** One lane of it, for the test's scalar model: four bytes in a and in b, low byte first. */
export function relaxedDotOf(a: u32, b: u32): i32 {
  return i32x4.extract_lane(relaxedDot(i32x4.splat(a), i32x4.splat(b), i64x2.splat(0)), 0);
}

/** round(a * b + c): the product is exact in f64, and its sum rounded to odd there, so that rounding it again is lawful. */
function multiplyAdd(a: f32, b: f32, c: f32): f32 {
  if (!fused) return a * b + c;
  const product = <f64>a * <f64>b;
  const sum = product + <f64>c;
  const back = sum - product;
  const error = product - (sum - back) + (<f64>c - back);
  let bits = reinterpret<i64>(sum);
  if (error != 0 && !(bits & 1)) bits += error > 0 == sum > 0 ? 1 : -1;
  return <f32>reinterpret<f64>(bits);
}

/** f32x4.relaxed_madd. */
export function relaxedMultiplyAdd(a: v128, b: v128, c: v128): v128 {
  let r = f32x4.splat(multiplyAdd(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0), f32x4.extract_lane(c, 0)));
  r = f32x4.replace_lane(r, 1, multiplyAdd(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1), f32x4.extract_lane(c, 1)));
  r = f32x4.replace_lane(r, 2, multiplyAdd(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2), f32x4.extract_lane(c, 2)));
  return f32x4.replace_lane(r, 3, multiplyAdd(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3), f32x4.extract_lane(c, 3)));
}

/** The bits of a lane of a * a + b, of floats by their bits. */
export function relaxedMultiplyAddOf(a: u32, b: u32): u32 {
  const x = reinterpret<f32>(a);
  return reinterpret<u32>(multiplyAdd(x, x, reinterpret<f32>(b)));
}

/** i32x4.relaxed_trunc_f32x4_s: hosts agree on what fits. */
export function relaxedTruncate(a: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(a);
}
