/** Products of int16 in pairs, which the SIMD kernels are made of, and sums of their lanes. */

/** sum + the products of x and w, two to a lane. */
// @ts-ignore: decorator
@inline
export function dot(sum: v128, x: v128, w: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(x, w));
}

/** Lanes 0 and 2 of both: of four channels' four weights (or sums in two halves) what comes first. */
// @ts-ignore: decorator
@inline
export function firstPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

/** Lanes 1 and 3 of both. */
// @ts-ignore: decorator
@inline
export function secondPairs(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

/** Adds the two halves of four channels' sums: lanes (0a 0b 1a 1b), (2a 2b 3a 3b) to (0 1 2 3). */
// @ts-ignore: decorator
@inline
export function addPairs(a: v128, b: v128): v128 {
  return i32x4.add(firstPairs(a, b), secondPairs(a, b));
}

/** The sum of four sums. */
// @ts-ignore: decorator
@inline
export function addLanes(four: v128): i32 {
  const two = i32x4.add(four, i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return i32x4.extract_lane(two, 0) + i32x4.extract_lane(two, 1);
}
