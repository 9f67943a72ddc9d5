import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import type { Detection } from "../../src/detect.js";
import { simd } from "../../src/engine/simd.js";
import { supports, VARIANTS } from "../../src/engine.js";
import { dequantise, loadSync, quantise } from "../../src/index.js";
import type { LinkedFacts } from "../../tools/weight-packer/cli/linked-text.js";
import { PALETTE } from "../../tools/weight-packer/cli/mask.js";
import type { PlanResult } from "../../tools/weight-packer/cli/plan.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import type { PackReport } from "../../tools/weight-packer/report.js";
import type { ArenaReport } from "../../tools/weight-packer/report-arena.js";
import { midge, midgeJson, temporaryFolder } from "../support/command.js";
import { goldenDetectors } from "../support/detectors.js";
import { goldenCousins, goldenOperators } from "../support/engine-goldens.js";
import { golden, goldenTensors, modelPath, packed } from "../support/models.js";
import { noise } from "../support/noise.js";

const folder = temporaryFolder();
const model = join(folder, "grey.midge");
writeFileSync(model, packed("v1_grey"));
const colour = join(folder, "colour.midge");
writeFileSync(colour, packed("v2_colour"));

/** A failed command: status 1, nothing on standard output, one line on standard error. */
function assertFails(args: string[], message: RegExp): void {
  const { status, stdout, stderr } = midge(...args);
  assert.equal(status, 1, args.join(" "));
  assert.equal(stdout, "");
  assert.match(stderr, /^midge: [^\n]+\n$/);
  assert.match(stderr, message);
}

test("pack writes the file and reports it", () => {
  const output = join(folder, "new folder", "packed.midge");
  const report = midgeJson<PackReport>("pack", modelPath("v2_colour"), "-o", output);
  for (const key of ["arenaBytes", "weightBytes", "fileBytes", "macs", "parameters", "layers"])
    assert.ok(key in report);
  assert.equal(readFileSync(output).length, report.fileBytes);
  assert.ok(report.macs > 0 && report.weightBytes > 0 && report.weightBytes < report.fileBytes);
  assert.ok(report.peak.bytes <= report.arenaBytes);
  assert.ok(report.layers.some((layer) => layer.costRatio !== undefined && layer.costRatio > 0 && layer.costRatio < 1));
  const facts = midgeJson<PackReport>("inspect", output);
  assert.deepEqual(facts.layers, report.layers);
  assert.equal(facts.arenaBytes, midgeJson<PackReport>("inspect", modelPath("v2_colour")).arenaBytes);
  assert.deepEqual(readdirSync(join(folder, "new folder")), ["packed.midge"]);
});

test("pack --ram: min, fastest and a default between them; too little is told with the least, and status 3", () => {
  const source = modelPath("v2_colour");
  const output = join(folder, "ram.midge");
  const least = midgeJson<PackReport>("pack", source, "-o", output, "--ram", "min");
  const usual = midgeJson<PackReport>("pack", source, "-o", output);
  assert.deepEqual(readFileSync(output), Buffer.from(packed("v2_colour")));
  const fastest = midgeJson<PackReport>("pack", source, "-o", output, "--ram", "fastest");
  assert.ok(least.arenaBytes < usual.arenaBytes && usual.arenaBytes <= (least.arenaBytes * 4) / 3);
  assert.ok(usual.arenaBytes <= fastest.arenaBytes);
  assert.ok(midgeJson<PackReport>("pack", source, "-o", output, "--ram", "1.5M").arenaBytes <= 1.5 * 1024 * 1024);
  const never = join(folder, "too-little.midge");
  for (const ram of ["1", String(least.arenaBytes - 1)]) {
    const { status, stdout, stderr } = midge("pack", source, "-o", never, "--ram", ram);
    assert.equal(status, 3);
    assert.equal(stdout, "");
    assert.match(stderr, new RegExp(`^midge: the least arena is ${least.arenaBytes} bytes, .* in the way\\n$`));
  }
  for (const ram of ["", "abc", "0", "-5", "1e3", "4G", "4096M", "99999999999"]) {
    const { status, stderr } = midge("pack", source, "-o", never, `--ram=${ram}`);
    assert.equal(status, 1, ram);
    assert.match(stderr, /It must be "min", "fastest" or a number of bytes from 1 to 4 GiB/);
  }
  assert.ok(!existsSync(never));
});

test("pack and inspect print tables for people", () => {
  const { status, stdout } = midge("pack", modelPath("v1_grey"), "-o", join(folder, "x.midge"), "--verbose");
  assert.equal(status, 0);
  assert.match(stdout, /DEPTHWISE_CONV_2D/);
  assert.match(stdout, /^arena +\d/m);
  assert.match(midge("inspect", model).stdout, /^input +1x24x24x1 int8/m);
});

test("pack and inspect draw the arena, and inspect --plan tells it", () => {
  const [picture, again] = [join(folder, "plan.svg"), join(folder, "again.svg")];
  const output = join(folder, "drawn.midge");
  const { status, stdout, stderr } = midge("pack", modelPath("v1_grey"), "-o", output, "--report", picture);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /wrote .*drawn\.midge and .*plan\.svg/);
  assert.match(midge("inspect", output, "--plan", "--report", again).stdout, /the peak, segment \d+: /);
  assert.equal(readFileSync(picture, "utf8"), readFileSync(again, "utf8"));
  const arena = midgeJson<ArenaReport>("inspect", output, "--plan");
  assert.equal(arena.arenaBytes, midgeJson<PackReport>("inspect", output).arenaBytes);
  assert.ok(arena.blocks.length > 0 && arena.peak.bytes <= arena.arenaBytes);
});

test("plan runs a plan for each budget, in both input modes, and draws the curve", () => {
  const curve = join(folder, "curve.svg");
  const quick = ["--budgets", "3", "--seconds", "0.1"];
  const result = midgeJson<PlanResult>("plan", modelPath("v2_colour"), "--curve", curve, ...quick);
  for (const input of ["image", "rows"]) {
    const plans = result.plans.filter((plan) => plan.input === input);
    assert.ok(plans.length > 1);
    assert.equal(
      plans[0]!.arenaBytes,
      midgeJson<PackReport>(
        ...["pack", modelPath("v2_colour"), "--input", input, "--ram", "min"],
        "-o",
        join(folder, "y"),
      ).arenaBytes,
    );
    for (const [k, plan] of plans.entries()) {
      assert.ok(plan.minMs > 0 && plan.minMs <= plan.medianMs && plan.runs > 0);
      assert.ok(plan.ramBytes === undefined || plan.arenaBytes <= plan.ramBytes);
      assert.ok(k === 0 || plan.arenaBytes >= plans[k - 1]!.arenaBytes);
    }
  }
  const svg = readFileSync(curve, "utf8");
  assert.equal(svg.split("<g><title>").length - 1, result.plans.length);
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
  assert.match(midge("plan", modelPath("v1_grey"), ...quick).stdout, /layer by layer +[\d ]+B/);
  assertFails(["plan", colour, ...quick], /is packed already/);
});

test("pack carries labels, and writes a standalone module", () => {
  const labels = join(folder, "labels.txt");
  const count = loadSync(packed("v1_grey")).info.outputs[0]!.length;
  writeFileSync(labels, `${Array.from({ length: count }, (_, k) => `class ${k}`).join("\r\n")}\n`);
  const output = join(folder, "grey.wasm");
  midgeJson("pack", modelPath("v1_grey"), "-o", output, "--labels", labels);
  const loaded = loadSync(new WebAssembly.Module(readFileSync(output)));
  assert.equal(loaded.info.labels[1], "class 1");
});

for (const variant of ["mvp", "simd"]) {
  for (const source of [model, modelPath("v1_grey")]) {
    test(`run gives the golden bytes (${variant}, ${source.endsWith(".midge") ? "packed" : "source"})`, () => {
      const c = golden("v1_grey").cases[0]!;
      writeFileSync(join(folder, "input.bin"), c.input);
      const out = join(folder, `out-${variant}`);
      const { status, stderr } = midge(
        "run",
        source,
        "--input",
        join(folder, "input.bin"),
        "--output",
        out,
        "--variant",
        variant,
      );
      assert.equal(status, 0, stderr);
      assert.deepEqual(readFileSync(join(out, "output0.bin")), Buffer.from(c.outputs[0]!));
    });
  }
}

test("run takes a float model's own bytes, or quantised ones and gives such", () => {
  const { model: bytes, cases } = goldenCousins().find(({ name }) => name === "transpose_both_float")!;
  const file = join(folder, "float.tflite");
  const input = join(folder, "float.bin");
  const out = join(folder, "float");
  writeFileSync(file, bytes);
  writeFileSync(input, cases[0]!.inputs[0]!);
  assert.equal(midge("run", file, "--input", input, "--output", out).status, 0);
  const real = readFileSync(join(out, "output0.bin"));
  assert.deepEqual(real, Buffer.from(cases[0]!.outputs[0]!));
  const { info } = loadSync(packModel(bytes, "float").file);
  const values = new Float32Array(Uint8Array.from(cases[0]!.inputs[0]!).buffer);
  writeFileSync(input, quantise(values, info.input));
  assert.equal(midge("run", file, "--input", input, "--output", out).status, 0);
  const quantised = new Int8Array(Uint8Array.from(readFileSync(join(out, "output0.bin"))).buffer);
  assert.deepEqual(Buffer.from(dequantise(quantised, info.outputs[0]!).buffer), real);
  writeFileSync(input, new Uint8Array(5));
  assertFails(["run", file, "--input", input, "--output", out], /5 bytes instead of 672 \(float32\) or 168/);
});

test("pack streams weights; run, classify, bench and inspect take such files", async () => {
  const output = join(folder, "streamed.midge");
  const source = modelPath("v2_colour");
  const pack = (...options: string[]) => ["pack", source, "-o", output, "--weights", "streamed", ...options];
  const report = midgeJson<PackReport>(...pack("--window", "2K", "--input", "rows"));
  const { residentBytes, windowBytes, weightBytes, readBytes } = report.streamed!;
  assert.equal(readFileSync(output).length, report.fileBytes);
  assert.ok(windowBytes > 1024 && windowBytes <= 2048);
  assert.ok(residentBytes + weightBytes <= report.fileBytes && readBytes >= weightBytes);
  assert.equal(
    report.layers.reduce((sum, layer) => sum + (layer.readBytes ?? 0), 0),
    readBytes,
  );
  assert.deepEqual(midgeJson<PackReport>("inspect", output).streamed, report.streamed);
  assert.match(midge("inspect", output).stdout, /^read +\d.* an inference, [\d.]+ times the weights$/m);
  assert.match(midge("inspect", output, "--plan").stdout, /weights of/);
  // More RAM, less to read.
  const ram = String(report.arenaBytes + 4096);
  assert.ok(
    midgeJson<PackReport>(...pack("--window", "2K", "--input", "rows", "--ram", ram)).streamed!.readBytes < readBytes,
  );

  const c = golden("v2_colour").cases[0]!;
  const input = join(folder, "streamed.bin");
  writeFileSync(input, c.input);
  for (const variant of ["mvp", "simd"]) {
    const out = join(folder, `streamed-${variant}`);
    const { status, stderr } = midge("run", output, "--input", input, "--output", out, "--variant", variant);
    assert.equal(status, 0, stderr);
    assert.deepEqual(readFileSync(join(out, "output0.bin")), Buffer.from(c.outputs[0]!));
  }
  const photo = join(folder, "streamed.png");
  await sharp(noise(60 * 45 * 3, 5), { raw: { width: 60, height: 45, channels: 3 } })
    .png()
    .toFile(photo);
  const classes = (file: string) => midgeJson<{ classes: unknown }[]>("classify", file, photo)[0]!.classes;
  assert.deepEqual(classes(output), classes(colour));
  assert.deepEqual(
    Object.keys(midgeJson<{ variants: object }>("bench", output, "--seconds", "0.1").variants).sort(),
    supports("simd") ? ["mvp", "simd"] : ["mvp"],
  );

  // The file ends too early: nothing is read past its end.
  const short = join(folder, "short.midge");
  writeFileSync(short, readFileSync(output).subarray(0, -20));
  assertFails(["run", short, "--input", input, "--output", join(folder, "none")], /did not read a step's weights/);
  writeFileSync(short, readFileSync(output).subarray(0, residentBytes - 20));
  assertFails(["run", short, "--input", input, "--output", join(folder, "none")], /refused/);
  assertFails(
    ["run", output, "--input", input, "--output", join(folder, "none"), "--variant", "relaxed"],
    /options.engine is relaxed, this host runs/,
  );

  const least = midge(...pack("--window", "100"));
  assert.equal(least.status, 3);
  assert.match(
    least.stderr,
    /the least window is \d+ bytes, more than the 100 given; operator \d+ \w+ stands in the way/,
  );
  assertFails(["pack", source, "-o", output, "--window", "8K"], /--window is for --weights streamed/);
  assertFails(
    ["pack", source, "-o", `${output}.wasm`, "--weights", "streamed"],
    /a standalone module holds its weights/,
  );
  assert.match(midge(...pack("--window", "8Q")).stderr, /It must be a number of bytes/);
});

test("classify prints the classes that the wrapper finds", async () => {
  const path = join(folder, "photo.png");
  const data = noise(60 * 45 * 3, 4);
  await sharp(data, { raw: { width: 60, height: 45, channels: 3 } })
    .png()
    .toFile(path);
  const wanted = loadSync(packed("v2_colour")).classify(
    { data, width: 60, height: 45 },
    { top: 2, crop: { x: 5, y: 1, width: 40, height: 30 } },
  );
  const [result] = midgeJson<{ image: string; classes: { index: number; score: number }[] }[]>(
    "classify",
    colour,
    path,
    "--top",
    "2",
    "--crop",
    "5,1,40,30",
  );
  assert.deepEqual(
    result!.classes.map((c) => [c.index, c.score]),
    wanted.map((c) => [c.index, c.score]),
  );
  const labels = join(folder, "colour-labels.txt");
  writeFileSync(labels, Array.from({ length: 100 }, (_, k) => `name${k}`).join("\n"));
  assert.match(midge("classify", colour, path, "--labels", labels).stdout, /name\d/);
});

test("segment writes the classes as an indexed PNG, or the photograph with their colours", async () => {
  const { model: source, cases } = goldenOperators("operators").find((c) => c.name === "arg_max_network_uint8")!;
  const file = join(folder, "segment.tflite");
  writeFileSync(file, source);
  const out = join(folder, "segmented");
  writeFileSync(join(folder, "segment.bin"), cases[0]!.inputs[0]!);
  assert.equal(midge("run", file, "--input", join(folder, "segment.bin"), "--output", out).status, 0);
  const wide = readFileSync(join(out, "output0.bin"));
  assert.deepEqual(wide, Buffer.from(BigInt64Array.from(cases[0]!.outputs[0]!, (index) => BigInt(index)).buffer));

  const data = noise(50 * 30 * 3, 7);
  const photo = join(folder, "segment.png");
  await sharp(data, { raw: { width: 50, height: 30, channels: 3 } })
    .png()
    .toFile(photo);
  const labels = join(folder, "segment-labels.txt");
  writeFileSync(labels, "none\none\ntwo\nthree\nfour");
  const wanted = loadSync(packModel(source, "segment").file).segment(
    { data, width: 50, height: 30 },
    { size: { width: 50, height: 30 } },
  ).classes;
  const mask = join(folder, "mask.png");
  const result = midgeJson<{ width: number; height: number; classes: { label: string; pixels: number }[] }>(
    ...["segment", file, photo, "-o", mask, "--labels", labels],
  );
  assert.deepEqual([result.width, result.height], [50, 30]);
  assert.equal(
    result.classes.reduce((sum, c) => sum + c.pixels, 0),
    50 * 30,
  );
  assert.match(result.classes[0]!.label, /^(none|one|two|three|four)$/);
  const colours = await sharp(mask).removeAlpha().raw().toBuffer();
  const colourOf = (index: number) => [...PALETTE.subarray(3 * index, 3 * index + 3)];
  assert.deepEqual([...colours], [...wanted].flatMap(colourOf));
  assert.equal(new Set(Array.from({ length: 256 }, (_, index) => colourOf(index).join())).size, 256);

  assert.equal(midge("segment", file, photo, "-o", mask, "--overlay").status, 0);
  const blended = await sharp(mask).raw().toBuffer();
  const half = (value: number, i: number) => (value + PALETTE[3 * wanted[Math.floor(i / 3)]! + (i % 3)]! + 1) >> 1;
  assert.deepEqual(
    [...blended],
    Array.from(data, (value, i) => (wanted[Math.floor(i / 3)] ? half(value, i) : value)),
  );
  assertFails(["segment", model, photo, "-o", mask], /is no map of classes/);
});

test("what is no model, or not the one that a command takes, is told as such", () => {
  const bytes = packed("v1_grey");
  const output = join(folder, "never.midge");
  const file = (name: string, content: Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  assertFails(["inspect", file("cut.midge", bytes.subarray(0, -32))], /cut\.midge: .* the length differs/);
  const changed = Uint8Array.from(bytes);
  changed[bytes.length >> 1]! ^= 1;
  assertFails(["inspect", file("changed.midge", changed)], /changed\.midge: .* the checksum differs/);
  const wasm = file("engine.wasm", simd.bytes());
  for (const args of [
    ["inspect", wasm],
    ["bench", wasm],
    ["pack", wasm, "-o", output],
  ]) {
    assertFails(args, /engine\.wasm is a WebAssembly module/);
  }
  assertFails(["pack", model, "-o", output], /grey\.midge is packed already: give its source model/);
  const streamed = ["--weights", "streamed", "--slim"];
  assertFails(["pack", modelPath("v1_grey"), "-o", output, ...streamed], /slim engines take no streamed weights/);
  assertFails(["eval", model, join(folder, "nowhere")], /nowhere: no such file or folder/);
  for (const args of [
    ["detect", model, "x.png", "--draw", "x.jpg"],
    ["segment", model, "x.png", "-o", "x.jpg"],
  ]) {
    const { status, stderr } = midge(...args);
    assert.equal(status, 1);
    assert.match(stderr, /'x\.jpg' is invalid\. It will be a \.png file/);
  }
  assert.ok(!existsSync(output));
});

test("detect prints what the wrapper finds, and draws it", async () => {
  const { model: bytes } = goldenDetectors("networks").find(({ name }) => name === "ssd_uint8")!;
  const detector = join(folder, "detector.tflite");
  writeFileSync(detector, bytes);
  const path = join(folder, "scene.png");
  const drawn = join(folder, "drawn.png");
  const image = { data: noise(64 * 48 * 3, 8), width: 64, height: 48 };
  const raw = { width: 64, height: 48, channels: 3 } as const;
  await sharp(image.data, { raw }).png().toFile(path);
  const wanted = loadSync(packModel(bytes, "detector").file).detect(image, { threshold: 0.25 });
  assert.ok(wanted.length > 0);
  const args = ["detect", detector, path, "--threshold", "0.25", "--draw", drawn];
  const { detections } = midgeJson<{ detections: Detection[] }>(...args);
  assert.deepEqual(
    detections.map(({ box, index, score }) => ({ box, index, score })),
    wanted.map(({ box, index, score }) => ({ box, index, score })),
  );
  const { data, info } = await sharp(drawn).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height], [64, 48]);
  assert.ok(!data.equals(image.data));
  const labels = join(folder, "detector-labels.txt");
  writeFileSync(labels, "first <one>\nsecond & last\n");
  const { stdout } = midge(...args, "--labels", labels);
  assert.match(stdout, /first <one>|second & last/);
  assert.match(midge("detect", detector, path, "--threshold", "1").stdout, /nothing of a score of 1 or more/);
  assert.match(midge("inspect", detector).stdout, /^detection +133 anchors, classes 2/m);
  assertFails(["detect", colour, path], /has no post-process .*: run gives its raw outputs \[1, /);
});

test("eval counts the photographs whose class is found, in folders and by names", async () => {
  const photos = join(folder, "photos");
  const flat = join(folder, "flat");
  mkdirSync(flat);
  const loaded = loadSync(packed("v2_colour"));
  const classes = loaded.info.outputs[0]!.length;
  const lines: string[] = [];
  for (let n = 0; n < 6; n++) {
    const data = noise(33 * 29 * 3, 100 + n);
    const best = loaded.classify({ data, width: 33, height: 29 })[0]!.index;
    // Two of the six are filed under a class that the model puts elsewhere.
    const index = n < 4 ? best : (best + 1) % classes;
    mkdirSync(join(photos, `Label ${index}`), { recursive: true });
    const png = await sharp(data, { raw: { width: 33, height: 29, channels: 3 } })
      .png()
      .toBuffer();
    writeFileSync(join(photos, `Label ${index}`, `${n}.png`), png);
    writeFileSync(join(flat, `n0${n}_thing.png`), png);
    lines.push(`n0${n} ${index}`);
  }
  const labels = join(folder, "eval-labels.txt");
  writeFileSync(labels, Array.from({ length: classes }, (_, k) => `label_${k}, synonym ${k}`).join("\n"));
  const byFolder = midgeJson<{ top1: number; top5: number; count: number }>("eval", colour, photos, "--labels", labels);
  assert.deepEqual([byFolder.top1, byFolder.count], [4 / 6, 6]);
  assert.ok(byFolder.top5 >= byFolder.top1);
  const list = join(folder, "classes.txt");
  writeFileSync(list, `${lines.join("\n")}\n`);
  assert.deepEqual(midgeJson("eval", colour, flat, "--classes", list), byFolder);
  assert.equal(midgeJson<{ count: number }>("eval", colour, flat, "--classes", list, "--limit", "2").count, 2);
  assertFails(["eval", colour, photos], /is the label of no class/);
});

test("bench measures every build that runs here, the fastest first", () => {
  const { variants } = midgeJson<{ variants: Record<string, { minMs: number; medianMs: number }> }>(
    "bench",
    model,
    "--seconds",
    "0.1",
  );
  assert.deepEqual(Object.keys(variants), VARIANTS.filter(supports));
  for (const { minMs, medianMs } of Object.values(variants)) assert.ok(minMs > 0 && minMs <= medianMs);
});

for (const name of ["mixed", "legacy_v1", "v2_colour"]) {
  test(`compare finds all operators of ${name} equal, and names the first that differs`, () => {
    const entries = goldenTensors(name);
    const tensors = join(folder, `${name}.tensors.gz`);
    const input = join(folder, `${name}.bin`);
    writeFileSync(input, golden(name).cases.find((c) => c.name === "picture0")!.input);
    const blobs = entries.map((entry) => Buffer.from(entry.data, "base64"));
    let offset = 0;
    const index = entries.map(({ data, ...entry }) => {
      const described = { ...entry, offset, bytes: Buffer.from(data, "base64").length };
      offset += described.bytes;
      return described;
    });
    writeFileSync(join(folder, `${name}.tensors.json`), JSON.stringify(index));
    writeFileSync(tensors, gzipSync(Buffer.concat(blobs)));
    const args = ["compare", modelPath(name), "--input", input, "--tensors", tensors];
    for (const variant of ["mvp", "simd"]) {
      const { status, stdout, stderr } = midge(...args, "--variant", variant);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /all compared operators are equal/);
    }
    const compared = midgeJson<{ operators: { op: number; different?: number }[] }>(...args).operators;
    const { op } = compared.filter((o) => o.different !== undefined)[2]!;
    blobs[entries.findIndex((e) => e.op === op)]![7]! ^= 1;
    writeFileSync(tensors, gzipSync(Buffer.concat(blobs)));
    const { status, stdout } = midge(...args);
    assert.equal(status, 1);
    assert.match(stdout, new RegExp(`the first that differs: operator ${op} .* 1 of \\d+ differ`));
  });
}

test("link puts models into one file, and --model chooses one of them", () => {
  const pair = join(folder, "pair.midge");
  const facts = midgeJson<LinkedFacts>("link", model, `other=${colour}`, "-o", pair);
  const apart = [model, colour].map((path) => midgeJson<PackReport>("inspect", path));
  assert.deepEqual(
    facts.models.map(({ name, arenaBytes, fileBytes }) => ({ name, arenaBytes, fileBytes })),
    apart.map(({ arenaBytes, fileBytes }, k) => ({ name: ["grey", "other"][k], arenaBytes, fileBytes })),
  );
  assert.equal(facts.arenaBytes, Math.max(...apart.map(({ arenaBytes }) => arenaBytes)));
  assert.equal(facts.fileBytes, readFileSync(pair).length);
  assert.deepEqual(midgeJson("inspect", pair), facts);
  assert.match(midge("inspect", pair).stdout, /^grey .*\nother /m);
  assert.deepEqual(midgeJson<PackReport>("inspect", pair, "--model", "other"), apart[1]);

  const { input, outputs } = golden("v2_colour").cases[0]!;
  writeFileSync(join(folder, "pair-input.bin"), input);
  const to = join(folder, "pair-outputs");
  midgeJson("run", pair, "--model", "other", "--input", join(folder, "pair-input.bin"), "--output", to);
  assert.ok(readFileSync(join(to, "output0.bin")).equals(outputs[0]!));

  const never = join(folder, "never.midge");
  assertFails(["run", pair, "--input", model, "--output", to], /holds the models grey, other: choose one with --model/);
  assertFails(["inspect", pair, "--model", "third"], /no model "third", but grey, other/);
  assertFails(["inspect", model, "--model", "grey"], /holds one model/);
  assertFails(["link", model, model, "-o", never], /two models have the name "grey"/);
  assertFails(["link", model, "-o", never], /two models or more/);
  assertFails(["link", model, pair, "-o", never], /"pair" is a linked file itself/);
  assertFails(["link", model, modelPath("v2_colour"), "-o", never], /v2_colour\.tflite is no \.midge file/);
  const cut = join(folder, "cut.midge");
  writeFileSync(cut, packed("v1_grey").subarray(0, -16));
  assertFails(["link", model, cut, "-o", never], /"cut" cannot be linked: .*length/);
  assert.ok(!existsSync(never));
  writeFileSync(cut, readFileSync(pair).subarray(0, -16));
  assertFails(["inspect", cut], /the linked file is damaged/);
});

test("errors are one line, status 1, and leave no file", () => {
  const absent = join(folder, "absent.tflite");
  const output = join(folder, "never.midge");
  assertFails(["pack", absent, "-o", output], /cannot read .*absent.tflite: no such file/);
  writeFileSync(absent, "not a model at all");
  assertFails(["pack", absent, "-o", output], /absent\.tflite/);
  assert.ok(!existsSync(output));
  assertFails(["pack", modelPath("v1_grey"), "-o", folder], /cannot write/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith(".tmp")),
    [],
  );
  assertFails(["run", model, "--input", model, "--output", folder], /elements instead of/);
  const damaged = packed("v1_grey").slice();
  damaged[damaged.length >> 1]! ^= 4;
  writeFileSync(join(folder, "damaged.midge"), damaged);
  assertFails(["classify", join(folder, "damaged.midge"), model], /refused: the checksum differs/);
  assertFails(["classify", model, model], /cannot decode/);
  writeFileSync(join(folder, "empty.midge"), "");
  assertFails(["inspect", join(folder, "empty.midge")], /not a \.midge file/);
  assertFails(["inspect", model, "--report", folder], /cannot write/);
});

test("wrong usage is told in words", () => {
  for (const args of [
    ["pack", "x"],
    ["fly"],
    ["run", model, "--variant", "turbo"],
    ["classify", model, "x", "--top", "0"],
    ["detect", model, "x", "--threshold", "1.5"],
    ["plan", modelPath("v1_grey"), "--seconds", "0"],
  ]) {
    const { status, stderr } = midge(...args);
    assert.equal(status, 1);
    assert.match(stderr, /^midge: /);
  }
  assert.equal(midge("--version").status, 0);
  assert.match(midge("--help").stdout, /classify/);
});
