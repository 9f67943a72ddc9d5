/**
 * The planner: from a network's rows, bytes and order to rings, segments, rows per firing and offsets.
 *
 * 1. simulate.ts: the least rings with which a run of steps streams.
 * 2. lives.ts: which bytes of them are live at each firing.
 * 3. segments.ts: the cuts with the least peak, exact; then, within that memory, the cuts and rows that read weights
 *    least often.
 * 4. assemble.ts, allocate.ts: offsets, so that nothing that is live shares a place.
 *
 * Nothing is done in place, which would lower no peak that matters (docs/memory.md).
 *
 * Open:
 * - A producer that fires n rows at a time never lines up with a consumer that reaches over the border, which costs a
 *   ring of 2n + 1 instead of n + 2 rows for 3x3. A first firing of another size, in the contract, would cure that.
 */
import { assemble, MOST_BYTES, overhead } from "./assemble.js";
import { BudgetError, type Model, modelOf, PlanError } from "./model.js";
import { type Segment, SegmentSearch } from "./segments.js";
import { Simulator } from "./simulate.js";
import type { Plan, PlanRequest, Ram } from "./types.js";

export { BudgetError, PlanError } from "./model.js";

/** Shares of the limit that raised rows may take, tried in turn until the offsets fit too. */
const SHARES = [1, 0.985, 0.97, 0.955, 0.94, 0.92, 0.9, 0.85, 0.8, 0.7, 0.6, 0.4, 0.2, 0];

/** The same where the least arena is sought, all of them tried, and where one segment after the other gets more. */
const LEAST_SHARES = [1, 0.95, 0.9, 0.8, 0.6, 0.3, 0];
const REFIT_SHARES = [1, 0.95, 0.9, 0.8];

/** How much more than the least arena a plan may take if nothing is said of RAM, by input mode. */
const ROOM: Record<PlanRequest["inputMode"], number> = { image: 4 / 3, rows: 9 / 8 };

/**
 * Plans a network. Among the plans that fit it takes the one that moves the fewest bytes (weights read again for each
 * firing, far rings), which is the fastest, or with streamed weights the one that reads the least. The same request
 * always gives the same plan.
 *
 * @param ram the most that the whole arena may take, state and slack included: bytes, or "min" for the least that the
 *   planner finds, or "fastest" for as much as is of use. By default a third more than the least where the arena holds
 *   the image, an eighth more where rows are pushed
 * @throws PlanError if the request contradicts itself or the budget is no number of bytes, BudgetError if not even the
 *   least arena fits
 */
export function plan(request: PlanRequest, ram?: Ram): Plan {
  const model = modelOf(request);
  if (typeof ram === "number" && !(Number.isSafeInteger(ram) && ram >= 1 && ram <= MOST_BYTES)) {
    throw new PlanError(`a budget of ${ram} bytes is not a whole number from 1 to ${MOST_BYTES}`);
  }
  const plans = new Plans(model);
  const smallest = plans.least();
  const { arenaBytes, peak, segments } = smallest;
  if (typeof ram === "number" && arenaBytes > ram) {
    throw new BudgetError(arenaBytes, ram, segments[peak.segment - 1] ?? 0, segments[peak.segment]! - 1);
  }
  if (ram === "min") return plans.best(arenaBytes);
  const most = ram === "fastest" ? MOST_BYTES : (ram ?? Math.round(arenaBytes * ROOM[request.inputMode]));
  const target = Math.floor(most / 16) * 16;
  if (target > arenaBytes) plans.fill(target);
  return plans.best(target);
}

/** A plan, and the bytes that its segments move. */
interface Made {
  plan: Plan;
  traffic: number;
  /** The arena that was asked for. */
  target: number;
}

/** The plans made for a model. */
class Plans {
  readonly #model: Model;
  readonly #search: SegmentSearch;
  /** By rows and kept weights. */
  readonly #made = new Map<string, Made>();

  constructor(model: Model) {
    this.#model = model;
    this.#search = new SegmentSearch(model, new Simulator(model));
  }

  #make(segments: readonly Segment[], target: number): Made {
    const part = (of: Int32Array | Uint8Array, { first, end }: Segment) => of.subarray(first, end).join();
    const key = segments.map((one) => `${part(one.rows, one)} ${part(one.kept, one)}`).join("; ");
    const known = this.#made.get(key);
    if (known && (known.plan.arenaBytes <= target || known.target <= target)) return known;
    const traffic = segments.reduce((sum, one) => sum + one.traffic, 0);
    const made = { plan: assemble(this.#model, segments, target), traffic, target };
    if (!known || made.plan.arenaBytes < known.plan.arenaBytes) this.#made.set(key, made);
    return made;
  }

  /** The smallest of the plans made. */
  #smallest(): Plan {
    const all = [...this.#made.values()];
    return all.reduce((a, b) => (b.plan.arenaBytes < a.plan.arenaBytes ? b : a)).plan;
  }

  /** The plan of at most `target` bytes that moves the least, of those made; the smallest of equals. */
  best(target: number): Plan {
    const fitting = [...this.#made.values()].filter(({ plan }) => plan.arenaBytes <= target);
    const better = (a: Made, b: Made) => b.traffic - a.traffic || b.plan.arenaBytes - a.plan.arenaBytes;
    return fitting.reduce((a, b) => (better(a, b) < 0 ? b : a)).plan;
  }

  /** The plan with the least arena that is found; after it, `best` of that arena is known too. */
  least(): Plan {
    const peak = this.#search.leastPeak();
    const fewest = this.#search.fewestSegments(peak);
    if (!fewest) throw new PlanError("no segments found at the least peak");
    // Placing the blocks of all segments may take more than any segment alone, or less, and whose cuts take the least is
    // not known before they are placed.
    this.#make(fewest, 0);
    for (const share of LEAST_SHARES) this.#make(this.#search.leastTraffic(peak, peak * share)!, 0);
    // What fills the least arena found may turn out smaller still: until it does not, so that what is called the least
    // here is a budget that the next request can keep.
    let smallest = this.#smallest();
    for (let before = Infinity; smallest.arenaBytes < before; smallest = this.#smallest()) {
      before = smallest.arenaBytes;
      this.fill(before);
    }
    return smallest;
  }

  /**
   * Makes plans that move few bytes within `target` bytes of arena. Each segment may fit, and all together not, for what
   * crosses a cut lies at one place in both.
   */
  fill(target: number): void {
    const limit = target - overhead(this.#model);
    for (const share of SHARES) {
      const segments = this.#search.leastTraffic(limit, limit * share);
      if (!segments) return;
      const { plan } = this.#make(segments, target);
      if (plan.arenaBytes > target) continue;
      if (share < 1) this.#refit(segments, target);
      return;
    }
  }

  /** Lets one segment after the other take as much as it can, those first that gain the most. */
  #refit(segments: Segment[], target: number): void {
    const limit = target - overhead(this.#model);
    const gain = (segment: Segment): number => segment.traffic - this.#search.refit(segment, limit).traffic;
    const gains = segments.map(gain);
    const order = [...gains.keys()].filter((k) => gains[k]! > 0).sort((a, b) => gains[b]! - gains[a]! || a - b);
    let fitting = segments;
    for (const k of order) {
      for (const share of REFIT_SHARES) {
        const trial = fitting.slice();
        trial[k] = this.#search.refit(fitting[k]!, limit * share);
        if (trial[k] === fitting[k]) break;
        if (this.#make(trial, target).plan.arenaBytes > target) continue;
        fitting = trial;
        break;
      }
    }
  }
}
