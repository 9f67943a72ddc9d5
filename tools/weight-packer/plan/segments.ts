/** Where to cut the steps into segments, and how many rows each step fires at a time. */
import { allocate, Distances } from "./allocate.js";
import { mostKept } from "./kept.js";
import { birthOf, livesOf, mostLive, type Shape } from "./lives.js";
import { align16, isAlive, isInternal, type Model, scratchOf, windowOfStep } from "./model.js";
import type { Simulator } from "./simulate.js";

/** A run of steps that streams, with what it takes. */
export interface Segment {
  /** Index of the first step and of the step after the last. */
  first: number;
  end: number;
  /** Rows of a firing for each step of the network; only those of the segment's steps count. */
  rows: Int32Array;
  /** Ring rows of the internal tensors, 0 for all others. */
  ringRows: Int32Array;
  /** Which steps keep their streamed weights from one firing to the next. */
  kept: Uint8Array;
  /** Bytes that its blocks take, if nothing else lies in the arena; an upper bound where less was not asked for. */
  bytes: number;
  /** Estimated bytes that its steps move in one inference beside their products; see `traffic`. */
  traffic: number;
}

/**
 * What a firing costs beside its products is the reading of its weights; this stands for all else, the call and the
 * scheduler's search, and again for each block of channels, whose constants are laid out anew. A byte is about 0.1 ns.
 */
const FIRING_OVERHEAD = 512;

/**
 * Up to so many bytes a ring stays in a first-level cache beside a step's weights, so that writing its rows and reading
 * them again costs nothing; from FAR_BYTES on all of them go through the next level. Without it the planner would hold
 * V2's large expanded maps whole, where there is room, to save reading 6 KB of weights again for each row.
 */
const NEAR_BYTES = 32 * 1024;
const FAR_BYTES = 256 * 1024;

/** Tries of changed orders when the blocks of one segment are placed. */
const TRIES = 100;

/** Bytes of a block, by Life.block. */
export function blockBytes(model: Model, block: number, shape: Pick<Shape, "rows" | "ringRows" | "kept">): number {
  const { rows, ringRows, kept } = shape;
  const reader = block - model.tensors - model.steps;
  if (reader >= 0) return windowOfStep(model, reader, Boolean(kept?.[reader]));
  if (block >= model.tensors) return scratchOf(model, block - model.tensors, rows[block - model.tensors]!);
  return (ringRows[block]! || model.height[block]!) * model.rowStride[block]!;
}

/** Shares of a limit that kept weights may fill at any one firing, tried in turn until the offsets fit too. */
const KEPT_SHARES = [1, 0.97, 0.92, 0.84, 0.7];

/** The same where weights are streamed: reading bytes from flash costs so much that all else only decides among equals. */
const STREAMED_OVERHEAD = 1;

/** Bytes that a firing of a step costs: the weights it reads, and what the scheduler spends on it. */
function firingBytes({ request }: Model, step: number): number {
  const { weightBytes, blocks, windows } = request.steps[step]!;
  if (request.streamed) return STREAMED_OVERHEAD + (windows?.shared.readBytes ?? 0);
  return (1 + blocks) * FIRING_OVERHEAD + weightBytes;
}

/** What is known of a segment for some choice of rows. */
interface Candidate {
  ringRows: Int32Array;
  /** Bytes within which it is known to fit, and bytes that it is known to need. */
  bytes: number;
  least: number;
  /** Whether `bytes` is the least that was found. */
  placed: boolean;
  traffic: number;
}

/** Costs and searches over the segments of one model. */
export class SegmentSearch {
  private readonly model: Model;
  private readonly simulator: Simulator;
  /** Estimated bytes of weights per firing of each step. */
  private readonly weights: Float64Array;
  private readonly singleRows: Int32Array;
  private readonly noneKept: Uint8Array;
  /** Bytes of the tensors that a segment holds at full height, by first * (steps + 1) + end; NaN if not known yet. */
  private readonly held: Float64Array;
  /** By first step and rows. */
  private readonly candidates = new Map<string, Candidate>();
  /** Segments that fire row by row, by the same index; a number is a limit that was too small. */
  private readonly least = new Map<number, Segment | number>();

  constructor(model: Model, simulator: Simulator) {
    this.model = model;
    this.simulator = simulator;
    this.weights = Float64Array.from({ length: model.steps }, (_, step) => firingBytes(model, step));
    this.singleRows = new Int32Array(model.steps).fill(1);
    this.noneKept = new Uint8Array(model.steps);
    this.held = new Float64Array((model.steps + 1) * (model.steps + 1)).fill(NaN);
  }

  /** Bytes of the tensors that are alive in a segment at full height: those that cross its ends or pass over it. */
  private heldBytes(first: number, end: number): number {
    const { model } = this;
    const index = first * (model.steps + 1) + end;
    let bytes = this.held[index]!;
    if (Number.isNaN(bytes)) {
      bytes = 0;
      for (let tensor = 0; tensor < model.tensors; ++tensor) {
        if (isAlive(model, tensor, first, end) && !isInternal(model, tensor, first, end)) {
          bytes += align16(model.height[tensor]! * model.rowStride[tensor]!);
        }
      }
      this.held[index] = bytes;
    }
    return bytes;
  }

  /** Estimated bytes of weights that the steps read in one inference. */
  private weightTraffic(first: number, end: number, rows: Int32Array): number {
    let sum = 0;
    for (let step = first; step < end; ++step) {
      sum += Math.ceil(this.model.domain[step]! / rows[step]!) * this.weights[step]!;
    }
    return sum;
  }

  /** Estimated bytes that a segment moves: its weights, and the part of each output that does not stay near. */
  private traffic(first: number, end: number, rows: Int32Array, ringRows: Int32Array): number {
    const { model } = this;
    let sum = this.weightTraffic(first, end, rows);
    if (model.request.streamed) return sum;
    for (let step = first; step < end; ++step) {
      const output = model.output[step]!;
      const stride = model.rowStride[output]!;
      const bytes = (ringRows[output]! || model.height[output]!) * stride;
      const far = Math.min(1, Math.max(0, bytes - NEAR_BYTES) / (FAR_BYTES - NEAR_BYTES));
      sum += far * model.height[output]! * stride;
    }
    return sum;
  }

  /**
   * The segment of steps first .. end - 1 with the least rings for the given rows; undefined if it takes more than
   * `limit` bytes or moves more than `ceiling`.
   *
   * @param exact whether its bytes are to be the least that are found, not just within the limit
   */
  segment(
    first: number,
    end: number,
    rows: Int32Array,
    limit: number,
    ceiling = Infinity,
    exact = false,
  ): Segment | undefined {
    if (this.largestFiring(first, end, rows) > limit) return undefined;
    const known = this.candidate(first, end, rows);
    if (known.least > limit || known.traffic > ceiling) return undefined;
    if (exact ? !known.placed : known.bytes > limit) {
      const shape = { first, end, rows, ringRows: known.ringRows };
      const least = mostLive(this.model, shape, limit);
      known.least = Math.max(known.least, Math.min(least, limit + 1));
      if (least > limit) return undefined;
      known.bytes = Math.min(known.bytes, this.placedBytes(shape, exact ? least : limit));
      known.placed = exact;
      // Nobody shall try the same limit again.
      if (known.bytes > limit) known.least = limit + 1;
    }
    const { ringRows, bytes, traffic } = known;
    return bytes <= limit ? { first, end, rows, ringRows, kept: this.noneKept, bytes, traffic } : undefined;
  }

  /** What is known of a segment for the given rows; of a new one, what it takes with all blocks side by side. */
  private candidate(first: number, end: number, rows: Int32Array): Candidate {
    const key = `${first} ${rows.subarray(first, end).join(" ")}`;
    let found = this.candidates.get(key);
    if (!found) {
      const { model } = this;
      const { ringRows, bytes: ringBytes } = this.simulator.leastRings(first, end, rows, Infinity)!;
      let bytes = this.heldBytes(first, end) + ringBytes;
      let shared = 0;
      for (let step = first; step < end; ++step) {
        const scratch = align16(scratchOf(model, step, rows[step]!));
        const persistent = model.request.steps[step]!.scratchPersistent;
        if (persistent) bytes += scratch;
        shared = Math.max(shared, (persistent ? 0 : scratch) + align16(windowOfStep(model, step, false)));
      }
      bytes += shared;
      found = { ringRows, bytes, least: 0, placed: false, traffic: this.traffic(first, end, rows, ringRows) };
      this.candidates.set(key, found);
    }
    return found;
  }

  /** Bytes that some firing of a segment needs at once: rows that it reads, rows that it writes, scratch. */
  private largestFiring(first: number, end: number, rows: Int32Array): number {
    const { height, rowStride, domain, strideY, reach, inputs, output, reduce } = this.model;
    let most = 0;
    for (let step = first; step < end; ++step) {
      const count = Math.min(rows[step]!, domain[step]!);
      let bytes =
        scratchOf(this.model, step, count) +
        windowOfStep(this.model, step, false) +
        (reduce[step] ? 0 : count * rowStride[output[step]!]!);
      for (const tensor of inputs[step]!) {
        // A window may reach over pad rows, as many as it is high at each end.
        const read = (count - 1) * strideY[step]! - reach[step]! + 2;
        bytes += Math.max(1, Math.min(read, height[tensor]!)) * rowStride[tensor]!;
      }
      most = Math.max(most, bytes);
    }
    return most;
  }

  /** Bytes that the blocks of a segment take when nothing else lies in the arena. @param enough bytes that are enough */
  private placedBytes(shape: Shape, enough: number): number {
    const lives = livesOf(this.model, shape)!;
    const index = new Map(lives.blocks.map(({ block }, k) => [block, k]));
    const distances = new Distances(index.size);
    distances.add(lives, (block) => index.get(block)!);
    const sizes = lives.blocks.map(({ block }) => blockBytes(this.model, block, shape));
    const births = lives.blocks.map(birthOf);
    return allocate(sizes, births, distances, enough, TRIES).bytes;
  }

  /** Bytes that a step reads of its streamed weights. */
  private bytesRead(step: number, rows: number, kept: boolean): number {
    const { windows } = this.model.request.steps[step]!;
    if (!windows) return 0;
    return kept ? windows.kept.readBytes : Math.ceil(this.model.domain[step]! / rows) * windows.shared.readBytes;
  }

  /** What a segment reads and fires if its steps keep all weights: no choice of kept ones moves less. */
  private leastRead(first: number, end: number, rows: Int32Array): number {
    let sum = 0;
    for (let step = first; step < end; ++step) {
      sum += Math.ceil(this.model.domain[step]! / rows[step]!) * STREAMED_OVERHEAD;
      sum += Math.min(this.bytesRead(step, rows[step]!, false), this.bytesRead(step, 1, true));
    }
    return sum;
  }

  /**
   * The segment for the given rows with as many steps as `limit` allows that keep their streamed weights, those first
   * that save the most reading for their bytes; undefined if it takes more than `limit` or moves no less than `ceiling`.
   */
  private streamed(
    first: number,
    end: number,
    rows: Int32Array,
    limit: number,
    ceiling = Infinity,
  ): Segment | undefined {
    if (this.leastRead(first, end, rows) >= ceiling) return undefined;
    const plain = this.segment(first, end, rows, limit);
    if (!plain) return undefined;
    const shape = { first, end, rows, ringRows: plain.ringRows };
    const saved = (step: number): number =>
      this.bytesRead(step, rows[step]!, false) - this.bytesRead(step, rows[step]!, true);
    const lives = livesOf(this.model, shape)!;
    // What fits firing by firing need not fit side by side.
    for (const share of KEPT_SHARES) {
      const kept = mostKept(this.model, shape, lives, saved, limit * share);
      let traffic = plain.traffic;
      for (let step = first; step < end; ++step) if (kept[step]) traffic -= saved(step);
      if (traffic >= ceiling) return undefined;
      const bytes = this.placedBytes({ ...shape, kept }, limit);
      if (bytes <= limit) return { ...plain, kept, bytes, traffic };
    }
    return plain.traffic < ceiling ? plain : undefined;
  }

  /** The segment that fires row by row, or with the rows with which `shrink` made it smaller; undefined above `limit`. */
  leastSegment(first: number, end: number, limit: number): Segment | undefined {
    const index = first * (this.model.steps + 1) + end;
    const known = this.least.get(index);
    if (typeof known === "object") return known.bytes <= limit ? known : undefined;
    if (known !== undefined && known >= limit) return undefined;
    const segment = this.segment(first, end, this.singleRows, limit, Infinity, true);
    this.least.set(index, segment ?? limit);
    return segment;
  }

  /**
   * The least number of bytes within which the network runs: over all ways to cut it, the smallest of the largest
   * segment. Dynamic programming over the cuts is exact here, because what lives in a segment, and when, is a function of
   * its two ends: whatever comes in or passes over is whole, wherever the other cuts are. It takes segments that fire row
   * by row; but in long ones with branches many rings may add up to more than a few rows that come and go at a time, so
   * the largest segment is tried with other rows, until that helps no more.
   */
  leastPeak(): number {
    for (;;) {
      const path = this.leastCuts();
      const largest = path.reduce((a, b) => (b.bytes > a.bytes ? b : a));
      const shrunk = this.shrink(largest);
      if (shrunk.bytes === largest.bytes) return largest.bytes;
      this.least.set(largest.first * (this.model.steps + 1) + largest.end, shrunk);
    }
  }

  /** The segments of which the largest is smallest. */
  private leastCuts(): Segment[] {
    const { steps } = this.model;
    const peak = new Float64Array(steps + 1).fill(Infinity);
    const last: Segment[] = [];
    peak[0] = 0;
    for (let end = 1; end <= steps; ++end) {
      for (let first = end - 1; first >= 0; --first) {
        if (peak[first]! >= peak[end]!) continue;
        const segment = this.leastSegment(first, end, peak[end]!);
        const most = segment ? Math.max(peak[first]!, segment.bytes) : Infinity;
        if (most >= peak[end]!) continue;
        peak[end] = most;
        last[end] = segment!;
      }
    }
    const path: Segment[] = [];
    for (let end = steps; end > 0; end = path[0]!.first) path.unshift(last[end]!);
    return path;
  }

  /** Changes the rows of one step at a time, as long as the segment takes less. */
  private shrink(segment: Segment): Segment {
    const { first, end } = segment;
    let best = segment;
    for (let unchanged = 0, step = first; unchanged < end - first; step = step + 1 < end ? step + 1 : first) {
      const before = best;
      for (const count of this.rowsOf(step)) {
        if (count === before.rows[step]) continue;
        const rows = best.rows.slice();
        rows[step] = count;
        best = this.segment(first, end, rows, best.bytes - 16, Infinity, true) ?? best;
      }
      unchanged = best === before ? unchanged + 1 : 0;
    }
    return best;
  }

  /** Rows of a firing to try for a step, from all of them down to one. */
  private rowsOf(step: number): number[] {
    const domain = this.model.domain[step]!;
    const counts = new Set<number>();
    for (let firings = 1; firings <= domain; firings += Math.max(1, firings >> 2))
      counts.add(Math.ceil(domain / firings));
    return [...counts];
  }

  /**
   * Cuts the network into segments of at most `limit` bytes each, so that the sum of `choose`'s costs is least, and
   * among equals with the fewest segments. `choose` gives the segment to use for two ends, or undefined if there is none
   * or if it costs `ceiling` or more. Returns undefined if there is no way.
   */
  private cut(
    choose: (first: number, end: number, ceiling: number) => Segment | undefined,
    cost: (segment: Segment) => number,
  ): Segment[] | undefined {
    const { steps } = this.model;
    const sums = new Float64Array(steps + 1).fill(Infinity);
    const counts = new Int32Array(steps + 1);
    const last: (Segment | undefined)[] = [];
    sums[0] = 0;
    for (let end = 1; end <= steps; ++end) {
      for (let first = end - 1; first >= 0; --first) {
        const ceiling = sums[end]! - sums[first]!;
        if (!(sums[first]! < Infinity) || !(ceiling >= 0)) continue;
        const segment = choose(first, end, ceiling);
        if (!segment) continue;
        const sum = sums[first]! + cost(segment);
        const count = counts[first]! + 1;
        if (sum < sums[end]! || (sum === sums[end]! && count < counts[end]!)) {
          sums[end] = sum;
          counts[end] = count;
          last[end] = segment;
        }
      }
    }
    const path: Segment[] = [];
    for (let end = steps; end > 0; end = path[0]!.first) {
      const segment = last[end];
      if (!segment) return undefined;
      path.unshift(segment);
    }
    return path;
  }

  /** The fewest segments of at most `limit` bytes each, fired row by row; undefined if `limit` is below the least peak. */
  fewestSegments(limit: number): Segment[] | undefined {
    return this.cut(
      (first, end) => this.leastSegment(first, end, limit),
      () => 1,
    );
  }

  /**
   * Segments and rows that move few bytes. No segment takes more than `limit` bytes, and none that fires more
   * than row by row takes more than `raised` bytes. Undefined if `limit` is below the least peak.
   */
  leastTraffic(limit: number, raised: number): Segment[] | undefined {
    const { model } = this;
    const whole = model.domain.slice(0, model.steps);
    const least = model.request.streamed ? this.leastRead : this.weightTraffic;
    const path = this.cut(
      (first, end, ceiling) => {
        if (least.call(this, first, end, whole) > ceiling) return undefined;
        return this.evenSegment(first, end, limit, raised, ceiling);
      },
      (segment) => segment.traffic,
    );
    return path?.map((segment) => this.refine(segment, raised));
  }

  /**
   * The segment whose steps all go through their maps in the same number of firings, the one that moves the least bytes:
   * strides then keep producers and consumers in step by themselves, and one number has to be searched instead of one
   * for each step.
   */
  private evenSegment(first: number, end: number, limit: number, raised: number, ceiling: number): Segment | undefined {
    const { model } = this;
    const single = this.leastSegment(first, end, limit);
    if (!single || single.bytes > raised) return single;
    let highest = 1;
    for (let step = first; step < end; ++step) highest = Math.max(highest, model.domain[step]!);
    let best = single;
    for (let firings = 1; firings < highest; firings += Math.max(1, firings >> 2)) {
      const rows = this.singleRows.slice();
      for (let step = first; step < end; ++step) rows[step] = Math.ceil(model.domain[step]! / firings);
      const least = Math.min(best.traffic, ceiling);
      // Kept weights are read once, whatever the firings.
      if (!model.request.streamed && this.weightTraffic(first, end, rows) > least) break;
      const found = model.request.streamed
        ? this.streamed(first, end, rows, raised, least)
        : this.segment(first, end, rows, raised, least);
      if (found && found.traffic < best.traffic) best = found;
    }
    if (!model.request.streamed) return best;
    return this.streamed(first, end, this.singleRows, raised, Math.min(best.traffic, ceiling)) ?? best;
  }

  /** The segment of the same steps that is found to move the least within `raised` bytes; the given one if none is. */
  refit(segment: Segment, raised: number): Segment {
    const even = this.evenSegment(segment.first, segment.end, raised, raised, segment.traffic);
    const made = even && this.refine(even, raised);
    return made && made.traffic < segment.traffic ? made : segment;
  }

  /**
   * Raises the rows of single steps as far as `raised` bytes allow, those first that read the most weights again. It
   * starts once from the rows given and once from single rows, which lie differently against each other, and keeps what
   * moves less.
   */
  private refine(segment: Segment, raised: number): Segment {
    const fromGiven = this.raise(segment, raised);
    const single = this.leastSegment(segment.first, segment.end, raised);
    if (!single) return fromGiven;
    const fromSingle = this.raise(single, raised);
    return fromSingle.traffic < fromGiven.traffic ? fromSingle : fromGiven;
  }

  private raise(segment: Segment, raised: number): Segment {
    if (this.model.request.streamed) return this.descend(segment, raised);
    const { model, weights } = this;
    const { first, end } = segment;
    const gain = (step: number): number => (Math.ceil(model.domain[step]! / segment.rows[step]!) - 1) * weights[step]!;
    const order = Array.from({ length: end - first }, (_, index) => end - 1 - index);
    order.sort((a, b) => gain(b) - gain(a) || b - a);
    let best = segment;
    for (const step of order) {
      const domain = model.domain[step]!;
      for (let firings = 1; firings < Math.ceil(domain / best.rows[step]!); ++firings) {
        const rows = best.rows.slice();
        rows[step] = Math.ceil(domain / firings);
        const raisedSegment = this.segment(first, end, rows, raised, best.traffic);
        if (!raisedSegment || raisedSegment.traffic >= best.traffic) continue;
        best = raisedSegment;
        break;
      }
    }
    return best;
  }

  /**
   * The same where weights are streamed, when reading them is all that counts: changes the rows of one step at a time,
   * up or down, to what reads the least, until no change of one step reads less.
   */
  private descend(segment: Segment, raised: number): Segment {
    const { first, end } = segment;
    let best = segment;
    for (let unchanged = 0, step = first; unchanged < end - first; step = step + 1 < end ? step + 1 : first) {
      const before = best;
      for (const count of this.rowsOf(step)) {
        if (count === before.rows[step]) continue;
        const rows = before.rows.slice();
        rows[step] = count;
        best = this.streamed(first, end, rows, raised, best.traffic) ?? best;
      }
      unchanged = best === before ? unchanged + 1 : 0;
    }
    return best;
  }
}
