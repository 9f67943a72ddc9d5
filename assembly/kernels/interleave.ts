/**
 * Interleaving of two vectors' low or high halves. x86 and Arm do each in one instruction.
 */

/** Bytes 0..7 of both: (a0 b0 a1 b1 ...). */
// @ts-ignore: decorator
@inline
export function interleaveBytes(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** 16-bit words 0..3 of both: (a0 b0 a1 b1 ...). */
// @ts-ignore: decorator
@inline
export function interleaveWordsLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
}

/** 16-bit words 4..7 of both. */
// @ts-ignore: decorator
@inline
export function interleaveWordsHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}
