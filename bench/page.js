/** The measuring page: midge's builds and one peer in turn, in batches of at least about a millisecond. */
import { load, supports, VARIANTS } from "/dist/index.js";

const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());

/** Deterministic input. */
function fill(length, type) {
  const bytes = new Uint8Array(length).map((_, i) => (i * 31) & 255);
  return type === "int8" ? new Int8Array(bytes.buffer) : bytes;
}

window.measure = async (name, peer, seconds) => {
  const packed = await bytesOf(`/packed/${name}`);
  const source = await bytesOf(`/source/${name}`);
  const runs = {};
  const first = {};
  let input;
  let shape;
  for (const engine of VARIANTS.filter(supports)) {
    const start = performance.now();
    const model = await load(packed, { engine });
    const loaded = performance.now();
    ({ shape } = model.info.input);
    input ??= fill(model.info.input.length, model.info.input.type);
    model.run(input);
    first[`midge ${engine}`] = { load: loaded - start, first: performance.now() - loaded };
    runs[`midge ${engine}`] = async () => model.run(input)[0];
  }
  const times = {};
  try {
    const { module } = await (await fetch(`/peer?name=${encodeURIComponent(peer)}`)).json();
    const start = performance.now();
    const run = await (await import(`/peers/${module}`)).load(source, shape);
    const loaded = performance.now();
    await run(input);
    first.peer = { load: loaded - start, first: performance.now() - loaded };
    runs.peer = () => run(input);
  } catch (error) {
    times.peer = { error: String(error?.message ?? error).split("\n")[0] };
  }
  // Engines compile in tiers: the first runs go through slower code.
  const batch = {};
  for (const run of Object.keys(runs)) {
    const until = performance.now() + 700;
    let count = 0;
    while (performance.now() < until || count < 5) {
      await runs[run]();
      count++;
    }
    batch[run] = Math.max(1, Math.ceil(count / 700));
  }
  const samples = Object.fromEntries(Object.keys(runs).map((run) => [run, []]));
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    for (const run of Object.keys(runs)) {
      const start = performance.now();
      for (let i = 0; i < batch[run]; i++) await runs[run]();
      samples[run].push((performance.now() - start) / batch[run]);
    }
  }
  for (const [run, all] of Object.entries(samples)) {
    const sorted = all.sort((a, b) => a - b);
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    times[run] = { min: sorted[0], median: at(0.5), p99: at(0.99), samples: sorted.length, ...first[run] };
  }
  return times;
};
