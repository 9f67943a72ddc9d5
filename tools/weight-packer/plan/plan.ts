/**
 * The planner: from a network's rows, bytes and order to rings, segments, rows per firing and offsets.
 *
 * 1. simulate.ts: the least rings with which a run of steps streams.
 * 2. segments.ts: the cuts with the least peak, exact; then, within that memory, the cuts and rows that read weights
 *    least often.
 * 3. allocate.ts: offsets by lifetime.
 *
 * Open, each of which would lower peaks further:
 * - Time within a segment. The last rows of a segment's output are written when its first rings, the stem's scratch and
 *   the input's ring are done with (the data forces that, in any firing order), so they may lie there: V1 0.25 would
 *   need 0.8 to 1 KiB less. allocate.ts would take a distance for each pair of blocks instead of "apart", and the cost
 *   of a segment would no longer be a sum.
 * - The same for a tensor that is read whole, whose rows die from the top as the segment proceeds; for the image that is
 *   most of V2's first segment. The engine stands against it: pad rows read the pad pixel of the ring's first slot to
 *   the very end.
 * - In place: an add into the one of its inputs that dies with it, a depthwise step of stride 1 over its own ring.
 * - A producer that fires n rows at a time never lines up with a consumer that reaches over the border, which costs a
 *   ring of 2n + 1 instead of n + 2 rows for 3x3. A first firing of another size, in the contract, would cure that.
 */
import { type Allocation, allocate, type Block, mostAlive } from "./allocate.js";
import { align16, BudgetError, type Model, modelOf, PlanError, scratchOf } from "./model.js";
import { type Segment, SegmentSearch, sharedWindow } from "./segments.js";
import { Simulator } from "./simulate.js";
import type { Plan, PlannedWindow, PlanRequest } from "./types.js";

export { BudgetError, PlanError } from "./model.js";

/** Arena offsets and sizes are 32-bit. */
const MOST_BYTES = 0xffffffff;

/** Shares of the limit that raised rows may take, tried in turn until the offsets fit too. */
const SHARES = [1, 0.99, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0];

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
  const least = search.fewestSegments(peak);
  if (!least) throw new PlanError("no segments found at the least peak");
  const smallest = assemble(model, least);
  if (smallest.arenaBytes > most) {
    const { first, end } = least[smallest.peak.segment]!;
    throw new BudgetError(smallest.arenaBytes, most, first, end - 1);
  }
  const within = (bytes: number): Found | undefined => {
    const limit = bytes === smallest.arenaBytes ? peak : bytes - overhead(model);
    return leastTraffic(model, search, limit, bytes);
  };
  const found = [within(ramBytes === undefined ? smallest.arenaBytes : Math.floor(most / 16) * 16)];
  // The search is no more than good: make sure that more RAM never reads more than the least does.
  if (request.streamed && ramBytes !== undefined) found.push(within(smallest.arenaBytes));
  return found.filter((one) => one !== undefined).sort((a, b) => a.traffic - b.traffic)[0]?.plan ?? smallest;
}

/** A plan, and the bytes that it is estimated to move. */
interface Found {
  plan: Plan;
  traffic: number;
}

/**
 * The plan of segments of at most `limit` bytes that moves the fewest bytes in an arena of at most `arenaBytes`, as far
 * as the search finds it. Where weights are streamed, reading them is so slow that a longer search pays.
 */
function leastTraffic(model: Model, search: SegmentSearch, limit: number, arenaBytes: number): Found | undefined {
  for (const share of SHARES) {
    const [best] = [false, ...(model.request.streamed ? [true] : [])]
      .map((thorough) => search.leastTraffic(limit, limit * share, thorough))
      .filter((segments) => segments !== undefined)
      .map((segments) => ({ plan: assemble(model, segments), traffic: trafficOf(segments) }))
      .filter(({ plan }) => plan.arenaBytes <= arenaBytes)
      .sort((a, b) => a.traffic - b.traffic);
    if (best) return best;
  }
  return undefined;
}

/** Estimated bytes that segments move. */
function trafficOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { traffic }) => sum + traffic, 0);
}

/** Bytes of the arena that hold neither tensors nor scratch, at both ends. */
function overhead({ request }: Model): number {
  return align16(request.stateBytes) + align16(request.slackBytes);
}

/** Makes a plan of segments: lifetimes, offsets, and the rest of what the engine needs. */
function assemble(model: Model, segments: readonly Segment[]): Plan {
  const { request } = model;
  const segmentOf = new Int32Array(model.steps);
  segments.forEach(({ first, end }, index) => segmentOf.fill(index, first, end));

  const ringRows = Array.from(model.height);
  for (const segment of segments) {
    segment.ringRows.forEach((rows, tensor) => {
      if (rows > 0) ringRows[tensor] = rows;
    });
  }
  const blocks: Block[] = request.tensors.map(({ rowStride }, tensor) => {
    const producer = model.producer[tensor]!;
    const toTheEnd = model.lastUse[tensor]! >= model.steps;
    return {
      bytes: ringRows[tensor]! * rowStride,
      from: producer === model.steps ? 0 : segmentOf[producer]!,
      until: toTheEnd ? segments.length : segmentOf[model.lastUse[tensor]!]! + 1,
    };
  });

  /** Of each step the block of its scratch, of its streamed weights if it keeps them, and the one it shares. */
  const scratchBlocks: number[] = [];
  const keptBlocks: number[] = [];
  const sharedBlocks: number[] = [];
  segments.forEach(({ first, end, rows, kept }, index) => {
    const own = (bytes: number) => blocks.push({ bytes, from: index, until: index + 1 }) - 1;
    const shared = own(0);
    for (let step = first; step < end; ++step) {
      const { scratchPersistent, windows } = request.steps[step]!;
      const bytes = scratchOf(model, step, rows[step]!);
      const persistent = bytes > 0 && scratchPersistent;
      sharedBlocks[step] = shared;
      scratchBlocks[step] = persistent ? own(bytes) : shared;
      if (windows && kept[step]) keptBlocks[step] = own(windows.kept.bytes);
      const passing = (persistent ? 0 : align16(bytes)) + sharedWindow(model, step, kept);
      blocks[shared]!.bytes = Math.max(blocks[shared]!.bytes, passing);
    }
  });

  const allocation: Allocation = allocate(blocks);
  const start = align16(request.stateBytes);
  const arenaBytes = start + allocation.bytes + align16(request.slackBytes);
  if (arenaBytes > MOST_BYTES) throw new PlanError(`an arena of ${arenaBytes} bytes is beyond 32 bits`);
  return {
    tensors: request.tensors.map((_, tensor) => ({
      offset: start + allocation.offsets[tensor]!,
      ringRows: ringRows[tensor]!,
    })),
    steps: request.steps.map((_, step) => {
      const { end, rows, kept } = segments[segmentOf[step]!]!;
      const readers = model.consumers[model.output[step]!]!;
      const scratchOffset = start + allocation.offsets[scratchBlocks[step]!]!;
      const scratchBytes = scratchOf(model, step, rows[step]!);
      const shared = start + allocation.offsets[sharedBlocks[step]!]!;
      const behindScratch = shared + (scratchBlocks[step] === sharedBlocks[step] ? align16(scratchBytes) : 0);
      const windows = request.steps[step]!.windows;
      const window: PlannedWindow | undefined =
        windows &&
        (kept[step]
          ? { ...windows.kept, kept: true, offset: start + allocation.offsets[keptBlocks[step]!]! }
          : { ...windows.shared, kept: false, offset: behindScratch });
      return {
        rows: rows[step]!,
        scratchOffset,
        scratchBytes,
        window,
        lastConsumer: readers.length > 0 ? Math.min(end - 1, readers[readers.length - 1]!) : step,
      };
    }),
    segments: segments.map(({ end }) => end),
    arenaBytes,
    peak: mostAlive(blocks),
  };
}
