/** Runs lanes in turns: one warm round, then rounds in which every lane is sampled once, in an order that turns. */
import { best, round, summarise } from "./statistics.js";

/**
 * @typedef {object} Pace how long things take, ms
 * @property {number} warmMs
 * @property {number} rounds
 * @property {number} sampleMs
 * @property {number} starts how often a lane is opened; the least load time, first and second run count
 */

/**
 * Measures one model with every runtime in every host.
 *
 * @param {any} model from models.js
 * @param {{ host: import("../hosts/host.js").Host, runtime: import("./runtimes.js").Runtime }[]} places
 * @param {Pace} pace
 * @param {(text: string) => void} say what is being done
 * @returns an entry for each place: figures, or the error in the runtime's own words
 */
export async function measureModel(model, places, { warmMs, rounds, sampleMs, starts }, say) {
  const entries = [];
  const lanes = [];
  for (const { host, runtime } of places) {
    const entry = { host: host.name, runtime: runtime.name };
    entries.push(entry);
    say(`${model.name}: opening ${runtime.name} in ${host.name}`);
    try {
      const { input, forms, folder } = model;
      const job = { runtime: runtime.runtime, variant: runtime.variant, warm: runtime.warm, folder, input, forms };
      const cold = await openings(host, job, starts - 1);
      const lane = await host.open(job);
      lanes.push({ entry, lane, samples: [], cold: [...cold, lane.facts] });
      await lane.warm(warmMs);
    } catch (error) {
      entry.error = error.message;
    }
  }
  const live = new Set(lanes.filter(({ entry }) => !entry.error));
  for (let k = 0; k < rounds; k++) {
    say(`${model.name}: round ${k + 1} of ${rounds}, ${live.size} lanes`);
    const order = [...live];
    const turn = Math.floor((k * order.length) / rounds);
    for (const one of [...order.slice(turn), ...order.slice(0, turn)]) {
      try {
        one.samples.push(...(await one.lane.sample(sampleMs)));
      } catch (error) {
        one.entry.error = error.message;
        live.delete(one);
      }
    }
  }
  const truth = lanes.find(({ entry }) => entry.runtime.startsWith("midge"))?.lane.facts.output;
  for (const { entry, lane, samples, cold } of lanes) {
    entry.error ??= await fault(lane, truth).catch((error) => error.message);
    if (!entry.error) {
      const { note, output } = lane.facts;
      const least = (key) => round(Math.min(...cold.map((facts) => facts[key])));
      const starts = { loadMs: least("loadMs"), firstMs: least("firstMs"), secondMs: least("secondMs") };
      const memory = await lane.memory();
      Object.assign(entry, summarise(samples), starts, memory);
      Object.assign(entry, truth && agreement(model.output, truth, output), note ? { note } : {});
    }
    await lane.close();
  }
  return entries;
}

/** Opens a lane so many times, each in a page or process of its own, and closes it. @returns what each tells of itself */
async function openings(host, job, count) {
  const facts = [];
  for (let i = 0; i < count; i++) {
    const lane = await host.open(job);
    facts.push(lane.facts);
    await lane.close();
  }
  return facts;
}

/**
 * Why a lane's times are worth nothing, if so. Some runtimes fail without throwing, very fast: outputs are looked at,
 * the first and one after the rounds. A difference from Midge's is no fault by itself (kernels round differently, float
 * forms do not round); no variation where there is some, or another number of elements, is.
 */
async function fault(lane, truth) {
  const first = lane.facts.output;
  const printed = lane.complaint?.();
  const reason = (text) => `no times: ${text}${printed ? ` (${printed})` : ""}`;
  const last = await lane.again();
  if (last.length !== first.length || last.some((value, i) => value !== first[i])) {
    return reason("the same input gave another output after the rounds");
  }
  if (!truth || lane.facts.output === truth) return undefined;
  if (first.length !== truth.length) return reason(`an output of ${first.length} elements instead of ${truth.length}`);
  if (isConstant(first) && !isConstant(truth)) return reason(`every element of its output is ${first[0]}`);
  return printed ? reason("it printed an error") : undefined;
}

function isConstant(values) {
  return values.every((value) => value === values[0]);
}

/**
 * How far an output is from Midge's: the greatest difference in Midge's steps of quantisation, the share of elements
 * that differ by more than one step, and whether the greatest element is the same. Float outputs are real values.
 */
function agreement({ type, scale, zeroPoint }, truth, output) {
  if (output.length !== truth.length) return {};
  const indices = type !== "int8" && type !== "uint8";
  const floats = output.some((value) => !Number.isInteger(value));
  const steps = output.map((value) => (floats && !indices ? value / scale + zeroPoint : value));
  const differences = steps.map((value, i) => Math.abs(value - truth[i]));
  return {
    difference: round(differences.reduce((a, b) => Math.max(a, b), 0)),
    differing: round(differences.filter((d) => d > 1).length / differences.length),
    sameBest: best(output) === best(truth),
  };
}
