/** Property tests draw the same cases in every run, or those that MIDGE_SEED asks for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { seedOf } from "./property.js";

/** What a new process draws. */
function drawn(seed: string | undefined): string {
  const { MIDGE_SEED: _, ...others } = process.env;
  const env = seed === undefined ? others : { ...others, MIDGE_SEED: seed };
  const module = JSON.stringify(new URL("./property.ts", import.meta.url).href);
  const script = `import fc from ${module};
    const values = [];
    fc.assert(fc.property(fc.integer(), (value) => void values.push(value)), { numRuns: 5 });
    console.log(values.join());`;
  const flags = ["--import", "tsx", "--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, flags, { env, encoding: "utf8" });
  assert.match(stdout, /^(-?\d+,){4}-?\d+\n$/, stderr);
  return stdout;
}

test("every process draws the same values, unless a seed or none is wanted", () => {
  const usual = drawn(undefined);
  assert.equal(drawn(undefined), usual);
  assert.notEqual(drawn("12345"), usual);
  assert.equal(drawn("12345"), drawn("12345"));
  assert.notEqual(drawn("random"), drawn("random"));
});

test("MIDGE_SEED is an integer or random", () => {
  assert.equal(seedOf("-7"), -7);
  assert.equal(seedOf("random"), undefined);
  for (const wrong of ["x", "1.5", "4294967296"]) assert.throws(() => seedOf(wrong), /MIDGE_SEED/);
});
