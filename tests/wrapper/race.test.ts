/** Which build is taken by itself: the race between the relaxed and the simd build, and what the host supports. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fastest, pick, supports, VARIANTS, type Variant } from "../../src/engine.js";
import { isFaster, relaxedWins } from "../../src/relaxed.js";
import { noise } from "../support/noise.js";

/** A race of contenders that take so many nanoseconds a turn, by a clock with a tick, and with what `disturb` adds (ms). */
function race(a: number, b: number, tick = 0.001, disturb: (call: number) => number = () => 0): boolean {
  let time = 0.37;
  let calls = 0;
  const contender = (nanoseconds: number) => (_: number, turns: number) => {
    time += (turns * nanoseconds) / 1e6 + disturb(calls++);
    return 0;
  };
  return isFaster(contender(a), contender(b), { now: () => (tick > 0 ? Math.floor(time / tick) * tick : 0) });
}

test("the race is won by a clear margin only, and in about a millisecond", () => {
  assert.equal(race(10, 20), true);
  assert.equal(race(20, 10), false);
  assert.equal(race(20, 20), false);
  assert.equal(race(19, 20), false);
  let total = 0;
  const run = (_: number, turns: number) => {
    total += turns;
    return 0;
  };
  isFaster(run, run, performance);
  // Some 10 ns a turn in V8's first tier, 24 operations each.
  assert.ok(total <= 100_000);
});

test("noise does not decide it", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const bytes = noise(10, seed);
    // Half of the runs are interrupted for up to 5 ms.
    const disturb = (call: number) => (bytes[call]! & 1 ? bytes[call]! / 50 : 0);
    if (bytes.filter((byte, k) => k % 2 === 0 && !(byte & 1)).length === 0) continue;
    if (bytes.filter((byte, k) => k % 2 === 1 && !(byte & 1)).length === 0) continue;
    assert.equal(race(10, 20, 0.001, disturb), true, `seed ${seed}`);
    assert.equal(race(20, 10, 0.001, disturb), false, `seed ${seed}`);
  }
});

test("coarse clocks decide it where they can, and one that stands still leaves it to the probe", () => {
  assert.equal(race(10, 20, 0.1), true);
  assert.equal(race(50, 10, 0.1), false);
  assert.equal(race(10, 20, 0), true);
  assert.equal(race(20, 10, 0), true);
});

test("the fastest build is the first that the host supports, the relaxed one only beside what it beats", () => {
  const runs = VARIANTS.filter(supports);
  const all = relaxedWins() ? runs : runs.filter((variant) => variant !== "relaxed");
  assert.equal(fastest(), all[0]);
  assert.equal(fastest(["mvp"]), "mvp");
  assert.equal(fastest(["relaxed", "mvp"]), supports("relaxed") ? "relaxed" : "mvp");
  assert.equal(fastest([]), undefined);
  if (relaxedWins()) assert.ok(supports("relaxed"));
  const engine = (variant: Variant) => ({ variant, bytes: () => new Uint8Array() });
  assert.equal(pick(VARIANTS.map(engine), "auto").variant, fastest());
  // A forced build does not race.
  for (const variant of runs) assert.equal(pick(VARIANTS.map(engine), variant).variant, variant);
});
