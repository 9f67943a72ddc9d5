/**
 * What convolutions of every kind need for each output channel: folded bias, multiplier, shift, and the proof that the
 * engine's vector requantisation cannot overflow.
 */
import {
  BLOCK_CENTRED,
  BLOCK_CHANNELS,
  BLOCK_FUSED,
  BLOCK_ROUNDED,
  FLAG_DOUBLE,
  FLAG_VECTOR,
  STEP_BIASES,
  STEP_BLOCKS,
  STEP_MULTIPLIERS,
  STEP_SHIFTS,
} from "../../../assembly/layout.js";
import type { Tensor } from "../graph/graph.js";
import { type Multiplier, multiplyByMultiplier, quantisation, quantiseMultiplier } from "./fixed-point.js";
import { held } from "./held.js";
import { findLine } from "./line.js";
import type { Constant } from "./program.js";

/** Weights of one output channel, zero point subtracted, in the order of the accumulation. */
export type ChannelWeights = Int16Array;

/** One output channel. */
interface Channel extends Multiplier {
  weights: ChannelWeights;
  /** Bias with -zx * sum(w - zw) folded in, wrapped to int32; zx and inputs as int8. */
  bias: number;
  /** Least and greatest accumulator over all inputs in -128..127. */
  low: number;
  high: number;
}

/** Rounds up to a multiple. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * The real factor of each output channel: input scale * weight scale / output scale. TFLite multiplies the first two in
 * double for int8, in float for uint8 (kernel_util.cc); fully connected (`exact`) multiplies in double always.
 */
function factors(input: Tensor, weights: Tensor, output: Tensor, channels: number, exact: boolean): number[] {
  const scales = weights.quantization?.scale ?? [1];
  const inputScale = quantisation(input).scale;
  const outputScale = quantisation(output).scale;
  return Array.from({ length: channels }, (_, c) => {
    const product = inputScale * (scales.length > 1 ? scales[c]! : scales[0]!);
    return (weights.quantization?.floatProduct && !exact ? Math.fround(product) : product) / outputScale;
  });
}

/**
 * Turns channels whose output is one value whatever the input into zero weights and a bias that gives that value with a
 * harmless multiplier. Such dead channels are common, and their huge shifts would spoil the common shift of their block.
 * Lawful because the requantisation is monotonic: equal ends mean equal throughout.
 */
function settle(channel: Channel, clamp: { min: number; max: number }, zeroPoint: number): void {
  const ends = [channel.low, channel.high].map((x) =>
    Math.abs(x) < 2 ** 31 ? multiplyByMultiplier(x, channel) : undefined,
  );
  if (ends[0] === undefined || ends[1] === undefined) return;
  const [first, last] = ends.map((y) => Math.min(clamp.max, Math.max(clamp.min, y! + zeroPoint)));
  if (first !== last) return;
  channel.weights.fill(0);
  // floor((2r * 2^30 + 2^30) / 2^31) = r
  channel.bias = 2 * (first! - zeroPoint);
  channel.low = channel.bias;
  channel.high = channel.bias;
  channel.multiplier = 2 ** 30;
  channel.shift = 0;
}

/** Whether the vector requantisation is exact for a block of four channels: see assembly/fixed.ts. */
function provable(block: Channel[]): boolean {
  const common = Math.max(0, ...block.map((c) => c.shift));
  return block.every((c) => {
    const exponent = common - c.shift + 1;
    const bound = Math.max(Math.abs(c.low), Math.abs(c.high));
    return exponent <= 30 && bound * 2 ** exponent < 2 ** 31;
  });
}

/** What `lowerChannels` gives to a step. */
export interface LoweredChannels {
  flags: number;
  /** Biases, multipliers, shifts, table of blocks if any. */
  constants: Constant[];
  /** Weights of each channel as the file holds them, int8: dead channels are those of a real zero. */
  weights: ChannelWeights[];
  /** Zero point of the weights; 0 if that of every block has been subtracted. */
  zeroPoint: number;
}

/** Whether the weights of a block, zero point subtracted, are int8: then they are stored so. */
function isCentred(block: Channel[]): boolean {
  return block.every((channel) => channel.weights.every((w) => w >= -128 && w <= 127));
}

/**
 * The table of a step's blocks of eight channels: u16 code of each channel's line (assembly/line.ts), then u8 of each
 * block's flags.
 *
 * @returns undefined if no block has a flag
 */
function blockTable(
  blocks: Channel[][],
  centred: boolean[],
  clamp: { min: number; max: number } | undefined,
  zeroPoint: number,
): Uint8Array | undefined {
  const bytes = new Uint8Array(blocks.length * 17);
  const codes = new Uint16Array(bytes.buffer, 0, blocks.length * BLOCK_CHANNELS);
  blocks.forEach((block, b) => {
    let flags = centred[b] ? BLOCK_CENTRED : 0;
    if (clamp) {
      const lines = block.map((channel) => findLine(channel, clamp, zeroPoint));
      codes.set(
        lines.map((line) => line.code),
        b * BLOCK_CHANNELS,
      );
      flags |= lines.reduce((ways, line) => ways & line.ways, BLOCK_FUSED | BLOCK_ROUNDED);
    }
    bytes[blocks.length * 16 + b] = flags;
  });
  return bytes.subarray(blocks.length * 16).some((flags) => flags) ? bytes : undefined;
}

/**
 * Lowers the output channels of a convolution.
 *
 * @param weights the constant tensor, for its scales and zero point
 * @param rows weights of each output channel, zero point subtracted
 * @param bias int32 [channels]
 * @param exact TFLite requantises in double (fully connected)
 * @param factor from sums to the output, instead of what the scales say
 */
export function lowerChannels(
  input: Tensor,
  weights: Tensor,
  output: Tensor,
  rows: ChannelWeights[],
  bias: Tensor | undefined,
  clamp: { min: number; max: number },
  exact: boolean,
  factor?: Multiplier,
): LoweredChannels {
  const zeroPoint = quantisation(input).zeroPoint;
  const biases = bias?.data as Int32Array | undefined;
  const real = factors(input, weights, output, rows.length, exact);
  const channels = rows.map((row, c): Channel => {
    let sum = 0;
    let reach = 0;
    for (const w of row) {
      sum += w;
      reach += Math.abs(w);
    }
    const folded = (biases?.[c] ?? 0) - zeroPoint * sum;
    // x in -128..127 = -1/2 +- 127.5
    const channel = {
      weights: row,
      bias: folded | 0,
      low: folded - sum / 2 - 127.5 * reach,
      high: folded - sum / 2 + 127.5 * reach,
      ...(factor ?? quantiseMultiplier(real[c]!)),
    };
    if (!exact) settle(channel, clamp, quantisation(output).zeroPoint);
    return channel;
  });

  const count = roundUp(channels.length, BLOCK_CHANNELS);
  const packedBiases = new Int32Array(count);
  const shifts = new Int8Array(count);
  const multipliers = exact ? new Float64Array(count) : new Int32Array(count);
  channels.forEach((channel, c) => {
    packedBiases[c] = channel.bias - held(0) * channel.weights.reduce((sum, w) => sum + w, 0);
    shifts[c] = channel.shift;
    multipliers[c] = exact ? real[c]! : channel.multiplier;
  });
  let vector = !exact;
  for (let c = 0; vector && c < channels.length; c += 4) vector = provable(channels.slice(c, c + 4));
  const blocks = Array.from({ length: count / BLOCK_CHANNELS }, (_, b) =>
    channels.slice(b * BLOCK_CHANNELS, (b + 1) * BLOCK_CHANNELS),
  );
  const kernelZeroPoint = weightZeroPoint(weights);
  const fits = blocks.map(isCentred);
  const zeroPointLeft = fits.every((fit) => fit) ? 0 : kernelZeroPoint;
  const centred = fits.map((fit) => fit && zeroPointLeft !== 0);
  const table = blockTable(blocks, centred, exact ? undefined : clamp, quantisation(output).zeroPoint);
  return {
    flags: (vector ? FLAG_VECTOR : 0) | (exact ? FLAG_DOUBLE : 0),
    constants: [
      { field: STEP_BIASES, bytes: bytesOf(packedBiases) },
      { field: STEP_MULTIPLIERS, bytes: bytesOf(multipliers) },
      { field: STEP_SHIFTS, bytes: bytesOf(shifts) },
      ...(table ? [{ field: STEP_BLOCKS, bytes: table }] : []),
    ],
    weights: channels.map((channel, c) =>
      fits[Math.floor(c / BLOCK_CHANNELS)] ? channel.weights : channel.weights.map((w) => w + kernelZeroPoint),
    ),
    zeroPoint: zeroPointLeft,
  };
}

/** The bytes under a typed array, little-endian hosts (all that run JavaScript). */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Zero point of a weight tensor: that of a per-tensor model; per-channel weights have none. */
export function weightZeroPoint(weights: Tensor): number {
  return weights.quantization?.scale.length === 1 ? (weights.quantization.zeroPoint[0] ?? 0) : 0;
}
