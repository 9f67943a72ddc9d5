/**
 * The planner: from a network's rows, bytes and order to rings, segments, rows per firing and offsets.
 *
 * 1. simulate.ts: the least rings with which a run of steps streams.
 * 2. lives.ts: which bytes of them are live at each firing.
 * 3. segments.ts: the cuts with the least peak, exact; then, within that memory, the cuts and rows that read weights
 *    least often.
 * 4. allocate.ts: offsets, so that nothing that is live shares a place.
 *
 * Open, each of which would lower peaks further:
 * - In place: an add exactly over the one of its inputs that dies with it, a depthwise step of stride 1 over its own
 *   ring. Now what is written keeps one row's distance from what is read.
 * - A producer that fires n rows at a time never lines up with a consumer that reaches over the border, which costs a
 *   ring of 2n + 1 instead of n + 2 rows for 3x3. A first firing of another size, in the contract, would cure that.
 */
import { allocate, Distances } from "./allocate.js";
import { birthOf, type Lives, livesOf, mostLive } from "./lives.js";
import { align16, BudgetError, type Model, modelOf, PlanError, scratchOf } from "./model.js";
import { blockBytes, type Segment, SegmentSearch } from "./segments.js";
import { Simulator } from "./simulate.js";
import type { Plan, PlannedWindow, PlanRequest } from "./types.js";

export { BudgetError, PlanError } from "./model.js";

/** Arena offsets and sizes are 32-bit. */
const MOST_BYTES = 0xffffffff;

/** Tries of changed orders when all blocks are placed. */
const TRIES = 400;

/** Shares of the limit that raised rows may take, tried in turn until the offsets fit too. */
const SHARES = [1, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0];

/**
 * Plans a network. Without `ramBytes` the arena is the least that the planner finds, and within it the plan fires as
 * many rows at a time as it can; with `ramBytes` (the whole arena, state and slack included) the plan may use that much.
 * The same request always gives the same plan. Throws PlanError if the request contradicts itself or the
 * budget is no number of bytes, BudgetError if not even the least arena fits.
 */
export function plan(request: PlanRequest, ramBytes?: number): Plan {
  const model = modelOf(request);
  const most = ramBytes ?? MOST_BYTES;
  if (!Number.isSafeInteger(most) || most < 1 || most > MOST_BYTES) {
    throw new PlanError(`a budget of ${most} bytes is not a whole number from 1 to ${MOST_BYTES}`);
  }
  const search = new SegmentSearch(model, new Simulator(model));
  const peak = search.leastPeak();
  const fewest = search.fewestSegments(peak);
  if (!fewest) throw new PlanError("no segments found at the least peak");
  const made = new Map<string, Made>();
  const make = (segments: Segment[]): Made => {
    const part = (of: Int32Array | Uint8Array, { first, end }: Segment) => of.subarray(first, end).join();
    const key = segments.map((one) => `${part(one.rows, one)} ${part(one.kept, one)}`).join("; ");
    const found = made.get(key) ?? { plan: assemble(model, segments), traffic: trafficOf(segments) };
    made.set(key, found);
    return found;
  };
  // Placing the blocks of all segments may take more than any segment alone, and whose cuts take the least is not known
  // before they are placed.
  make(fewest);
  for (const share of SHARES) make(search.leastTraffic(peak, peak * share)!);
  const smallestOf = (): Plan =>
    [...made.values()].reduce((a, b) => (b.plan.arenaBytes < a.plan.arenaBytes ? b : a)).plan;
  const fill = (target: number): void => {
    const limit = target - overhead(model);
    for (const share of SHARES) {
      const segments = search.leastTraffic(limit, limit * share);
      if (segments && make(segments).plan.arenaBytes <= target) break;
    }
  };
  // What fills the least arena found may turn out smaller still: until it does not, so that what is called the least
  // here is a budget that the next request can keep.
  let smallest = smallestOf();
  for (let before = Infinity; smallest.arenaBytes < before; smallest = smallestOf()) {
    before = smallest.arenaBytes;
    fill(before);
  }
  if (smallest.arenaBytes > most) {
    const first = smallest.segments[smallest.peak.segment - 1] ?? 0;
    throw new BudgetError(smallest.arenaBytes, most, first, smallest.segments[smallest.peak.segment]! - 1);
  }
  const target = ramBytes === undefined ? smallest.arenaBytes : Math.floor(most / 16) * 16;
  if (target > smallest.arenaBytes) fill(target);
  const fitting = [...made.values()].filter(({ plan }) => plan.arenaBytes <= target);
  return fitting.reduce((a, b) => (b.traffic < a.traffic ? b : a)).plan;
}

/** A plan, and the bytes that its segments move. */
interface Made {
  plan: Plan;
  traffic: number;
}

function trafficOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { traffic }) => sum + traffic, 0);
}

/** Bytes of the arena that hold neither tensors nor scratch, at both ends. */
function overhead({ request }: Model): number {
  return align16(request.stateBytes) + align16(request.slackBytes);
}

/** Makes a plan of segments: offsets by what is live when, and the rest of what the engine needs. */
function assemble(model: Model, segments: readonly Segment[]): Plan {
  const { request } = model;
  const rows = new Int32Array(model.steps);
  const ringRows = new Int32Array(model.tensors);
  const kept = new Uint8Array(model.steps);
  for (const segment of segments) {
    for (let step = segment.first; step < segment.end; ++step) {
      rows[step] = segment.rows[step]!;
      kept[step] = segment.kept[step]!;
    }
    segment.ringRows.forEach((count, tensor) => {
      if (count > 0) ringRows[tensor] = count;
    });
  }
  const shapes = segments.map(({ first, end }) => ({ first, end, rows, ringRows, kept }));
  const lives = shapes.map((shape) => livesOf(model, shape)!);
  const peaks = shapes.map((shape) => mostLive(model, shape, Infinity));
  const most = Math.max(...peaks);

  const blocks = Array.from({ length: model.tensors + (request.streamed ? 2 : 1) * model.steps }, (_, block) => block);
  const distances = new Distances(blocks.length);
  for (const segment of lives) distances.add(segment, (block) => block);
  const sizes = blocks.map((block) => blockBytes(model, block, { rows, ringRows, kept }));
  const allocation = allocate(sizes, birthsOf(blocks.length, lives), distances, most, TRIES);

  const start = align16(request.stateBytes);
  const arenaBytes = start + allocation.bytes + align16(request.slackBytes);
  if (arenaBytes > MOST_BYTES) throw new PlanError(`an arena of ${arenaBytes} bytes is beyond 32 bits`);
  const endOf = (step: number): number => segments.find(({ end }) => step < end)!.end;
  return {
    tensors: request.tensors.map(({ height }, tensor) => ({
      offset: start + allocation.offsets[tensor]!,
      ringRows: ringRows[tensor]! || height,
    })),
    steps: request.steps.map((_, step) => {
      const readers = model.consumers[model.output[step]!]!;
      const { windows } = request.steps[step]!;
      const window: PlannedWindow | undefined = windows && {
        ...(kept[step] ? windows.kept : windows.shared),
        offset: start + allocation.offsets[model.tensors + model.steps + step]!,
        kept: kept[step] === 1,
      };
      return {
        rows: rows[step]!,
        scratchOffset: start + allocation.offsets[model.tensors + step]!,
        scratchBytes: scratchOf(model, step, rows[step]!),
        window,
        lastConsumer: readers.length > 0 ? Math.min(endOf(step) - 1, readers[readers.length - 1]!) : step,
      };
    }),
    segments: segments.map(({ end }) => end),
    arenaBytes,
    peak: { segment: peaks.indexOf(most), bytes: most },
  };
}

/** For each block the firing at which it is first live, counted over all segments. */
function birthsOf(blocks: number, segments: readonly Lives[]): number[] {
  const births = new Array<number>(blocks).fill(Infinity);
  let before = 0;
  for (const { firings, blocks: lives } of segments) {
    for (const life of lives) births[life.block] = Math.min(births[life.block]!, before + birthOf(life));
    before += firings.length;
  }
  return births;
}
