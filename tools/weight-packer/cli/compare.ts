import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { instantiateSync } from "@assemblyscript/loader";
import type { Command } from "commander";
import {
  HEADER_OUTPUTS,
  NONE,
  PORT_BYTES,
  PORT_TYPE,
  STEP_OUTPUT,
  STEP_SOURCE_OPERATOR,
  TYPE_INT8,
} from "../../../assembly/layout.js";
import type { EngineExports } from "../../../src/abi.js";
import { readAnyInfo } from "../../../src/detection-info.js";
import { mvp } from "../../../src/engine/mvp.js";
import { relaxed } from "../../../src/engine/relaxed.js";
import { simd } from "../../../src/engine/simd.js";
import { pick } from "../../../src/engine.js";
import { SharedSession } from "../../../src/shared-session.js";
import { explain } from "../../../src/status.js";
import { inputBytes } from "../../../src/tensor.js";
import { Records } from "../records.js";
import { elements } from "./elements.js";
import { isPacked, read } from "./files.js";
import { type CommonOptions, jsonOption, variantOption } from "./options.js";
import { print } from "./output.js";

interface Options extends CommonOptions {
  input: string;
  tensors: string;
}

/** One entry of NAME.tensors.json: an operator's output in NAME.tensors.gz. */
interface GoldenTensor {
  op: number;
  kind: string;
  name: string;
  dtype: string;
  shape: number[];
  offset: number;
  bytes: number;
}

/** What came of one operator. */
interface Comparison {
  op: number;
  kind: string;
  name: string;
  /** Elements that differ; undefined if no step of the engine makes this tensor. */
  different?: number;
  elements?: number;
  /** Where the first difference is. */
  first?: { row: number; column: number; channel: number; wanted: number; got: number };
}

/** `midge compare MODEL --input RAW --tensors NAME.tensors.gz`: which operator is the first to differ. */
export function addCompare(program: Command): void {
  program
    .command("compare")
    .description("debugging: compare every operator's output with golden tensors and name the first that differs")
    .argument("<model>", "the source model")
    .requiredOption("--input <file>", "the input tensor's bytes, raw or gzip")
    .requiredOption(
      "--tensors <file>",
      "NAME.tensors.gz: all operators' outputs, with its index NAME.tensors.json beside it",
    )
    .addOption(variantOption())
    .addOption(jsonOption())
    .action(compare);
}

async function compare(path: string, options: Options): Promise<void> {
  const source = await read(path);
  if (isPacked(source)) throw new Error(`${path}: compare packs the source model itself, to keep every tensor`);
  const input = unzip(await read(options.input));
  const golden = unzip(await read(options.tensors));
  const index = new TextDecoder().decode(await read(options.tensors.replace(/\.gz$/, ".json")));
  const { packModel } = await import("../pack.js");
  const { file } = packModel(source, basename(path), { keepAll: true });
  const engine = pick([mvp, simd, relaxed], options.variant ?? "auto");
  const session = new SharedSession(
    instantiateSync<EngineExports & Record<string, unknown>>(engine.bytes()).exports,
    file,
    explain,
  );
  session.reset();
  const info = readAnyInfo(file);
  session.push(inputBytes(elements(input, info.input), info.input));

  const records = new Records(file);
  const tensors = tensorsBySourceOperator(records);
  const { outputs } = records.ports;
  const signed = new Set(
    outputs.filter((_, k) => records.word(records.header(HEADER_OUTPUTS) + k * PORT_BYTES + PORT_TYPE) === TYPE_INT8),
  );
  const results = (JSON.parse(index) as GoldenTensor[]).map((entry): Comparison => {
    const { op, kind, name } = entry;
    // Inside, int8 tensors are held as uint8, 128 above; an int8 model's outputs are int8 once a run is done.
    const made = (tensors.get(op) ?? []).map((tensor) => {
      const held = signed.has(tensor) ? "int8" : "uint8";
      return session.tensor(tensor).map(entry.dtype === held ? (x) => x : (x) => x ^ 0x80);
    });
    const got = whole(made, entry.bytes);
    if (!got) return { op, kind, name };
    return { op, kind, name, ...difference(got, golden, entry) };
  });
  const wrong = results.find((result) => result.different);
  print(options.json, { engine: engine.variant, equal: !wrong, firstDifferent: wrong, operators: results }, () =>
    [
      ...results.map(line),
      "",
      wrong ? `the first that differs: ${line(wrong)}` : "all compared operators are equal",
    ].join("\n"),
  );
  if (wrong) process.exitCode = 1;
}

/** An operator's output: what its last step wrote or, where it works on parts of it, what all of them wrote. */
function whole(made: readonly Uint8Array[], bytes: number): Uint8Array | undefined {
  const parts = Buffer.concat(made);
  return parts.length === bytes ? parts : made.at(-1);
}

/** For each operator of the source the tensors that its steps write. */
function tensorsBySourceOperator(records: Records): Map<number, number[]> {
  const tensors = new Map<number, number[]>();
  for (let step = 0; step < records.stepCount; step++) {
    const operator = records.step(step, STEP_SOURCE_OPERATOR);
    if (operator !== NONE) tensors.set(operator, [...(tensors.get(operator) ?? []), records.step(step, STEP_OUTPUT)]);
  }
  return tensors;
}

/** Compares bytes in the golden tensor's own type. */
function difference(got: Uint8Array, golden: Uint8Array, entry: GoldenTensor): Partial<Comparison> {
  // Indices: the engine gives the lowest byte of each.
  const elementBytes = { int32: 4, int64: 8 }[entry.dtype] ?? 1;
  const wanted = golden.subarray(entry.offset, entry.offset + entry.bytes).filter((_, i) => i % elementBytes === 0);
  if (wanted.length !== got.length) {
    throw new Error(
      `operator ${entry.op} ${entry.kind}: the golden tensor has ${wanted.length} elements, ours ${got.length}`,
    );
  }
  const at = got.findIndex((byte, i) => byte !== wanted[i]);
  const different = got.reduce((n, byte, i) => n + Number(byte !== wanted[i]), 0);
  if (different === 0) return { different, elements: got.length };
  const pixels = entry.shape.slice(1).concat(elementBytes > 1 ? [1] : []);
  const [width, channels] = [1, 1, ...pixels].slice(-2) as [number, number];
  const value = (byte: number) => (entry.dtype === "int8" ? (byte << 24) >> 24 : byte);
  const first = {
    row: Math.floor(at / (width * channels)),
    column: Math.floor(at / channels) % width,
    channel: at % channels,
    wanted: value(wanted[at]!),
    got: value(got[at]!),
  };
  return { different, elements: got.length, first };
}

function line({ op, kind, name, different, elements, first }: Comparison): string {
  const what = `operator ${op} ${kind}`.padEnd(32);
  if (different === undefined) return `${what} skipped: melted into another`;
  if (different === 0) return `${what} equal`;
  const { row, column, channel, wanted, got } = first!;
  return `${what} ${different} of ${elements} differ, first at row ${row}, column ${column}, channel ${channel}: ${got} instead of ${wanted} (${name})`;
}

function unzip(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}
