/** `midge build`: files and tables. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadSync } from "../../src/index.js";
import { ARCHITECTURE_NAMES } from "../../tools/weight-packer/architectures/index.js";
import type { MemberCosts } from "../../tools/weight-packer/architectures/table.js";
import type { PackReport } from "../../tools/weight-packer/report.js";
import { midge, midgeJson, temporaryFolder } from "../support/command.js";

const folder = temporaryFolder();
const SMALL = ["--alpha", "0.25", "--resolution", "32", "--classes", "5"];

/** Fails with this status and one line that matches, and writes nothing. */
function assertFails(args: string[], status: number, message: RegExp): void {
  const file = join(folder, "never.midge");
  const result = midge("build", ...args.map((arg) => (arg === "FILE" ? file : arg)));
  assert.equal(result.status, status, args.join(" "));
  assert.equal(result.stdout, "");
  assert.match(result.stderr, message);
  assert.ok(!existsSync(file));
}

test("build writes a file that runs, for every architecture", () => {
  for (const architecture of ARCHITECTURE_NAMES) {
    const file = join(folder, "every", `${architecture}.midge`);
    const report = midgeJson<PackReport>("build", "--arch", architecture, ...SMALL, "-o", file);
    assert.equal(report.name, `${architecture}_0.25_32`);
    const model = loadSync(readFileSync(file));
    assert.deepEqual(model.info.input.shape, [1, 32, 32, 3]);
    const [scores] = model.run(new Int8Array(32 * 32 * 3));
    assert.equal(scores!.length, 5);
  }
  assert.deepEqual(readdirSync(join(folder, "every")).length, ARCHITECTURE_NAMES.length);
});

test("build: one seed, one file; rows take less RAM than an image, and --ram is kept to", () => {
  const build = (name: string, ...args: string[]) => {
    const file = join(folder, name);
    const size = ["--alpha", "0.35", "--resolution", "96", "--classes", "5"];
    const report = midgeJson<PackReport>("build", "--arch", "mobilenet_v2", ...size, ...args, "-o", file);
    return { report, bytes: readFileSync(file) };
  };
  const [first, again, other] = [build("1"), build("2"), build("3", "--seed", "4294967295")];
  assert.ok(first.bytes.equals(again.bytes));
  assert.ok(!first.bytes.equals(other.bytes));
  const least = build("4", "--input", "rows").report.arenaBytes;
  assert.ok(least < first.report.arenaBytes);
  assert.ok(build("5", "--input", "rows", "--ram", "64K").report.arenaBytes <= 65536);
  const { status, stderr } = midge("build", "--arch", "mobilenet_v2", ...SMALL, "--ram", "1K", "-o", join(folder, "6"));
  assert.equal(status, 3);
  assert.match(stderr, /the least arena is \d+ bytes/);
  assert.ok(!existsSync(join(folder, "6")));
});

test("build refuses what cannot be built", () => {
  assertFails(["-o", "FILE"], 1, /^midge: build: --arch is missing; it is one of mobilenet_v1, [^\n]+\n$/);
  assertFails(["--arch", "mobilenet_v1"], 1, /^midge: build: -o FILE is missing\n$/);
  assertFails(["--arch", "mobilenet_v5", "-o", "FILE"], 1, /Allowed choices are mobilenet_v1/);
  for (const alpha of ["0", "9", "wide"]) {
    assertFails(["--arch", "mobilenet_v1", "--alpha", alpha, "-o", "FILE"], 1, /a number above 0, at most 8/);
  }
  for (const seed of ["1.5", "4294967296"]) {
    assertFails(["--arch", "mobilenet_v1", "--seed", seed, "-o", "FILE"], 1, /a whole number from 0 to 4294967295/);
  }
  assertFails(["--arch", "mobilenet_v1", ...SMALL.slice(0, 4), "--classes", "5000", "-o", "FILE"], 1, /4095 channels/);
  assertFails(["--arch", "mobilenet_v1", "--resolution", "70000", "-o", "FILE"], 1, /larger than 65535/);
  assertFails(["--arch", "mobilenet_v1", "--layers", "-o", "FILE"], 1, /--layers goes with --table/);
  assertFails(["--table", "-o", "FILE"], 1, /--table writes no file/);
  assertFails(["--table", "--alpha", "1"], 1, /need --arch/);
});

test("build --table prints members with their costs, and layers with their ratios", () => {
  const all = midgeJson<MemberCosts[]>("build", "--table");
  assert.equal(all.length, 48);
  const v1 = all.find(({ name }) => name === "mobilenet_v1_1.0_224")!;
  assert.deepEqual([v1.macs, v1.parameters], [568740352, 4231976]);
  assert.ok(all.every(({ ratios }) => ratios === undefined));
  const [one, ...rest] = midgeJson<MemberCosts[]>(
    ...["build", "--table", "--arch", "mobilenet_v1", "--alpha", "0.25", "--resolution", "96", "--layers"],
  );
  assert.deepEqual(rest, []);
  assert.deepEqual([one!.macs, one!.published], [7745152, []]);
  assert.equal(one!.ratios!.length, 13);
  const text = midge("build", "--table", "--layers", "--arch", "mobilenet_v2").stdout;
  assert.match(text, /^mobilenet_v2 +1 +224 +300\.8 +300 +3\.50/m);
  assert.match(text, /^ *1 +112x112x32 +112x112x16 +3x3 .*17\.4 % +17\.4 % +17\.4 %$/m);
  assert.match(midge("build", "--table").stdout, /6\.9 of mobilenet_v2_1\.4_224/);
});
