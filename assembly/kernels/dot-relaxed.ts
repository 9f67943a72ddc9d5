/** The relaxed kernels' product; for the operand's sign see assembly/relaxed.ts. */

/** sum + the products of four weights and four inputs in each lane: at most 4 * 128 * 255 at a time. */
// @ts-ignore: decorator
@inline
export function dot(sum: v128, weights: v128, inputs: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, inputs, sum);
}
