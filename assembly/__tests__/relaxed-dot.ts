/**
 * i32x4.relaxed_dot_i8x16_i7x16_add_s as hosts compute it, for builds in which it stands for the instruction
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

/** Chooses one of the above. */
export function behave(as: u32): void {
  behaviour = as;
}

function isSigned(): bool {
  return behaviour == SIGNED || behaviour == SIGNED_WRAPPING || behaviour == SIGNED_SATURATING;
}

/** c + the sums of four products of a and b in each lane. */
export function relaxedDotAs(a: v128, b: v128, c: v128): v128 {
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
  return i32x4.extract_lane(relaxedDotAs(i32x4.splat(a), i32x4.splat(b), i64x2.splat(0)), 0);
}
