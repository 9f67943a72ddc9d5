/** The streamed weights of a step as the engine reads them: window after window. */
import { STEP_BIASES, STEP_BLOCKS, STEP_MULTIPLIERS, STEP_SHIFTS, STEP_WEIGHTS } from "../../../assembly/layout.js";
import { roundUp } from "../lower/channels.js";
import type { Step } from "../lower/program.js";
import { constantBytes, windowBytes, windowShape } from "../plan/windows.js";

/**
 * All windows of a step with weights, laid out as assembly/streaming.ts says: constants of the window's channels, then
 * their weights.
 *
 * @param windowChannels output channels of a window
 */
export function windowsOf(step: Step, windowChannels: number): Uint8Array {
  const shape = windowShape(step)!;
  const { channels: all, depth, entry, blocks, cuts } = shape;
  const constant = (field: number) => step.constants.find((c) => c.field === field)!.bytes;
  const weights = constant(STEP_WEIGHTS);
  const windows: Uint8Array[] = [];
  for (let first = 0; first < all; first += windowChannels) {
    const channels = Math.min(windowChannels, all - first);
    const window = new Uint8Array(windowBytes(shape, channels));
    const part = (field: number, bytes: number) => constant(field).subarray(first * bytes, (first + channels) * bytes);
    window.set(part(STEP_BIASES, 4), 0);
    window.set(part(STEP_MULTIPLIERS, entry), 4 * channels);
    window.set(part(STEP_SHIFTS, 1), (4 + entry) * channels);
    if (blocks) {
      const table = constant(STEP_BLOCKS);
      const codes = (4 + entry) * channels + roundUp(channels, 16);
      window.set(table.subarray(2 * first, 2 * (first + channels)), codes);
      window.set(table.subarray(2 * all + first / 8, 2 * all + (first + channels) / 8), codes + 2 * channels);
    }
    const at = constantBytes(shape, channels);
    // Matmuls have their weights block by block of channels, depthwise steps tap by tap.
    if (cuts) window.set(part(STEP_WEIGHTS, depth), at);
    else {
      for (let tap = 0; tap < depth; tap++) {
        const from = tap * all + first;
        window.set(weights.subarray(from, from + channels), at + tap * channels);
      }
    }
    windows.push(window);
  }
  return concatenate(windows);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
