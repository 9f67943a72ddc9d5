/**
 * Static memory of the simd build, in which bytes lie that are widened to int16 once and used often. It is this build's
 * alone and no part of the arena, so that no plan depends on it.
 */
import { STREAMED } from "../streamed";

/** Whether this build has the kernels that use it: builds for streamed weights are for hosts that have no RAM to spare. */
export const WIDENS: bool = ASC_FEATURE_SIMD && !ASC_FEATURE_RELAXED_SIMD && !STREAMED;

/** Bytes of widened inputs: 17 pixels of a depth of 960, for which a block's weights are widened once. */
export const INPUT_BYTES: u32 = 32768;

/** i16 [depth / 2, 8 channels, 2]. Lazy, as wideInputs: other builds have no such memory. */
// @ts-ignore: decorator
@lazy
export const wideWeights = memory.data(16384, 16);

/** i16 [pixels, depth and what a copy writes past it], or a row's columns (depthwise-3x3-wide.ts). */
// @ts-ignore: decorator
@lazy
export const wideInputs = memory.data(32768 + 16, 16); // INPUT_BYTES and the last copy's end
