/**
 * What the host's relaxed dot product does. i32x4.relaxed_dot_i8x16_i7x16_add_s is exact only while its second operand
 * stays within 7 bits; beyond, hosts differ: x86 with VNNI takes those bytes as unsigned, Arm's dot product as signed,
 * older x86 (pmaddubsw) as unsigned with saturating sums of pairs. The first two are exact for all 8 bits once one
 * knows which it is; the third is not.
 */

/** Saturates, or does something unknown. */
export const DOT_UNUSABLE: u32 = 0;
/** The second operand is unsigned. */
export const DOT_UNSIGNED: u32 = 1;
/** The second operand is signed. */
export const DOT_SIGNED: u32 = 2;

/** Asks the instruction itself: 127 * 255 * 4, or 127 * -1 * 4, or else. */
export function relaxedDot(): u32 {
  // In memory, for with constants the compiler might compute by its own rules; 16 bytes, to keep __heap_base aligned.
  const operands = memory.data<u8>([0x7f, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const a = v128.load8_splat(operands);
  const b = v128.load8_splat(operands, 1);
  const product = i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, i64x2.splat(0)), 0);
  if (product == 127 * 255 * 4) return DOT_UNSIGNED;
  return product == 127 * -1 * 4 ? DOT_SIGNED : DOT_UNUSABLE;
}

/** What four int8 activations are xored with before they are a second operand: x + 128 where it is unsigned. */
export function activationFlip(): u32 {
  return relaxedDot() == DOT_UNSIGNED ? 0x80808080 : 0;
}
