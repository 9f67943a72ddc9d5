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

/**
 * Asks the instructions themselves. The dot product: 127 * 255 * 4, or 127 * -1 * 4, or else. The multiplication and
 * addition must be fused, as lines need it (assembly/line.ts): (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24, which a rounding of
 * the product loses. All hosts with a fitting dot product are known to fuse.
 */
export function relaxedDot(): u32 {
  // In memory, for with constants the compiler might compute by its own rules; 16 bytes, to keep __heap_base aligned.
  const operands = memory.data<u8>([0x7f, 0xff, 0, 0, 0, 0x08, 0x80, 0x3f, 0, 0x10, 0x80, 0xbf, 0, 0, 0, 0]);
  const a = v128.load8_splat(operands);
  const b = v128.load8_splat(operands, 1);
  const product = i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, i64x2.splat(0)), 0);
  const factor = v128.load32_splat(operands, 4);
  const rest = f32x4.relaxed_madd(factor, factor, v128.load32_splat(operands, 8));
  if (f32x4.extract_lane(rest, 0) != 1.0 / 16777216) return DOT_UNUSABLE;
  if (product == 127 * 255 * 4) return DOT_UNSIGNED;
  return product == 127 * -1 * 4 ? DOT_SIGNED : DOT_UNUSABLE;
}

/** What four int8 activations are xored with before they are a second operand: x + 128 where it is unsigned. */
export function activationFlip(): u32 {
  return relaxedDot() == DOT_UNSIGNED ? 0x80808080 : 0;
}
