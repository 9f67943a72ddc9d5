import { basename } from "node:path";
import { mvp } from "../../../src/engine/mvp.js";
import { relaxed } from "../../../src/engine/relaxed.js";
import { simd } from "../../../src/engine/simd.js";
import type { Variant } from "../../../src/engine.js";
import { packModel } from "../pack.js";
import { type LayerReport, report } from "../report.js";
import { BoundModel } from "./bound-model.js";
import { summarise, type Times } from "./measure.js";
import { count, percent, table } from "./output.js";
import { peakLoop } from "./peak.js";
import type { Progress } from "./progress.js";

/** A layer's share of the time. The speeds are of its least time; none where a layer has no products. */
export interface LayerTimes extends Times, Pick<LayerReport, "step" | "operator" | "kind" | "input" | "output"> {
  kernel: [number, number];
  stride: [number, number];
  macs: number;
  /** Weights and biases. */
  parameters: number;
  macsPerSecond?: number;
  /** Of the sum of all layers' least times. */
  share: number;
  /** Its speed over the peak. */
  ofPeak?: number;
}

/** What `midge bench --layers` says of one build. Times are milliseconds, sums are of least times. */
export interface VariantLayers {
  /** MACs a second of a loop of the build's dot product alone. */
  peakMacsPerSecond: number;
  layers: LayerTimes[];
  sumMs: number;
  /** The whole network with every tensor whole: the same firings one after the other, so with cold caches. */
  layerByLayer: Times;
  /** The whole network as `midge pack` plans it. */
  planned: Times;
}

const ENGINES = { mvp, simd, relaxed };

/** How often each layer's turn comes: noise that lasts for one turn spoils a median, but no minimum. */
const ROUNDS = 5;
/** Turns of the lanes that run the whole network. */
const WHOLE_TURNS = 10;
/** A sample is so many runs that it lasts about this long, ms: a hundred times what reading the clock takes. */
const SAMPLE_MS = 0.02;

/** One thing to be timed. */
interface Lane {
  prepare: () => () => void;
  samples: number[];
  /** How many turns' time it gets. A whole network is as long as all its layers: it would have few samples in one. */
  turns: number;
  /** Runs of a sample. */
  runs: number;
}

/**
 * Times every layer of a model in every build given, in turns.
 *
 * @param bytes a source model
 * @param path for its name and messages
 * @param seconds how long to measure, all together
 * @returns MACs of a run, and what each build takes
 * @throws ImportError as packModel does
 */
export function measureLayers(
  bytes: Uint8Array,
  path: string,
  variants: readonly Variant[],
  seconds: number,
  bar: Progress,
): { macs: number; variants: Partial<Record<Variant, VariantLayers>> } {
  const planned = packModel(bytes, basename(path)).file;
  const whole = packModel(bytes, basename(path), { keepAll: true }).file;
  const { macs, layers } = report(whole);
  const builds = variants.map((variant) => {
    const module = new WebAssembly.Module(ENGINES[variant].bytes());
    const model = new BoundModel(module, whole);
    const packed = new BoundModel(module, planned);
    const peak = peakLoop(variant);
    return {
      peak: { ...lane(() => peak.run), macs: peak.macs },
      layers: layers.map(({ step }) => lane(() => model.only(step))),
      layerByLayer: lane(() => () => model.run(), WHOLE_TURNS),
      planned: lane(() => () => packed.run(), WHOLE_TURNS),
    };
  });
  // In the order of the network, the builds in turn. What runs the whole leaves the tensors as the layers need them.
  const lanes = [
    ...builds.flatMap((b) => [b.layerByLayer, b.planned, b.peak]),
    ...layers.flatMap((_, k) => builds.map((b) => b.layers[k]!)),
  ];
  warm(lanes, Math.min(1000, 200 * seconds));
  const turnMs = (1000 * seconds) / ROUNDS / lanes.reduce((sum, { turns }) => sum + turns, 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [k, one] of lanes.entries()) {
      sample(one, one.turns * turnMs);
      bar.update((round + k / lanes.length) / ROUNDS, "running");
    }
  }
  return {
    macs,
    variants: Object.fromEntries(
      builds.map((build, i) => [
        variants[i]!,
        {
          peakMacsPerSecond: (build.peak.macs / summarise(build.peak.samples).minMs) * 1000,
          ...shares(layers, build.layers, build.peak),
          layerByLayer: summarise(build.layerByLayer.samples),
          planned: summarise(build.planned.samples),
        },
      ]),
    ),
  };
}

function lane(prepare: Lane["prepare"], turns = 1): Lane {
  return { prepare, turns, samples: [], runs: 1 };
}

/** Engines compile in tiers: runs that do not count, until the time is over and everything has run twice. */
function warm(lanes: readonly Lane[], ms: number): void {
  const until = performance.now() + ms;
  let rounds = 0;
  do {
    for (const one of lanes) {
      const run = one.prepare();
      const start = performance.now();
      run();
      one.runs = Math.max(1, Math.ceil(SAMPLE_MS / (performance.now() - start)));
    }
  } while (++rounds < 2 || performance.now() < until);
}

/** Samples for a while; the first run fills the caches and does not count. */
function sample(one: Lane, ms: number): void {
  const run = one.prepare();
  run();
  const until = performance.now() + ms;
  let now = performance.now();
  do {
    const start = now;
    for (let i = 0; i < one.runs; i++) run();
    now = performance.now();
    one.samples.push((now - start) / one.runs);
    one.runs = Math.max(1, Math.ceil((SAMPLE_MS * one.runs) / (now - start)));
  } while (now < until);
}

function shares(
  layers: readonly LayerReport[],
  lanes: readonly Lane[],
  peak: Lane & { macs: number },
): Pick<VariantLayers, "layers" | "sumMs"> {
  const times = lanes.map(({ samples }) => summarise(samples));
  const sumMs = times.reduce((sum, { minMs }) => sum + minMs, 0);
  const peakSpeed = peak.macs / summarise(peak.samples).minMs;
  return {
    sumMs,
    layers: layers.map(({ step, operator, kind, input, output, kernel, stride, macs, parameters }, k) => {
      const { minMs } = times[k]!;
      const speeds = macs > 0 ? { macsPerSecond: (macs / minMs) * 1000, ofPeak: macs / minMs / peakSpeed } : {};
      const facts = { step, operator, kind, input, output, kernel, stride, macs, parameters };
      return { ...facts, ...times[k]!, ...speeds, share: minMs / sumMs };
    }),
  };
}

/** For people: a table of layers, one of kinds, and how the sum of the layers compares with the network. */
export function layersText(variant: Variant, result: VariantLayers): string {
  const { peakMacsPerSecond, layers, sumMs, layerByLayer, planned } = result;
  const giga = (speed: number | undefined) => (speed === undefined ? "" : (speed / 1e9).toFixed(1));
  const micro = (ms: number) => (1000 * ms).toFixed(1);
  const share = (value: number | undefined) => (value === undefined ? "" : percent(value));
  const rows = layers.map((l) => [
    l.step,
    l.operator + (l.kernel[0] * l.kernel[1] > 1 ? ` ${l.kernel.join("x")}` : "") + (l.stride[0] > 1 ? "/2" : ""),
    l.input.join("x"),
    l.output.join("x"),
    l.macs ? count(l.macs) : "",
    micro(l.minMs),
    micro(l.medianMs),
    giga(l.macsPerSecond),
    percent(l.share),
    share(l.ofPeak),
  ]);
  const kinds = kindsOf(layers).map(({ kind, macs, minMs, layers: number }) => [
    kind,
    number,
    macs ? count(macs) : "",
    micro(minMs),
    macs ? giga((macs / minMs) * 1000) : "",
    percent(minMs / sumMs),
    macs ? percent(((macs / minMs) * 1000) / peakMacsPerSecond) : "",
  ]);
  const against = (ms: number) => `${ms.toFixed(3)} ms, ${(ms / sumMs).toFixed(3)} times the sum`;
  return [
    `${variant}: its dot product alone reaches ${giga(peakMacsPerSecond)} GMAC/s here`,
    "",
    table(
      [...["step", "operator", "input", "output", ">MACs", ">min us", ">median us", ">GMAC/s", ">share", ">of peak"]],
      rows,
    ),
    "",
    table(["kind", ">layers", ">MACs", ">min us", ">GMAC/s", ">share", ">of peak"], kinds),
    "",
    `sum of the layers  ${sumMs.toFixed(3)} ms`,
    `layer by layer     ${against(layerByLayer.minMs)}: the same, each layer once, so on colder caches`,
    `as packed          ${against(planned.minMs)}: scheduled in rows`,
  ].join("\n");
}

/** Layers of one kind together, the longest first. */
function kindsOf(layers: readonly LayerTimes[]): { kind: string; layers: number; macs: number; minMs: number }[] {
  const kinds = new Map<string, { kind: string; layers: number; macs: number; minMs: number }>();
  for (const { kind, macs, minMs } of layers) {
    const sum = kinds.get(kind) ?? { kind, layers: 0, macs: 0, minMs: 0 };
    kinds.set(kind, { kind, layers: sum.layers + 1, macs: sum.macs + macs, minMs: sum.minMs + minMs });
  }
  return [...kinds.values()].sort((a, b) => b.minMs - a.minMs);
}
