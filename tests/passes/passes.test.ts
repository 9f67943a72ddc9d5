import assert from "node:assert/strict";
import { test } from "node:test";
import { elements, extent, type Graph, perPixel } from "../../tools/weight-packer/graph/graph.js";
import { importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { deadCode } from "../../tools/weight-packer/passes/dead-code.js";
import { dropReshape } from "../../tools/weight-packer/passes/drop-reshape.js";
import { elideRequantise } from "../../tools/weight-packer/passes/elide-requantise.js";
import { foldPad } from "../../tools/weight-packer/passes/fold-pad.js";
import { simplify } from "../../tools/weight-packer/passes/index.js";
import { toSigned } from "../../tools/weight-packer/passes/to-signed.js";
import {
  build,
  convolutionOptions,
  int32s,
  type ModelSpec,
  type OperatorSpec,
  type TensorSpec,
} from "../importers/build.js";
import { committedModels, operatorCases, sharedModels } from "../importers/models.js";

const UINT8 = 3;
const QUANTIZE = 114;
const RESHAPE = 22;

function graphOf(model: ModelSpec): Graph {
  return importTflite(build(model), "passes.tflite");
}

/** Tensors in a row, each made of the one before by an operator code. */
function chain(tensors: TensorSpec[], codes: number[], outputs?: number[]): ModelSpec {
  const operators = codes.map(
    (code, i): OperatorSpec => ({
      code,
      inputs: [i],
      outputs: [i + 1],
      ...(code === 25 && { options: { type: 9, fields: [[0, "float", 1]] } }),
    }),
  );
  return { tensors, operators, ...(outputs && { outputs }) };
}

function kinds(graph: Graph): string[] {
  return graph.operators.map((op) => op.kind);
}

/** What must hold after all passes. */
function assertSimple(graph: Graph, name: string): void {
  const written = new Set([graph.input]);
  for (const op of graph.operators) {
    assert.notEqual(op.kind, "reshape", name);
    for (const tensor of op.inputs)
      assert.ok(written.has(tensor), `${name}: ${tensor.name} is read before it is written`);
    written.add(op.output);
    for (const tensor of [...op.inputs, op.output]) assert.equal(tensor.type, "int8", name);
    if ("weights" in op) assert.ok(op.weights.data instanceof Int8Array, name);
    if (op.kind === "fully_connected") {
      const { channels } = extent(op.inputs[0]!);
      assert.equal(op.weights.shape[1], perPixel(op) ? channels : elements(op.inputs[0]!.shape), name);
    }
  }
  assert.equal(graph.inputPort.tensor, graph.input, name);
  graph.outputs.forEach((output, i) => {
    assert.equal(graph.outputPorts[i]?.tensor, output, name);
    assert.ok(output !== graph.input && written.has(output), name);
    assert.equal(elements(graph.outputPorts[i]!.shape), elements(output.shape), name);
  });
}

test("all committed models and cases are simple afterwards, and their graphs as before", () => {
  const cases = [...committedModels(), ...operatorCases("operators")];
  for (const { name, bytes } of cases) {
    const graph = importTflite(bytes, name);
    const before = structuredClone(graph);
    assertSimple(simplify(graph), name);
    assert.deepEqual(graph, before, name);
  }
});

test("published models are simple afterwards", (t) => {
  const models = sharedModels();
  if (!models) return t.skip("../shared/models is not on this machine");
  const counts: Record<string, number> = {
    "mobilenet_v1_0.25_128_quant.tflite": 30,
    "mobilenet_v2_1.0_224_quant.tflite": 65,
    "tf2_mobilenet_v2_1.0_224_ptq.tflite": 65,
    "vww_96_int8.tflite": 30,
  };
  for (const { name, bytes } of models) {
    const count = counts[name];
    if (count === undefined) continue;
    const graph = simplify(importTflite(bytes, name));
    assertSimple(graph, name);
    assert.equal(graph.operators.length, count, name);
    assert.ok(!kinds(graph).includes("requantise") && !kinds(graph).includes("pad"), name);
  }
});

test("toSigned moves activations, weights and zero points by 128 and leaves the ports", () => {
  const { name, bytes } = committedModels().find((m) => m.name.startsWith("legacy_v1"))!;
  const before = importTflite(bytes, name);
  const after = toSigned(before);
  let [pools, weights] = [0, 0];
  before.operators.forEach((old, i) => {
    const op = after.operators[i]!;
    assert.equal(op.output.quantization?.zeroPoint[0], old.output.quantization!.zeroPoint[0]! - 128);
    assert.deepEqual(op.output.quantization?.scale, old.output.quantization?.scale);
    if (op.kind === "average_pool") pools += op.unsignedRounding ? 1 : 0;
    if (!("weights" in op && "weights" in old)) return;
    weights += 1;
    assert.equal(op.weights.quantization?.zeroPoint[0], old.weights.quantization!.zeroPoint[0]! - 128);
    assert.deepEqual(
      Array.from(op.weights.data as Int8Array),
      Array.from(old.weights.data as Uint8Array, (v) => v - 128),
    );
  });
  assert.ok(pools > 0 && weights > 5);
  assert.equal(after.input.type, "int8");
  assert.deepEqual({ ...after.inputPort, tensor: 0 }, { ...before.inputPort, tensor: 0 });
  assert.equal(after.inputPort.type, "uint8");
});

test("int8 average pools keep int8's rounding", () => {
  const { bytes } = operatorCases("operators").find((c) => c.name.startsWith("average_pool_int8"))!;
  const [pool] = simplify(importTflite(bytes, "pool")).operators;
  assert.ok(pool?.kind === "average_pool" && !pool.unsignedRounding);
});

test("QUANTIZE from uint8 and back to uint8 melts, ports keep uint8", () => {
  const graph = simplify(
    graphOf(
      chain(
        [
          { shape: [1, 2, 3], type: UINT8, scale: [0.25], zeroPoint: [130] },
          { shape: [1, 2, 3], scale: [0.25], zeroPoint: [2] },
          { shape: [1, 2, 3], scale: [1 / 256], zeroPoint: [-128] },
          { shape: [1, 2, 3], type: UINT8, scale: [1 / 256], zeroPoint: [0] },
        ],
        [QUANTIZE, 25, QUANTIZE],
      ),
    ),
  );
  assert.deepEqual(kinds(graph), ["softmax"]);
  assert.deepEqual(
    [graph.inputPort.type, graph.inputPort.zeroPoint, graph.input.quantization?.zeroPoint],
    ["uint8", 130, [2]],
  );
  assert.deepEqual([graph.outputPorts[0]?.type, graph.outputPorts[0]?.zeroPoint], ["uint8", 0]);
  assert.equal(graph.outputs[0]?.type, "int8");
});

test("QUANTIZE to another scale or zero point stays", () => {
  const next = (scale: number, zero: number) =>
    graphOf(chain([{ shape: [1, 4] }, { shape: [1, 4], scale: [scale], zeroPoint: [zero] }], [QUANTIZE]));
  assert.deepEqual(kinds(elideRequantise(next(0.5, 1))), ["requantise"]);
  assert.deepEqual(kinds(elideRequantise(next(Math.fround(0.5 + 2 ** -24), 0))), ["requantise"]);
  assert.deepEqual(kinds(elideRequantise(next(0.5, 0))), []);
});

test("an output that would be the input is copied", () => {
  const graph = simplify(graphOf(chain([{ shape: [1, 2, 3, 4] }, { name: "flat", shape: [1, 24] }], [RESHAPE])));
  assert.deepEqual(kinds(graph), ["requantise"]);
  assert.deepEqual(
    [graph.outputPorts[0]?.shape, graph.outputs[0]?.shape, graph.outputPorts[0]?.name],
    [[1, 24], [1, 2, 3, 4], "flat"],
  );
  assert.equal(graph.operators[0]?.source, "RESHAPE");
  assertSimple(graph, "copy");
});

/** pad -> what follows, over [1, 4, 4, 1]. */
function padded(next: "convolution" | "pool" | "nothing" | "pad", extraOutput = false): ModelSpec {
  const weights: TensorSpec = { shape: [1, 3, 3, 1], data: new Uint8Array(9) };
  const amounts = (...n: number[]): TensorSpec => ({
    shape: [4, 2],
    type: 2,
    scale: [],
    data: int32s(0, 0, ...n, 0, 0),
  });
  const pool: OperatorSpec["options"] = {
    type: 5,
    fields: [
      [0, "byte", 1],
      [1, "int", 1],
      [2, "int", 1],
      [3, "int", 3],
      [4, "int", 3],
    ],
  };
  const tensors: TensorSpec[] = [
    { shape: [1, 4, 4, 1] },
    amounts(1, 2, 0, 3),
    { shape: [1, 7, 7, 1] },
    weights,
    { shape: [1, 5, 5, 1] },
    amounts(1, 1, 1, 1),
    { shape: [1, 9, 9, 1] },
    { shape: [1, 7, 7, 1] },
  ];
  const pad: OperatorSpec = { code: 34, inputs: [0, 1], outputs: [2] };
  const convolution = (from: number, to: number): OperatorSpec => ({
    code: 3,
    inputs: [from, 3],
    outputs: [to],
    options: convolutionOptions(1),
  });
  const operators = {
    nothing: [pad],
    convolution: [pad, convolution(2, 4)],
    pool: [pad, convolution(2, 4), { code: 17, inputs: [2], outputs: [7], options: pool }],
    pad: [pad, { code: 34, inputs: [2, 5], outputs: [6] }, convolution(6, 7)],
  }[next];
  if (next === "pool") tensors[7] = { shape: [1, 5, 5, 1] };
  const last = { nothing: [2], convolution: [4], pool: [4, 7], pad: [7] }[next];
  return { tensors, operators, outputs: extraOutput ? [...last, 2] : last };
}

test("foldPad adds to the padding of convolutions", () => {
  const [op, ...rest] = foldPad(graphOf(padded("convolution"))).operators;
  assert.equal(rest.length, 0);
  assert.ok(op?.kind === "convolution");
  assert.deepEqual(op.padding, { top: 1, bottom: 2, left: 0, right: 3 });
  assert.deepEqual(op.inputs[0]?.shape, [1, 4, 4, 1]);
});

test("foldPad follows pads of pads", () => {
  const graph = foldPad(graphOf(padded("pad")));
  assert.deepEqual(kinds(graph), ["convolution"]);
  const [op] = graph.operators;
  assert.ok(op?.kind === "convolution");
  assert.deepEqual(op.padding, { top: 2, bottom: 3, left: 1, right: 4 });
});

test("a pad that a pool or an output needs stays", () => {
  assert.deepEqual(kinds(foldPad(graphOf(padded("pool")))), ["pad", "convolution", "max_pool"]);
  assert.deepEqual(kinds(foldPad(graphOf(padded("nothing")))), ["pad"]);
  assert.deepEqual(kinds(foldPad(graphOf(padded("convolution", true)))), ["pad", "convolution"]);
});

test("a pad of nothing goes", () => {
  const graph = graphOf({
    tensors: [
      { shape: [1, 4, 4, 1] },
      { shape: [4, 2], type: 2, scale: [], data: new Uint8Array(32) },
      { shape: [1, 4, 4, 1] },
    ],
    operators: [{ code: 34, inputs: [0, 1], outputs: [2] }],
  });
  assert.deepEqual(kinds(foldPad(graph)), []);
});

test("a reshape in front of a softmax moves behind it", () => {
  const soft = { scale: [1 / 256], zeroPoint: [-128] };
  const graph = dropReshape(
    graphOf(chain([{ shape: [1, 2, 3, 4] }, { shape: [1, 6, 4] }, { shape: [1, 6, 4], ...soft }], [RESHAPE, 25])),
  );
  assert.deepEqual(kinds(graph), ["softmax"]);
  assert.deepEqual(
    [graph.outputs[0]?.shape, graph.outputPorts[0]?.shape],
    [
      [1, 2, 3, 4],
      [1, 6, 4],
    ],
  );
});

/** reshape -> 1x1 convolution of `channels`, maybe behind a QUANTIZE. */
function reshaped(from: number[], to: number[], quantize: boolean): ModelSpec {
  const channels = to.at(-1)!;
  const first = quantize ? [{ code: QUANTIZE, inputs: [0], outputs: [1] }] : [];
  return {
    tensors: [
      { shape: from },
      { shape: from, scale: [0.25] },
      { name: "shaped", shape: to, scale: [quantize ? 0.25 : 0.5] },
      { shape: [1, 1, 1, channels], data: new Uint8Array(channels) },
      { shape: [...to.slice(0, 3), 1] },
    ],
    operators: [
      ...first,
      { code: RESHAPE, inputs: [quantize ? 1 : 0], outputs: [2] },
      { code: 3, inputs: [2, 3], outputs: [4], options: convolutionOptions() },
    ],
  };
}

test("a reshape of rows and pixels in front of a convolution stays", () => {
  const graph = graphOf(reshaped([1, 4, 4, 3], [1, 2, 8, 3], true));
  assert.deepEqual(kinds(dropReshape(graph)), ["requantise", "reshape", "convolution"]);
  assert.deepEqual(kinds(dropReshape(graphOf(reshaped([1, 24], [1, 1, 1, 24], true)))), ["requantise", "convolution"]);
  const inside = dropReshape(graphOf(reshaped([1, 4, 4, 6], [1, 4, 8, 3], true)));
  assert.deepEqual(kinds(inside), ["requantise", "reshape", "convolution"]);
});

test("a reshape of the input gives it the shape that its reader needs, the port keeps its own", () => {
  const graph = dropReshape(graphOf(reshaped([1, 48], [1, 4, 4, 3], false)));
  assert.deepEqual(kinds(graph), ["convolution"]);
  assert.deepEqual(
    [graph.input.shape, graph.inputPort.shape],
    [
      [1, 4, 4, 3],
      [1, 48],
    ],
  );
  assert.equal(graph.operators[0]?.inputs[0], graph.input);
});

test("deadCode drops what no output needs", () => {
  const graph = graphOf(padded("pool"));
  const [kept] = graph.outputs;
  const dead = deadCode({ ...graph, outputs: [kept!], outputPorts: graph.outputPorts.slice(0, 1) });
  assert.deepEqual(kinds(dead), ["pad", "convolution"]);
});
