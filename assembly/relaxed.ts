/**
 * What the host's relaxed dot product does. i32x4.relaxed_dot_i8x16_i7x16_add_s is exact only while its second operand
 * stays within 7 bits; beyond, hosts differ: x86 with VNNI takes those bytes as unsigned, Arm's dot product as signed.
 * Both are exact for all 8 bits once one knows which it is. Older x86 (pmaddubsw) takes them as unsigned and older Arm as
 * signed, but these add pairs of products in 16 bits, where sums saturate (x86) or wrap (Arm): not exact.
 */

/** Not exact, or something unknown. */
export const DOT_UNUSABLE: u32 = 0;
/** The second operand is unsigned. */
export const DOT_UNSIGNED: u32 = 1;
/** The second operand is signed. */
export const DOT_SIGNED: u32 = 2;

/**
 * Asks the instructions themselves. The dot product: 2 * 127 * 255 - 2 * 128 * 128, or 2 * 127 * -1 + 2 * 128 * 128, or
 * else; in either, sums of pairs do not fit 16 bits. The multiplication and addition must be fused, as lines need it
 * (assembly/line.ts): (1 + 2^-12)^2 - (1 + 2^-11) = 2^-24, which a rounding of the product loses. All hosts with a fitting
 * dot product are known to fuse.
 */
export function relaxedDot(): u32 {
  // In memory, for with constants the compiler might compute by its own rules; 16 bytes, to keep __heap_base aligned.
  const operands = memory.data<u8>([0x7f, 0x7f, 0x80, 0x80, 0xff, 0xff, 0x80, 0x80, 0, 0x08, 0x80, 0x3f, 0, 0x10, 0x80, 0xbf]);
  const a = v128.load32_splat(operands);
  const b = v128.load32_splat(operands, 4);
  const product = i32x4.extract_lane(i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, i64x2.splat(0)), 0);
  const factor = v128.load32_splat(operands, 8);
  const rest = f32x4.relaxed_madd(factor, factor, v128.load32_splat(operands, 12));
  if (f32x4.extract_lane(rest, 0) != 1.0 / 16777216) return DOT_UNUSABLE;
  if (product == 2 * 127 * 255 - 2 * 128 * 128) return DOT_UNSIGNED;
  return product == 2 * 127 * -1 + 2 * 128 * 128 ? DOT_SIGNED : DOT_UNUSABLE;
}

/** What four activations are xored with before they are a second operand: x - 128 where it is signed. */
export function activationFlip(): u32 {
  return relaxedDot() == DOT_SIGNED ? 0x80808080 : 0;
}
