/** How a step's weights are read through a window of RAM, where they are streamed. Mirrors assembly/streaming.ts. */
import {
  BLOCK_CHANNELS,
  BLOCK_DEPTH,
  FLAG_CUT,
  FLAG_DOUBLE,
  FLAG_KEPT,
  LEAST_PART,
  OPCODE_DEPTHWISE,
  STEP_BLOCKS,
  STEP_DEPTH,
  STEP_FLAGS,
  STEP_KERNEL_HEIGHT,
  STEP_KERNEL_WIDTH,
  STEP_MULTIPLIERS,
  STEP_OPCODE,
  STEP_OUTPUT,
  STEP_SHIFTS,
  STEP_WEIGHTS,
  STEP_WINDOW_SIZE,
} from "../../../assembly/layout.js";
import { roundUp } from "../lower/channels.js";
import type { Step } from "../lower/program.js";
import type { Records } from "../records.js";
import { PlanError } from "./model.js";
import type { Window } from "./types.js";

/** A window too small for a layer's weights. */
export class WindowError extends PlanError {
  /**
   * @param leastBytes the least window
   * @param window the bytes given
   * @param step the step in the way
   * @param name what it is called, for the message
   */
  constructor(
    readonly leastBytes: number,
    readonly window: number,
    readonly step: number,
    name = `step ${step}`,
  ) {
    super(`the least window is ${leastBytes} bytes, more than the ${window} given; ${name} stands in the way`);
  }
}

/** What windows are made of: a step's constants by their sizes. */
export interface WindowShape {
  /** Output channels, rounded up to 8. */
  channels: number;
  /** Bytes of weights of each channel. */
  depth: number;
  /** Bytes of a multiplier. */
  entry: number;
  /** Whether there are codes of lines and flags of blocks. */
  blocks: boolean;
  /** Whether the weights of a channel can be cut: the channel is one dot product. */
  cuts: boolean;
}

/** The shape of a step's windows; undefined for a step without weights. */
export function windowShape(step: Pick<Step, "opcode" | "constants">): WindowShape | undefined {
  const bytes = (field: number) => step.constants.find((c) => c.field === field)?.bytes.length;
  const channels = bytes(STEP_SHIFTS);
  if (channels === undefined) return undefined;
  return {
    channels,
    depth: bytes(STEP_WEIGHTS)! / channels,
    entry: bytes(STEP_MULTIPLIERS)! / channels,
    blocks: bytes(STEP_BLOCKS) !== undefined,
    cuts: step.opcode !== OPCODE_DEPTHWISE,
  };
}

/** The shape of the windows of a packed file's step with weights. */
export function recordedShape(records: Records, step: number): WindowShape {
  const word = (field: number) => records.step(step, field);
  const cuts = word(STEP_OPCODE) !== OPCODE_DEPTHWISE;
  return {
    channels: roundUp(records.extent(word(STEP_OUTPUT))[2], BLOCK_CHANNELS),
    depth: cuts ? roundUp(word(STEP_DEPTH), BLOCK_DEPTH) : word(STEP_KERNEL_HEIGHT) * word(STEP_KERNEL_WIDTH),
    entry: word(STEP_FLAGS) & FLAG_DOUBLE ? 8 : 4,
    blocks: word(STEP_BLOCKS) !== 0,
    cuts,
  };
}

/** Bytes of all windows of so many channels each: what reading the weights once reads. */
export function readBytes(shape: WindowShape, channels: number): number {
  const rest = shape.channels % channels;
  return Math.floor(shape.channels / channels) * windowBytes(shape, channels) + (rest && windowBytes(shape, rest));
}

/** The recorded window of a packed file's step with weights. */
export function recordedWindow(records: Records, step: number): Window & { kept: boolean } {
  const shape = recordedShape(records, step);
  const size = records.step(step, STEP_WINDOW_SIZE);
  const flags = records.step(step, STEP_FLAGS);
  const cut = (flags & FLAG_CUT) !== 0;
  const channels = cut ? BLOCK_CHANNELS : size;
  const depth = cut ? size : shape.depth;
  return {
    channels,
    depth,
    cut,
    bytes: windowBytes(shape, channels, depth),
    readBytes: readBytes(shape, channels),
    kept: (flags & FLAG_KEPT) !== 0,
  };
}

/** Bytes of biases, multipliers, shifts, codes and flags of some channels. */
export function constantBytes({ entry, blocks }: WindowShape, channels: number): number {
  return channels * (4 + entry) + roundUp(channels, 16) + (blocks ? roundUp(2 * channels + channels / 8, 16) : 0);
}

/** Bytes of a window of some channels with all their weights, or the first `depth` bytes of each. */
export function windowBytes(shape: WindowShape, channels: number, depth = shape.depth): number {
  return constantBytes(shape, channels) + roundUp(channels * depth, 16);
}

/** The window that takes all weights at once. */
export function wholeWindow(shape: WindowShape): Window {
  const bytes = windowBytes(shape, shape.channels);
  return { channels: shape.channels, depth: shape.depth, cut: false, bytes, readBytes: bytes };
}

/** The least window that a shape can be read through. */
export function leastWindow(shape: WindowShape): number {
  return windowBytes(shape, BLOCK_CHANNELS, shape.cuts ? Math.min(shape.depth, LEAST_PART) : shape.depth);
}

/**
 * The window of at most `most` bytes through which the weights are read in the fewest pieces, of about the same size.
 * Undefined if `most` is below the least window.
 */
export function windowOf(shape: WindowShape, most: number): Window | undefined {
  if (most < leastWindow(shape)) return undefined;
  const { channels: all, depth } = shape;
  let most8 = all;
  while (most8 > 0 && windowBytes(shape, most8) > most) most8 -= BLOCK_CHANNELS;
  if (most8 > 0) {
    const channels = roundUp(Math.ceil(all / Math.ceil(all / most8)), BLOCK_CHANNELS);
    return { channels, depth, cut: false, bytes: windowBytes(shape, channels), readBytes: readBytes(shape, channels) };
  }
  // One block is too much: its dot product is cut. Parts are multiples of 4, so that each is one of 16 bytes.
  const room = Math.floor((most - constantBytes(shape, BLOCK_CHANNELS)) / BLOCK_CHANNELS / 4) * 4;
  const part = Math.max(LEAST_PART, roundUp(Math.ceil(depth / Math.ceil(depth / room)), 4));
  return {
    channels: BLOCK_CHANNELS,
    depth: part,
    cut: true,
    bytes: windowBytes(shape, BLOCK_CHANNELS, part),
    readBytes: readBytes(shape, BLOCK_CHANNELS),
  };
}
