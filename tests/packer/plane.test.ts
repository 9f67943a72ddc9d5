/** Planes: sums in one multiplication of each operand, right for every pair of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { multiplyByMultiplier, quantiseMultiplier } from "../../tools/weight-packer/lower/fixed-point.js";
import { findPlane } from "../../tools/weight-packer/lower/plane.js";
import fc from "../support/property.js";

test("a plane, computed in int32 as the engine does, gives TFLite's sum for all 65536 pairs", () => {
  let found = 0;
  const scale = fc.double({ min: 0.01, max: 0.2, noNaN: true });
  const zero = fc.integer({ min: -128, max: 127 });
  fc.assert(
    fc.property(
      scale,
      scale,
      scale,
      zero,
      zero,
      zero,
      fc.boolean(),
      fc.boolean(),
      (sa, sb, so, za, zb, zo, minus, relu) => {
        const twice = 2 * Math.max(sa, sb);
        const first = quantiseMultiplier(sa / twice);
        const second = quantiseMultiplier(sb / twice);
        const out = quantiseMultiplier(twice / (2 ** 20 * so));
        const clamp = { min: relu ? zo : -128, max: 127 };
        const signs: [number, number] = [1, minus ? -1 : 1];
        const plane = findPlane({ first, second, out, inputShift: 20, zeros: [za, zb, zo], signs, clamp });
        if (!plane) return;
        found++;
        // Two halves of each factor, as the engine's dot products take them.
        const halves = (factor: number) =>
          [((factor << 20) >> 20) << 0, (factor - ((factor << 20) >> 20)) >> 12] as const;
        const [lowA, highA] = halves(plane.first);
        const [lowB, highB] = halves(plane.second);
        assert.ok(Math.abs(highA) < 2 ** 15 && Math.abs(highB) < 2 ** 15);
        const zeros = (-za * plane.first - zb * plane.second) | 0;
        for (let a = -128; a < 128; a++) {
          const scaledA = multiplyByMultiplier((a - za) * 2 ** 20, first)!;
          for (let b = -128; b < 128; b += 3) {
            const scaledB = multiplyByMultiplier((b - zb) * 2 ** 20, second)!;
            const wanted = multiplyByMultiplier(scaledA + signs[1] * scaledB, out)! + zo;
            const t = ((((a * highA + b * highB) << 12) + (a * lowA + b * lowB)) | 0) + zeros;
            assert.equal(t, t | 0, "t is an int32");
            const got: number = ((t + plane.round - (t < 0 ? 1 : 0)) >> plane.shift) + zo;
            assert.equal(
              Math.min(127, Math.max(clamp.min, got)),
              Math.min(127, Math.max(clamp.min, wanted)),
              `${a} + ${b}`,
            );
          }
        }
      },
    ),
    { numRuns: 25 },
  );
  assert.ok(found > 12, `planes for ${found} of 25 sums`);
});
