/**
 * What values an activation takes, as far as that can be told from weights: mean, variance and range of all its elements.
 * Quantisation is chosen by it. Weights are scaled and biases set so that every convolution gives a fixed distribution
 * before its activation (PRE below), so what comes out of an activation is known too. No function whose last bit
 * depends on the host is used: the same seed gives the same file everywhere.
 */
import type { Quantization } from "../graph/graph.js";
import type { LayerActivation } from "./network.js";

/** Distribution and range of an activation tensor, in real numbers. */
export interface Signal {
  mean: number;
  variance: number;
  low: number;
  high: number;
}

/** Standard deviations from the mean that a range reaches. */
const REACH = 4;

/** What a convolution gives before its activation: about normal. */
export interface Target {
  mean: number;
  deviation: number;
}

const PRE: Target = { mean: 1, deviation: 2 };
const PRE_LINEAR: Target = { mean: 0, deviation: 2 };
/** Logits: a softmax over ten of these has more than one score above 0, over a thousand a winner. */
export const LOGITS: Target = { mean: 0, deviation: 2.5 };

/** What a convolution aims at in front of its activation; of a hard sigmoid, in front of the relu6 in relu6(x + 3) / 6. */
export function target(activation: LayerActivation): Target {
  if (activation === "hard_sigmoid") return { ...PRE_LINEAR, mean: PRE_LINEAR.mean + 3 };
  return activation === "none" ? PRE_LINEAR : PRE;
}

/** The signal of a normal distribution. */
export function normal({ mean, deviation }: Target): Signal {
  return { mean, variance: deviation ** 2, ...reach(mean, deviation) };
}

function reach(mean: number, deviation: number): { low: number; high: number } {
  return { low: mean - REACH * deviation, high: mean + REACH * deviation };
}

/**
 * What an activation makes of its target: moments of f(x), x normal, by numerical integration (the tests repeat it).
 * Hard-swish is least at -1.5.
 */
export const ACTIVATED: Record<LayerActivation, Signal> = {
  none: normal(PRE_LINEAR),
  relu: { mean: 1.3956, variance: 2.2138, low: 0, high: reach(PRE.mean, PRE.deviation).high },
  relu6: { mean: 1.3916, variance: 2.172, low: 0, high: 6 },
  hard_swish: { mean: 1.1875, variance: 2.4155, low: -0.375, high: reach(PRE.mean, PRE.deviation).high },
  hard_sigmoid: { mean: 0.5, variance: 0.0865, low: 0, high: 1 },
};

/** What a convolution gives whose activation is fused, or of a hard sigmoid the relu6. */
export function fusedSignal(activation: LayerActivation): Signal {
  const signal = ACTIVATED[activation];
  if (activation !== "hard_sigmoid") return signal;
  return { mean: 6 * signal.mean, variance: 36 * signal.variance, low: 6 * signal.low, high: 6 * signal.high };
}

/**
 * The mean of a map. Its pixels depend on each other; a quarter of the variance is about what is left, differences
 * between channels included.
 */
export function pooled({ mean, variance, low, high }: Signal): Signal {
  const { low: least, high: most } = reach(mean, Math.sqrt(variance) / 2);
  return { mean, variance: variance / 4, low: Math.max(low, least), high: Math.min(high, most) };
}

/** The sum of two. */
export function summed(a: Signal, b: Signal): Signal {
  const [mean, variance] = [a.mean + b.mean, a.variance + b.variance];
  return { mean, variance, ...reach(mean, Math.sqrt(variance)) };
}

/** A map times its gate in 0..1. */
export function gated(map: Signal, gate: Signal): Signal {
  const mean = map.mean * gate.mean;
  const square = (map.variance + map.mean ** 2) * (gate.variance + gate.mean ** 2);
  return { mean, variance: square - mean ** 2, low: map.low, high: map.high };
}

/** int8 scale and zero point for a range, which is widened to hold 0. */
export function quantisationOf({ low, high }: { low: number; high: number }): Quantization {
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  const scale = Math.fround((most - least) / 255);
  const zeroPoint = Math.min(127, Math.max(-128, Math.round(-128 - least / scale)));
  return { scale: [scale], zeroPoint: [zeroPoint], dimension: 0 };
}
