/** Requantisation alone, over an array of accumulators, as requantiseChannel (kernels/block.ts) does one: for `npm run bench:native`. */
import { clamp, multiplyByMultiplierInline } from "../fixed";

export { __heap_base };

/** `pixels` times `channels` i32 at `input` to i8 at `output`. */
export function requantise(
  input: usize,
  multipliers: usize,
  shifts: usize,
  output: usize,
  pixels: u32,
  channels: u32,
  zeroPoint: i32,
  low: i32,
  high: i32,
): void {
  for (let pixel: u32 = 0; pixel < pixels; ++pixel) {
    for (let c: u32 = 0; c < channels; ++c) {
      const scaled = multiplyByMultiplierInline(load<i32>(input), load<i32>(multipliers + (c << 2)), load<i8>(shifts + c));
      store<i8>(output, clamp(scaled + zeroPoint, low, high));
      input += 4;
      ++output;
    }
  }
}
