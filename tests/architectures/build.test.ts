/** Built networks: the same seed gives the same bytes, values are neither dead nor clamped, every build agrees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { STEP_OUTPUT } from "../../assembly/layout.js";
import { costs } from "../../tools/weight-packer/architectures/costs.js";
import { buildGraph } from "../../tools/weight-packer/architectures/graph.js";
import {
  ARCHITECTURE_NAMES,
  describeMember,
  type Member,
  memberName,
} from "../../tools/weight-packer/architectures/index.js";
import { ACTIVATED, target } from "../../tools/weight-packer/architectures/signal.js";
import { type PackOptions, packGraph } from "../../tools/weight-packer/pack.js";
import { assertBytes, type Machine, machine, VARIANTS } from "../support/engine.js";
import { noise } from "../support/noise.js";

/** Narrow and small, odd sizes among them. */
const MEMBERS: Member[] = ARCHITECTURE_NAMES.flatMap((architecture) => [
  { architecture, alpha: 0.25, resolution: 47, classes: 10 },
  { architecture, alpha: 0.35, resolution: 64, classes: 100 },
]);

function packed(member: Member, options: PackOptions = {}, seed = 1) {
  return packGraph(buildGraph(member, seed), memberName(member), options);
}

/** Noise, and a picture of waves. */
function inputs({ resolution }: Member): Uint8Array[] {
  const bytes = resolution * resolution * 3;
  const wave = (_: number, i: number) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const [y, x] = [Math.floor(pixel / resolution), pixel % resolution];
    return Math.round(100 * Math.sin(0.2 * y + channel) * Math.cos(0.13 * x - channel));
  };
  return [noise(bytes, 1), noise(bytes, 2), Uint8Array.from({ length: bytes }, wave)];
}

/** What each step of a network whose tensors are all kept gives. */
function tensors(kept: Machine): Int8Array[] {
  return Array.from({ length: kept.records.stepCount }, (_, step) => {
    const bytes = kept.tensor(kept.records.step(step, STEP_OUTPUT));
    return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  });
}

for (const member of MEMBERS) {
  const name = memberName(member);

  test(`${name}: every build gives the same bytes, planned, pushed and kept whole`, () => {
    const files = {
      kept: packed(member, { keepAll: true }).file,
      planned: packed(member).file,
      pushed: packed(member, { inputMode: "rows" }).file,
    };
    const scalar = machine("mvp", files.kept);
    const wanted = inputs(member).map((input) => ({ outputs: scalar.run(input), tensors: tensors(scalar) }));
    for (const variant of VARIANTS) {
      for (const [form, file] of Object.entries(files)) {
        const model = machine(variant, file);
        for (const [i, input] of inputs(member).entries()) {
          const label = `${name}, ${form}, ${variant}, input ${i}`;
          assertBytes(model.run(input)[0]!, wanted[i]!.outputs[0]!, label);
          if (form !== "kept") continue;
          for (const [step, tensor] of tensors(model).entries()) {
            assertBytes(new Uint8Array(tensor), new Uint8Array(wanted[i]!.tensors[step]!), `${label}, step ${step}`);
          }
        }
      }
    }
  });

  test(`${name}: values spread, and tell inputs apart to the end`, () => {
    const kept = machine("simd", packed(member, { keepAll: true }).file);
    const runs = inputs(member).map((input) => {
      kept.run(input);
      return tensors(kept);
    });
    const last = runs[0]!.length - 1;
    runs[0]!.forEach((first, step) => {
      if (step === last) return; // softmax: nearly all are nearly 0
      for (const run of runs) {
        const values = run[step]!;
        const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
        const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
        const share = (value: number) => values.filter((v) => v === value).length / values.length;
        assert.ok(deviation > 10, `step ${step} deviates by ${deviation}`);
        // ReLUs clamp a third at their zero; a squeezed pixel has few channels.
        assert.ok(share(-128) < (values.length > 100 ? 0.6 : 0.8), `step ${step}: ${share(-128)} are least`);
        assert.ok(share(127) < 0.25, `step ${step}: ${share(127)} are greatest`);
      }
      const changed = runs[1]![step]!.filter((v, i) => v !== first[i]).length / first.length;
      assert.ok(changed > 0.2, `step ${step}: another input changes ${changed}`);
    });
    if (member.classes >= 100) assert.notDeepEqual(runs[0]![last], runs[1]![last]);
  });

  test(`${name}: the file costs what the description counts`, () => {
    const { macs, packedParameters } = costs(describeMember(member));
    const { report } = packed(member);
    assert.deepEqual([report.macs, report.parameters], [macs, packedParameters]);
  });
}

test("a seed determines the file", () => {
  const member: Member = { architecture: "mobilenet_v3_small", alpha: 0.35, resolution: 64, classes: 10 };
  assert.deepEqual(packed(member, {}, 7).file, packed(member, {}, 7).file);
  assert.notDeepEqual(packed(member, {}, 7).file, packed(member, {}, 8).file);
});

test("moments of activations are what integration gives", () => {
  const functions: Record<string, (x: number) => number> = {
    relu: (x) => Math.max(0, x),
    relu6: (x) => Math.min(6, Math.max(0, x)),
    hard_swish: (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6,
    // Its target is that of the relu6 in front of the sixth.
    hard_sigmoid: (x) => Math.min(6, Math.max(0, x)) / 6,
  };
  for (const [name, f] of Object.entries(functions)) {
    const { mean, deviation } = target(name as "relu");
    let [weight, first, second] = [0, 0, 0];
    for (let z = -8; z <= 8; z += 1e-4) {
      const density = Math.exp((-z * z) / 2);
      const y = f(mean + deviation * z);
      weight += density;
      first += density * y;
      second += density * y * y;
    }
    const found = { mean: first / weight, variance: second / weight - (first / weight) ** 2 };
    const { mean: m, variance } = ACTIVATED[name as "relu"];
    assert.ok(Math.abs(found.mean - m) < 1e-3 && Math.abs(found.variance - variance) < 1e-3, `${name}: ${found.mean}`);
  }
});
