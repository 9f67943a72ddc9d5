/**
 * 10,000 damaged .midge files: each is refused before a byte of memory is written, or runs inside its arena; none traps,
 * none hangs. File n is made from the seed n (tests/support/engine-damage.ts), so a failure can be had again.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { STATUS_CHECKSUM, STATUS_OK, STATUS_STEP, STATUS_TENSOR } from "../../assembly/layout.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { goldenDetectors } from "../support/detectors.js";
import { VARIANTS, type Variant } from "../support/engine.js";
import type { Report, Task } from "../support/engine-damage-worker.js";
import { goldenCousins, goldenOperators } from "../support/engine-goldens.js";
import { modelPath } from "../support/models.js";
import { STREAMED_VARIANTS, type StreamedVariant } from "../support/streamed.js";

const FILES = 10_000;
/** A file that takes longer hangs. */
const PATIENCE_MS = 10_000;

const WORKER = new URL("../support/engine-damage-worker.ts", import.meta.url).href;
/** Workers of Node 20 do not inherit tsx. */
const BOOT = `import("tsx/esm/api").then(({ register }) => (register(), import(process.argv[2])));`;

function feed(variant: Variant | StreamedVariant, sound: Uint8Array[]): Promise<Report> {
  const progress = new SharedArrayBuffer(4);
  const task: Task = { variant, sound, first: 0, count: FILES, progress };
  const worker = new Worker(BOOT, { eval: true, workerData: task, argv: [WORKER] });
  return new Promise((resolve, reject) => {
    let last = -1;
    const watch = setInterval(() => {
      const file = Atomics.load(new Int32Array(progress), 0);
      if (file === last && file > 0) {
        clearInterval(watch);
        reject(new Error(`file ${file} hangs in ${variant}`));
        worker.terminate();
      }
      last = file;
    }, PATIENCE_MS);
    worker.on("message", (report: Report) => {
      clearInterval(watch);
      resolve(report);
    });
    worker.on("error", (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}

const pack = (name: string, inputMode: "image" | "rows", windowBytes?: number) =>
  packModel(readFileSync(modelPath(name)), name, { inputMode, windowBytes }).file;
const cousins = goldenCousins();
const operators = [...goldenOperators("operators"), ...goldenOperators("operators", "operators-family.json.gz")];
const packOperator = (named: string) =>
  packModel(operators.find(({ name }) => name === named)!.model, named, { inputMode: "rows" }).file;
const sound = [
  pack("v2_embedding", "image"),
  pack("legacy_v1", "rows"),
  pack("v3_colour", "image"),
  pack("legacy_parts", "rows"),
  pack("mixed", "image"),
  pack("v1_grey", "rows"),
  packModel(goldenDetectors("networks")[0]!.model, "detector").file,
  ...["transpose_rows_and_columns", "padv2_int8_4", "reshape_softmax_groups"].map(
    (cousin) => packModel(cousins.find(({ name }) => name === cousin)!.model, cousin).file,
  ),
  packOperator("arg_max_network_uint8"),
  pack("embedding", "image"),
  pack("decoder_uint8", "rows"),
  packOperator("maximum_feature_map_int8"),
  packOperator("slice_channels_conv_int8"),
];

/** Weights streamed through windows that hold all of a step's, some channels, and parts of their depth. */
const streamed = [
  pack("v2_embedding", "image", 1024),
  pack("legacy_v1", "rows", 700),
  pack("v3_colour", "image", 8192),
  pack("mixed", "rows", 1024),
  pack("mixed", "image", 640),
  pack("v1_grey", "rows", 800),
];

for (const variant of [...VARIANTS, ...STREAMED_VARIANTS]) {
  const files = variant.endsWith("-streamed") ? streamed : sound;
  test(`${FILES} damaged files are refused or run in ${variant}`, async (t) => {
    const { statuses, slowest, failures } = await feed(variant, files);
    t.diagnostic(`statuses ${JSON.stringify(statuses)}, slowest: file ${slowest.file}, ${Math.round(slowest.ms)} ms`);
    assert.deepEqual(failures, []);
    assert.ok(slowest.ms < PATIENCE_MS);
    // All layers of the check were reached, and so were the kernels.
    for (const status of [STATUS_OK, STATUS_CHECKSUM, STATUS_TENSOR, STATUS_STEP]) {
      assert.ok((statuses[status] ?? 0) > FILES / 50, `only ${statuses[status]} files ended with status ${status}`);
    }
  });
}
