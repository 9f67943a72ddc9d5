import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readAnyInfo } from "../../src/detection-info.js";
import { loadSync } from "../../src/index.js";
import { lastLevelCacheBytes } from "../../tools/weight-packer/cli/last-level-cache.js";
import { bestPlan, type TuneResult } from "../../tools/weight-packer/cli/tune.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import { midge, midgeJson, temporaryFolder } from "../support/command.js";
import { golden, modelPath } from "../support/models.js";

const folder = temporaryFolder();
const source = modelPath("v2_colour");
const quick = ["--budgets", "3", "--seconds", "0.1"];
const least = (inputMode: "image" | "rows") =>
  packModel(readFileSync(source), "v2_colour.tflite", { inputMode, ram: "min" }).report.arenaBytes;

test("tune writes one of the plans that it ran, and that file equals the goldens", () => {
  const output = join(folder, "new folder", "tuned.midge");
  const labels = join(folder, "labels.txt");
  writeFileSync(labels, "first\nsecond\n");
  const result = midgeJson<TuneResult>("tune", source, "-o", output, "--labels", labels, "--crop", "full", ...quick);
  const { plans, chosen } = result;
  assert.ok(plans.length > 1 && plans.length <= 4);
  assert.equal(plans[0]!.arenaBytes, least("image"));
  for (const [k, plan] of plans.entries()) {
    assert.ok(plan.minMs > 0 && plan.minMs <= plan.medianMs && plan.runs > 0);
    assert.ok(plan.arenaBytes <= (plan.ramBytes ?? plan.arenaBytes));
    assert.ok(k === 0 || plan.arenaBytes >= plans[k - 1]!.arenaBytes);
  }
  assert.equal(chosen, bestPlan(plans, 2));
  const model = loadSync(readFileSync(output));
  assert.equal(model.info.arenaBytes, plans[chosen]!.arenaBytes);
  assert.deepEqual(model.info.labels, ["first", "second"]);
  assert.equal(model.info.preprocessing.crop, "full");
  for (const { input, outputs } of golden("v2_colour").cases) {
    assert.deepEqual(Buffer.from(model.run(input)[0]!.buffer), Buffer.from(outputs[0]!));
  }
});

test("tune keeps to --ram, --input and --variant, and tells people what it wrote", () => {
  const output = join(folder, "rows.midge");
  const budget = Math.round(1.2 * least("rows"));
  const options = ["--ram", String(budget), "--input", "rows", "--variant", "mvp", ...quick];
  const result = midgeJson<TuneResult>("tune", source, "-o", output, ...options);
  assert.equal(result.engine, "mvp");
  assert.equal(result.mostBytes, budget);
  assert.ok(result.plans.every(({ arenaBytes, input }) => arenaBytes <= budget && input === "rows"));
  // So much slower that every plan will do: the least is taken.
  const { status, stdout } = midge("tune", source, "-o", output, "--within", "1e9", ...options);
  assert.equal(status, 0);
  assert.match(stdout, /^arena +KiB [^\n]*\n[^\n]* <- written\n/);
  assert.match(stdout, /\nwrote .*rows\.midge, arena [\d ]+ B \(.*\), \d+\.\d % slower than the fastest plan\n$/);
  const { arenaBytes } = readAnyInfo(readFileSync(output));
  assert.equal(arenaBytes, least("rows"));
});

test("tune refuses what it cannot do, and writes nothing", () => {
  const never = join(folder, "never.midge");
  const packed = join(folder, "packed.midge");
  writeFileSync(packed, packModel(readFileSync(modelPath("v1_grey")), "v1_grey.tflite").file);
  for (const [args, code, message] of [
    [[source, "--ram", "1K"], 3, new RegExp(`^midge: the least arena is ${least("image")} bytes, .*\\n$`)],
    [[packed], 1, /packed\.midge is packed already: give its source model\n$/],
    [[source, "--within=-1"], 1, /It must be a number of at least 0/],
    [[source, "--ram", "min"], 1, /It must be a number of bytes/],
  ] as const) {
    const { status, stdout, stderr } = midge("tune", ...args, "-o", never, ...quick);
    assert.equal(status, code, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, message);
  }
  assert.ok(!existsSync(never));
});

test("the plan with the least RAM near the fastest is the best", () => {
  const plans = [9, 5.1, 5, 5.05].map((medianMs) => ({ medianMs }));
  assert.equal(bestPlan(plans, 0), 2);
  assert.equal(bestPlan(plans, 1), 2);
  assert.equal(bestPlan(plans, 2), 1);
  assert.equal(bestPlan(plans, 80), 0);
});

test("the last cache is the one of the highest level, and 4 MiB where nobody tells", () => {
  const caches = join(folder, "caches");
  for (const [k, level, size] of [
    [0, 1, "48K"],
    [1, 3, "32768K"],
    [2, 2, "1024K"],
  ]) {
    mkdirSync(join(caches, `index${k}`), { recursive: true });
    writeFileSync(join(caches, `index${k}`, "level"), `${level}\n`);
    writeFileSync(join(caches, `index${k}`, "size"), `${size}\n`);
  }
  writeFileSync(join(caches, "uevent"), "");
  assert.equal(lastLevelCacheBytes(caches), 32 * 1024 * 1024);
  assert.equal(lastLevelCacheBytes(join(folder, "no caches")), 4 * 1024 * 1024);
});
