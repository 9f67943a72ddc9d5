/** From segments to a plan: offsets, and the fields that the engine needs. */
import { allocate, Distances } from "./allocate.js";
import { birthOf, type Lives, livesOf, mostLive } from "./lives.js";
import { align16, type Model, PlanError, scratchOf } from "./model.js";
import { blockBytes, type Segment } from "./segments.js";
import type { Plan, PlannedWindow } from "./types.js";

/** Arena offsets and sizes are 32-bit. */
export const MOST_BYTES = 0xffffffff;

/** Tries of changed orders when all blocks are placed, for each block. */
const TRIES = 40;

/** Bytes of the arena that hold neither tensors nor scratch, at both ends. */
export function overhead({ request }: Model): number {
  return align16(request.stateBytes) + align16(request.slackBytes);
}

/**
 * Makes a plan of segments: offsets by what is live when, and the rest of what the engine needs.
 *
 * @param enough bytes of arena that are enough: no offsets are sought for which it is smaller
 * @throws PlanError if the arena is beyond 32 bits
 */
export function assemble(model: Model, segments: readonly Segment[], enough: number): Plan {
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
  const allocation = allocate(
    sizes,
    birthsOf(blocks.length, lives),
    distances,
    Math.max(most, enough - overhead(model)),
    TRIES * sizes.filter((bytes) => bytes > 0).length,
  );

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
