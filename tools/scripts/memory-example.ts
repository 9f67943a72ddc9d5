/** The worked example of docs/memory.md: one model's plan in figures, made by the planner itself. */
import { SLACK_BYTES, STEP_INPUT, STEP_INPUT_2, STEP_OUTPUT, STEP_SCRATCH_BYTES } from "../../assembly/layout.js";
import { count } from "../weight-packer/cli/output.js";
import { importTflite } from "../weight-packer/importers/tflite/index.js";
import { lower } from "../weight-packer/lower/lower.js";
import { packModel } from "../weight-packer/pack.js";
import { simplify } from "../weight-packer/passes/index.js";
import { modelOf } from "../weight-packer/plan/model.js";
import { planRequest } from "../weight-packer/plan/request.js";
import { SegmentSearch } from "../weight-packer/plan/segments.js";
import { Simulator } from "../weight-packer/plan/simulate.js";
import { Records } from "../weight-packer/records.js";
import type { LayerReport } from "../weight-packer/report.js";

/** The model of the example. */
export const EXAMPLE = "vww_96_int8";

const round16 = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** Bytes of the segment that begins the network and ends before each step, and the least peak of all that follows. */
function cuts(bytes: Uint8Array): { segment: number; rest: number }[] {
  const request = planRequest(lower(simplify(importTflite(bytes, EXAMPLE)), EXAMPLE), "rows");
  const model = modelOf(request);
  const search = new SegmentSearch(model, new Simulator(model));
  const { steps } = model;
  const least = (first: number, end: number) => search.leastSegment(first, end, Infinity)!.bytes;
  const rest = new Array<number>(steps + 1).fill(0);
  for (let first = steps - 1; first > 0; first--) {
    const ends = Array.from({ length: steps - first }, (_, k) => first + 1 + k);
    rest[first] = Math.min(...ends.map((end) => Math.max(least(first, end), rest[end]!)));
  }
  return Array.from({ length: steps }, (_, end) => ({ segment: end && least(0, end), rest: rest[end]! }));
}

/** The example's text: the first segment's tensors, and why it ends where it ends. */
export function workedExample(bytes: Uint8Array): string {
  const { file, report } = packModel(bytes, EXAMPLE, { inputMode: "rows", ram: "min" });
  const records = new Records(file);
  const { input } = records.ports;
  const first = report.layers.filter(({ segment }) => segment === 0);
  const reader = (tensor: number): LayerReport =>
    report.layers.find(({ step }) => [STEP_INPUT, STEP_INPUT_2].some((field) => records.step(step, field) === tensor))!;
  const why = ({ step, kernel }: LayerReport) => `step ${step} is ${kernel.join("x")}`;
  const called = ({ step, kind, kernel, stride }: LayerReport) => {
    const window = kernel[0] > 1 ? ` ${kernel.join("x")}${stride[0] > 1 ? `, stride ${stride[0]}` : ""}` : "";
    return `${step} ${kind}${window}`;
  };
  const ring = records.ring(input);
  const [, width, channels] = records.extent(input);
  const rows = first.map((layer, k) => {
    const crosses = k === first.length - 1;
    const kept = crosses ? `${layer.ringRows} of ${layer.output[0]}` : String(layer.ringRows);
    const cause = crosses ? "crosses the cut" : why(reader(records.step(layer.step, STEP_OUTPUT)));
    return [called(layer), layer.output.join("x"), kept, cause, count(layer.ringBytes)];
  });
  const scratch = first[0]!.step === 0 ? records.step(0, STEP_SCRATCH_BYTES) : 0;
  const sideBySide = [ring.bytes, ...first.map(({ ringBytes }) => ringBytes), scratch]
    .map(round16)
    .reduce((sum, n) => sum + n, 0);
  const [a, b] = largestPair(report.layers);

  const table = cuts(bytes);
  const last = first.at(-1)!.step;
  const segmentBytes = table[last + 1]!.segment;
  const single = first.filter(({ ringRows }) => ringRows === 1).map(({ step }) => String(step));
  const passing = `${single.slice(0, -1).join(", ")} and ${single.at(-1)}`;
  // Every second step, to a little beyond the cut.
  const shown = table.flatMap(({ segment, rest }, end) => {
    if (end < 2 || end > last + 5 || end % 2) return [];
    const cells = [end - 1, segment, rest, Math.max(segment, rest)].map(count);
    return [`| ${cells.map((cell) => (end - 1 === last ? `**${cell}**` : cell)).join(" | ")} |`];
  });
  const bytesOf = (step: number) => report.layers[step]!.output.reduce((product, n) => product * n, 1);
  const half = first.find(({ stride, kind }) => kind === "depthwise" && stride[0] > 1)!.step;
  const rowBytes = ring.bytes / ring.rows;
  return `The person detector \`${EXAMPLE}\`, packed with \`--input rows\`. Its first ${first.length} steps (\`midge inspect FILE --plan\`):

| step | output | rows kept | why | bytes |
|---|---|---:|---|---:|
| input | ${records.extent(input).join("x")} | ${ring.rows} | ${why(reader(input))} | ${count(ring.bytes)} |
${rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}

A row's bytes are width times channels, with the pad pixels beside it: the input's ${rowBytes / channels} x ${channels} = ${rowBytes} (${width} pixels and their
pad) ${ring.rows} times make ${count(ring.bytes)}. With ${scratch} bytes of scratch for step 0, which lays a row of its windows side by side, and each
block rounded up to 16 bytes, all this would take ${count(sideBySide)} bytes side by side. But the rows of steps ${passing} and
the scratch are never there at the same time, and the last rows of step ${last} come when the first rings are done with: the
segment takes ${count(segmentBytes)}. Layer by layer, the input and output of step ${b} alone would take ${count(a)}.

Why is the cut there? For some places where the first segment could end, the segment's bytes and the least peak of all
that follows, the best cuts there given:

| first segment ends with step | its bytes | the rest's peak | the larger |
|---:|---:|---:|---:|
${shown.join("\n")}

A cut holds a tensor whole, so good cuts follow a stride, where a tensor is small: after step ${half} it is ${count(bytesOf(half))} bytes, after
step ${last} only ${count(bytesOf(last))}. Cutting later adds more rings to the first segment than it saves. So ${count(segmentBytes)} bytes it is; ${records.stateBytes} bytes of
state, rounded up, and ${SLACK_BYTES} of slack make it ${count(report.arenaBytes)}, ${(report.arenaBytes / 1024).toFixed(1)} KiB. The other segments may take as much: they fire several
rows at once there.`;
}

/** The largest sum of a step's input and output, and that step. */
function largestPair(layers: readonly LayerReport[]): [bytes: number, step: number] {
  const size = (extent: readonly number[]) => extent.reduce((product, n) => product * n, 1);
  const sums = layers.map(({ input, output }) => size(input) + size(output));
  const most = Math.max(...sums);
  return [most, sums.indexOf(most)];
}
