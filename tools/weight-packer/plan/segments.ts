/** Where to cut the steps into segments, and how many rows each step fires at a time. */
import { align16, isAlive, isInternal, type Model, scratchOf } from "./model.js";
import type { Rings, Simulator } from "./simulate.js";

/** A run of steps that streams, with what it takes. */
export interface Segment {
  /** Index of the first step and of the step after the last. */
  first: number;
  end: number;
  /** Rows of a firing for each step of the network; only those of the segment's steps count. */
  rows: Int32Array;
  /** Ring rows of the internal tensors, 0 for all others. */
  ringRows: Int32Array;
  /** Which steps keep their streamed weights in a window of their own. */
  kept: Uint8Array;
  /** Bytes alive in the segment: whole tensors, rings, scratch and windows, each block rounded up to 16. */
  bytes: number;
  /** Estimated bytes that its steps move in one inference beside their products; see `traffic`. */
  traffic: number;
}

/**
 * What a firing costs beside its products is the reading of its weights; this stands for all else, the call and the
 * scheduler's search, in the same unit (a guess, and only its order of magnitude counts).
 */
const FIRING_OVERHEAD = 512;

/**
 * Up to so many bytes a ring stays in a first-level cache beside a step's weights, so that writing its rows and reading
 * them again costs nothing; from FAR_BYTES on all of them go through the next level. Without it the planner would hold
 * V2's large expanded maps whole, where there is room, to save reading 6 KB of weights again for each row.
 */
const NEAR_BYTES = 8 * 1024;
const FAR_BYTES = 64 * 1024;

/** The same where weights are streamed: reading bytes from flash costs so much that all else only decides among equals. */
const STREAMED_OVERHEAD = 1;

/** Bytes that a firing of a step costs: the weights it reads, and what the scheduler spends on it. */
function firingBytes({ request }: Model, step: number): number {
  const { weightBytes, windows } = request.steps[step]!;
  return request.streamed ? STREAMED_OVERHEAD + (windows?.shared.readBytes ?? 0) : FIRING_OVERHEAD + weightBytes;
}

/** Bytes that a step takes of the window that its segment's steps share; none if it has its own. */
export function sharedWindow({ request }: Model, step: number, kept: Uint8Array): number {
  const { windows } = request.steps[step]!;
  return windows && !kept[step] ? align16(windows.shared.bytes) : 0;
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
  /** Segments that fire row by row, by the same index; a number is a limit that was too small. */
  private readonly least = new Map<number, Segment | number>();
  /** What evenSegment found, by its arguments. */
  private readonly even = new Map<string, Segment | undefined>();

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

  /** Estimated bytes that a segment moves: its weights, and twice the part of each output that does not stay near. */
  private traffic(first: number, end: number, rows: Int32Array, ringRows: Int32Array): number {
    const { model } = this;
    let sum = this.weightTraffic(first, end, rows);
    if (model.request.streamed) return sum;
    for (let step = first; step < end; ++step) {
      const output = model.output[step]!;
      const stride = model.rowStride[output]!;
      const bytes = (ringRows[output]! || model.height[output]!) * stride;
      const far = Math.min(1, Math.max(0, bytes - NEAR_BYTES) / (FAR_BYTES - NEAR_BYTES));
      sum += 2 * far * model.height[output]! * stride;
    }
    return sum;
  }

  /** The segment of steps first .. end - 1 with the least rings for the given rows; undefined if above `limit` bytes. */
  segment(first: number, end: number, rows: Int32Array, limit: number): Segment | undefined {
    const kept = this.noneKept;
    const bytes = this.heldBytes(first, end) + this.scratchBytes(first, end, rows, kept);
    if (bytes > limit) return undefined;
    const rings: Rings | undefined = this.simulator.leastRings(first, end, rows, limit - bytes);
    if (!rings) return undefined;
    return {
      first,
      end,
      rows,
      ringRows: rings.ringRows,
      kept,
      bytes: bytes + rings.bytes,
      traffic: this.traffic(first, end, rows, rings.ringRows),
    };
  }

  /** Bytes of a segment's scratch and windows. */
  private scratchBytes(first: number, end: number, rows: Int32Array, kept: Uint8Array): number {
    const { model } = this;
    let bytes = 0;
    let shared = 0;
    for (let step = first; step < end; ++step) {
      const { scratchPersistent, windows } = model.request.steps[step]!;
      const scratch = align16(scratchOf(model, step, rows[step]!));
      if (scratchPersistent) bytes += scratch;
      shared = Math.max(shared, (scratchPersistent ? 0 : scratch) + sharedWindow(model, step, kept));
      if (windows && kept[step]) bytes += align16(windows.kept.bytes);
    }
    return bytes + shared;
  }

  /**
   * The segment with as many steps as `limit` allows that keep their streamed weights to its end, those first that save
   * the most reading for their bytes.
   */
  private keepWeights(segment: Segment | undefined, limit: number): Segment | undefined {
    const { model } = this;
    if (!segment || !model.request.streamed) return segment;
    const { first, end, rows } = segment;
    /** What keeping a step's weights saves. */
    const saved = (step: number): number => {
      const { windows } = model.request.steps[step]!;
      const firings = Math.ceil(model.domain[step]! / rows[step]!);
      return windows && firings > 1 ? firings * windows.shared.readBytes - windows.kept.readBytes : 0;
    };
    const share = (step: number): number => saved(step) / model.request.steps[step]!.windows!.kept.bytes;
    const order = Array.from({ length: end - first }, (_, index) => first + index).filter((step) => saved(step) > 0);
    order.sort((a, b) => share(b) - share(a) || saved(b) - saved(a) || a - b);
    const others = segment.bytes - this.scratchBytes(first, end, rows, segment.kept);
    const kept = segment.kept.slice();
    let { bytes, traffic } = segment;
    for (const step of order) {
      kept[step] = 1;
      const wanted = others + this.scratchBytes(first, end, rows, kept);
      if (wanted <= limit) {
        bytes = wanted;
        traffic -= saved(step);
      } else kept[step] = 0;
    }
    return { ...segment, kept, bytes, traffic };
  }

  /** The segment that fires row by row: no choice of rows takes less. Undefined if it takes more than `limit` bytes. */
  leastSegment(first: number, end: number, limit: number): Segment | undefined {
    const index = first * (this.model.steps + 1) + end;
    const known = this.least.get(index);
    if (typeof known === "object") return known.bytes <= limit ? known : undefined;
    if (known !== undefined && known >= limit) return undefined;
    const segment = this.segment(first, end, this.singleRows, limit);
    this.least.set(index, segment ?? limit);
    return segment;
  }

  /**
   * The least number of bytes within which the network runs: over all ways to cut it, the smallest of the largest
   * segment. Dynamic programming over the cuts is exact here, because what is alive in a segment is a function of its
   * two ends: whatever comes in or passes over is whole, wherever the other cuts are.
   */
  leastPeak(): number {
    const { steps } = this.model;
    const peak = new Float64Array(steps + 1).fill(Infinity);
    peak[0] = 0;
    for (let end = 1; end <= steps; ++end) {
      for (let first = end - 1; first >= 0; --first) {
        if (peak[first]! >= peak[end]!) continue;
        const segment = this.leastSegment(first, end, peak[end]!);
        if (segment) peak[end] = Math.min(peak[end]!, Math.max(peak[first]!, segment.bytes));
      }
    }
    return peak[steps]!;
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
   * than row by row takes more than `raised` bytes. Undefined if `limit` is below the least peak. `thorough`: the rows of
   * single steps are searched before the cuts are chosen, not only after.
   */
  leastTraffic(limit: number, raised: number, thorough = false): Segment[] | undefined {
    const { model } = this;
    const whole = model.domain.slice(0, model.steps);
    const path = this.cut(
      (first, end, ceiling) => {
        if (this.weightTraffic(first, end, whole) > ceiling) return undefined;
        const even = this.evenSegment(first, end, limit, raised);
        return even && thorough && even.traffic < 1.1 * ceiling ? this.refine(even, raised) : even;
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
  private evenSegment(first: number, end: number, limit: number, raised: number): Segment | undefined {
    const key = `${first} ${end} ${limit} ${raised}`;
    if (!this.even.has(key)) this.even.set(key, this.findEven(first, end, limit, raised));
    return this.even.get(key);
  }

  private findEven(first: number, end: number, limit: number, raised: number): Segment | undefined {
    const { model } = this;
    const least = this.leastSegment(first, end, limit);
    if (!least || least.bytes > raised) return least;
    const single = this.keepWeights(least, raised)!;
    let highest = 1;
    for (let step = first; step < end; ++step) highest = Math.max(highest, model.domain[step]!);
    let best = single;
    for (let firings = 1; firings < highest; firings += Math.max(1, firings >> 2)) {
      const rows = this.singleRows.slice();
      for (let step = first; step < end; ++step) rows[step] = Math.ceil(model.domain[step]! / firings);
      // Kept weights are read once, whatever the firings.
      if (!model.request.streamed && this.weightTraffic(first, end, rows) >= best.traffic) break;
      const segment = this.keepWeights(this.segment(first, end, rows, raised), raised);
      if (segment && segment.traffic < best.traffic) best = segment;
    }
    return best;
  }

  /**
   * Raises the rows of single steps as far as `raised` bytes allow, those first that read the most weights again. It
   * starts once from the rows given and once from single rows, which lie differently against each other, and keeps what
   * moves less.
   */
  private refine(segment: Segment, raised: number): Segment {
    const fromGiven = this.raise(segment, raised);
    const single = this.keepWeights(this.leastSegment(segment.first, segment.end, raised), raised);
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
        const raisedSegment = this.keepWeights(this.segment(first, end, rows, raised), raised);
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
    const { model } = this;
    const { first, end } = segment;
    let best = segment;
    for (let unchanged = 0, step = first; unchanged < end - first; step = step + 1 < end ? step + 1 : first) {
      const domain = model.domain[step]!;
      const before = best;
      let last = 0;
      for (let firings = 1; firings <= domain; firings += Math.max(1, firings >> 2)) {
        const count = Math.ceil(domain / firings);
        if (count === last || count === before.rows[step]) continue;
        last = count;
        const rows = before.rows.slice();
        rows[step] = count;
        const changed = this.keepWeights(this.segment(first, end, rows, raised), raised);
        if (changed && changed.traffic < best.traffic) best = changed;
      }
      unchanged = best === before ? unchanged + 1 : 0;
    }
    return best;
  }
}
