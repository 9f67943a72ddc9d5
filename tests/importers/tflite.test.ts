import assert from "node:assert/strict";
import { test } from "node:test";
import type { Graph } from "../../tools/weight-packer/graph/graph.js";
import { ImportError, importTflite } from "../../tools/weight-packer/importers/tflite/index.js";
import { builtinName } from "../../tools/weight-packer/importers/tflite/names.js";
import { OPERATORS } from "../../tools/weight-packer/importers/tflite/operators/table.js";
import { span } from "../../tools/weight-packer/importers/tflite/window.js";
import { packModel } from "../../tools/weight-packer/pack.js";
import {
  build,
  convolutionModel,
  convolutionOptions,
  int32s,
  type ModelSpec,
  type OperatorSpec,
  type TensorSpec,
} from "./build.js";
import { committedModels, operatorCases, sharedModels } from "./models.js";

/** The error that importing gives. */
function refusal(bytes: Uint8Array, name = "model.tflite"): ImportError {
  try {
    importTflite(bytes, name);
  } catch (error) {
    assert.ok(error instanceof ImportError, String(error));
    return error;
  }
  return assert.fail(`${name} was taken`);
}

/** Asserts that a model is refused with a problem that matches. */
function refuses(model: ModelSpec, reason: RegExp): ImportError {
  const error = refusal(build(model));
  assert.ok(
    error.problems.some((p) => reason.test(p.reason)),
    error.message,
  );
  return error;
}

function count(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const op of graph.operators) counts[op.kind] = (counts[op.kind] ?? 0) + 1;
  return counts;
}

test("a convolution arrives field by field", () => {
  const graph = importTflite(build(convolutionModel()), "some/where/Tiny.tflite");
  assert.equal(graph.name, "Tiny");
  const [op, ...rest] = graph.operators;
  assert.equal(rest.length, 0);
  assert.ok(op?.kind === "convolution");
  assert.deepEqual(
    op.weights.data,
    Int8Array.from({ length: 72 }, (_, i) => i),
  );
  assert.deepEqual(op.weights.quantization, { scale: [1, 2, 3, 4], zeroPoint: [0, 0, 0, 0], dimension: 0 });
  assert.deepEqual(op.bias?.data, Int32Array.of(1, -2, 3, -4));
  assert.deepEqual(op.padding, { top: 1, bottom: 1, left: 1, right: 1 });
  assert.equal(op.activation, "none");
  assert.equal(op.inputs[0], graph.input);
  assert.equal(op.output, graph.outputs[0]);
  assert.deepEqual(
    { ...graph.inputPort, tensor: 0 },
    { tensor: 0, name: "input", type: "int8", shape: [1, 5, 6, 2], scale: 0.5, zeroPoint: 3 },
  );
  assert.equal(graph.inputPort.tensor, graph.input);
  assert.equal(graph.outputPorts[0]?.zeroPoint, -7);
});

test("the operators' names are the schema's", () => {
  for (const [code, { name }] of OPERATORS) assert.equal(name, builtinName(code));
});

test("span follows SAME and VALID", () => {
  assert.deepEqual(span("SAME", 224, 3, 2, 1), { out: 112, before: 0, after: 1 });
  assert.deepEqual(span("SAME", 7, 3, 2, 1), { out: 4, before: 1, after: 1 });
  assert.deepEqual(span("SAME", 9, 3, 1, 2), { out: 9, before: 2, after: 2 });
  assert.deepEqual(span("SAME", 7, 1, 2, 1), { out: 4, before: 0, after: 0 });
  assert.deepEqual(span("VALID", 10, 3, 3, 1), { out: 3, before: 0, after: 0 });
  assert.deepEqual(span("VALID", 2, 3, 1, 1), { out: 0, before: 0, after: 0 });
});

for (const { name, bytes } of committedModels()) {
  test(`${name} imports`, () => {
    const graph = importTflite(bytes, name);
    assert.ok(graph.operators.length > 5);
    assert.deepEqual(graph.warnings, []);
  });
}

test("every operator case imports with its ports", () => {
  const cases = operatorCases("operators");
  assert.ok(cases.length > 100);
  for (const c of cases) {
    const graph = importTflite(c.bytes, c.name);
    assert.deepEqual(
      graph.operators.map((op) => op.source),
      c.steps,
      c.name,
    );
    for (const [port, d] of [
      [graph.inputPort, c.inputs[0]!],
      [graph.outputPorts[0]!, c.outputs[0]!],
    ] as const) {
      assert.deepEqual(
        [port.type, port.shape, port.scale, port.zeroPoint],
        [d.dtype, d.shape, d.scale, d.zero_point],
        c.name,
      );
    }
  }
});

test("two inputs are refused", () => {
  for (const c of operatorCases("two_inputs"))
    assert.match(refusal(c.bytes, c.name).message, /it has 2 inputs instead of one: 'in/);
});

const PUBLISHED: Record<string, Record<string, number>> = {
  "mobilenet_v1_0.25_128_quant.tflite": { convolution: 15, depthwise: 13, average_pool: 1, reshape: 1, softmax: 1 },
  "mobilenet_v2_1.0_224_quant.tflite": {
    convolution: 36,
    depthwise: 17,
    add: 10,
    average_pool: 1,
    reshape: 1,
    softmax: 1,
  },
  "tf2_mobilenet_v2_1.0_224_ptq.tflite": {
    requantise: 2,
    convolution: 36,
    depthwise: 17,
    add: 10,
    mean: 1,
    reshape: 1,
    softmax: 1,
  },
  "mobilenet_v3_small_224_int8.tflite": {
    mul: 19,
    add: 7,
    convolution: 43,
    hard_swish: 19,
    depthwise: 11,
    mean: 10,
    reshape: 1,
    softmax: 1,
  },
  "deeplabv3_mnv2_dm05_pascal_quant.tflite": {
    requantise: 1,
    convolution: 38,
    depthwise: 17,
    add: 10,
    average_pool: 1,
    resize: 3,
    concatenation: 1,
    arg_max: 1,
  },
  "ssd_mobilenet_v1_one_class_quant.tflite": {
    convolution: 34,
    depthwise: 13,
    reshape: 13,
    join: 2,
    logistic: 1,
  },
  "ssdlite_mobilenet_v2_fish_quant.tflite": {
    convolution: 55,
    depthwise: 33,
    add: 10,
    reshape: 13,
    join: 2,
    logistic: 1,
  },
  "vww_96_int8.tflite": { convolution: 14, depthwise: 13, average_pool: 1, reshape: 1, fully_connected: 1, softmax: 1 },
};

test("published models import, or are refused with one complete list", (t) => {
  const models = sharedModels();
  if (!models) return t.skip("../shared/models is not on this machine");
  for (const { name, bytes } of models) {
    const expected = PUBLISHED[name];
    if (expected) {
      assert.deepEqual(count(importTflite(bytes, name)), expected, name);
      continue;
    }
    const error = refusal(bytes, name);
    assert.ok(
      error.problems.every((p) => p.reason && (p.operator === undefined || (p.name && p.tensors?.length))),
      name,
    );
    assert.ok(error.problems.length > 0, error.message);
  }
});

test("the list names every operator, its tensors and what may help", (t) => {
  const models = sharedModels();
  if (!models) return t.skip("../shared/models is not on this machine");
  const named = (name: string) => models.find((m) => m.name.startsWith(name))!.bytes;
  const float = refusal(named("vww_96_float"), "float");
  assert.equal(float.problems.filter((p) => p.operator !== undefined).length, 31);
  assert.match(float.message, /what may help: convert with full integer quantisation/);
});

test("activations that cannot run are refused", () => {
  refuses(convolutionModel({ input: { type: 0, scale: [] } }), /'input' is float32/);
  refuses(convolutionModel({ input: { type: 7 } }), /'input' is int16/);
  refuses(convolutionModel({ input: { type: 1, scale: [] } }), /'input' is float16/);
  refuses(convolutionModel({ input: { scale: [] } }), /'input' has no scale/);
  refuses(convolutionModel({ input: { scale: [0] } }), /'input' has the scale 0/);
  refuses(convolutionModel({ input: { scale: [Infinity] } }), /'input' has the scale Infinity/);
  refuses(convolutionModel({ input: { scale: [NaN] } }), /'input' has the scale NaN/);
  refuses(convolutionModel({ input: { scale: [1, 2], dimension: 3 } }), /'input' has a scale per channel/);
  refuses(convolutionModel({ input: { zeroPoint: [128] } }), /zero point 128, outside int8/);
  refuses(convolutionModel({ input: { shape: [2, 5, 6, 2] } }), /'input' has a batch of 2/);
  refuses(convolutionModel({ input: { signature: [1, -1, -1, 2] } }), /'input' has a dynamic shape \[1, -1, -1, 2\]/);
  refuses(convolutionModel({ input: { sparse: true } }), /'input' is sparse/);
  refuses(convolutionModel({ input: { variable: true } }), /'input' is a variable/);
  refuses(convolutionModel({ input: { shape: [1, 5, 0, 2] } }), /'input' is empty/);
});

test("a batch of any size is taken as one", () => {
  const graph = importTflite(
    build(convolutionModel({ input: { signature: [-1, 5, 6, 2] }, output: { shape: [-1, 5, 6, 4] } })),
    "any",
  );
  assert.deepEqual(graph.outputs[0]?.shape, [1, 5, 6, 4]);
});

test("weights and biases that cannot run are refused", () => {
  refuses(
    convolutionModel({ weights: { type: 0, data: new Uint8Array(72 * 4) } }),
    /its weights 'weights' are float32/,
  );
  refuses(convolutionModel({ weights: { type: 3, scale: [1] } }), /are uint8 for an input of int8/);
  refuses(convolutionModel({ weights: { zeroPoint: [0, 0, 1, 0] } }), /zero points other than 0/);
  refuses(convolutionModel({ weights: { scale: [1], zeroPoint: [4] } }), /zero points other than 0/);
  refuses(convolutionModel({ weights: { scale: [1, 2, 3], dimension: 1 } }), /scales along dimension 1 instead of 0/);
  refuses(convolutionModel({ weights: { scale: [1, 2, 3] } }), /3 scales along dimension 0 of/);
  refuses(
    convolutionModel({ weights: { shape: [2, 3, 3, 4], scale: [1] } }),
    /weights are for 4 input channels instead of 2/,
  );
  refuses(convolutionModel({ weights: { external: 1 } }), /data in another file/);
  refuses(
    convolutionModel({ bias: { shape: [3], data: int32s(1, 2, 3), scale: [1] } }),
    /it has 3 biases for 4 channels/,
  );
  refuses(convolutionModel({ bias: { type: 4, data: new Uint8Array(32) } }), /biases 'bias' are int64/);
  refuses(convolutionModel({ operator: { inputs: [0, 0, 2] } }), /its weights 'input' are no constant/);
});

test("a bias whose scales lie along a dimension that it does not have is taken", () => {
  importTflite(build(convolutionModel({ bias: { dimension: 3 } })), "bias");
});

test("options that cannot run are refused", () => {
  refuses(convolutionModel({ options: convolutionOptions(0, 1, 4) }), /fused activation is TANH/);
  refuses(convolutionModel({ options: convolutionOptions(0, 1, 5) }), /fused activation is SIGN_BIT/);
  refuses(convolutionModel({ options: convolutionOptions(0, 1, 9) }), /fused activation is number 9/);
  refuses(convolutionModel({ options: convolutionOptions(0, 0) }), /strides are 0 x 0/);
  refuses(convolutionModel({ options: convolutionOptions(2) }), /padding is number 2/);
  refuses(convolutionModel({ options: convolutionOptions(0, 2) }), /output should be \[1, 3, 3, 4\]/);
  refuses(convolutionModel({ options: convolutionOptions(1, 1, 0, 3) }), /does not fit into the input/);
  refuses(convolutionModel({ options: { type: 5, fields: [] } }), /options are another operator's/);
});

test("the order of operators and the model's ends are checked", () => {
  const twice: ModelSpec = convolutionModel();
  twice.operators.push({ ...twice.operators[0]! });
  refuses(twice, /'output' is written twice/);
  refuses(convolutionModel({ model: { outputs: [] } }), /it has no outputs/);
  refuses(convolutionModel({ model: { inputs: [] } }), /it has 0 inputs instead of one/);
  refuses(convolutionModel({ model: { inputs: [0, 1] } }), /it has 2 inputs/);
  refuses(convolutionModel({ model: { inputs: [1] } }), /'input' is read before anything writes it/);
  refuses(convolutionModel({ operator: { outputs: [3, 3] } }), /it has 2 outputs/);
});

test("unknown and custom operators are named", () => {
  const error = refuses(convolutionModel({ operator: { code: 32, custom: "MyOp" } }), /not supported/);
  assert.equal(error.problems[0]?.name, "MyOp");
  assert.match(
    error.message,
    /^model\.tflite: operator 0 MyOp: this operator is not supported \('input' int8 \[1, 5, 6, 2\], /,
  );
  assert.equal(
    refuses(convolutionModel({ operator: { code: 206 } }), /not supported/).problems[0]?.name,
    "STABLEHLO_COMPOSITE",
  );
  assert.equal(
    refuses(convolutionModel({ operator: { code: 999 } }), /not supported/).problems[0]?.name,
    "operator code 999",
  );
});

test("one error names every offender: operator, tensor, reason and what may help", () => {
  const activation = (name: string, more: Partial<TensorSpec> = {}): TensorSpec => ({
    name,
    shape: [1, 4, 4, 2],
    ...more,
  });
  const weights = (name: string, more: Partial<TensorSpec>): TensorSpec => ({
    name,
    shape: [2, 1, 1, 2],
    scale: [1],
    data: new Uint8Array(4),
    ...more,
  });
  const convolution = (input: number, kernel: number, output: number): OperatorSpec => ({
    code: 3,
    inputs: [input, kernel],
    outputs: [output],
    options: convolutionOptions(),
  });
  const model: ModelSpec = {
    tensors: [
      activation("input"),
      activation("dynamic", { signature: [1, -1, 4, 2] }),
      activation("custom"),
      weights("sparse", { sparse: true }),
      activation("a"),
      weights("half", { type: 1, scale: [], data: new Uint8Array(8) }),
      activation("b"),
      activation("wide", { type: 7 }),
      weights("plain", {}),
      activation("output"),
    ],
    operators: [
      { code: 19, inputs: [0], outputs: [1] },
      { code: 32, custom: "Swirl", inputs: [1], outputs: [2] },
      convolution(2, 3, 4),
      convolution(4, 5, 6),
      { code: 19, inputs: [6], outputs: [7] },
      convolution(7, 8, 9),
    ],
  };
  const error = refusal(build(model));
  assert.match(error.message, /^model\.tflite: 6 problems\n/);
  const lines = [
    /operator 0 RELU: 'dynamic' has a dynamic shape \[1, -1, 4, 2\] \('input' int8 \[1, 4, 4, 2\], 'dynamic' int8/,
    /operator 1 Swirl: this operator is not supported \('dynamic' int8 \[1, 4, 4, 2\], 'custom' int8/,
    /operator 2 CONV_2D: 'sparse' is sparse \(/,
    /operator 3 CONV_2D: its weights 'half' are float16 \(/,
    /operator 4 RELU: 'wide' is int16, only int8 and uint8 activations run/,
    /operator 5 CONV_2D: 'wide' is int16, only int8 and uint8 activations run/,
  ];
  for (const line of lines) assert.match(error.message, line);
  const help = [
    /convert with a fixed input shape/,
    /replace the operator by builtin/,
    /without sparsity/,
    /full integer/,
  ];
  for (const [k, advice] of help.entries()) assert.match(error.problems[k]!.advice!.join(), advice);
  for (const advice of help) assert.match(error.message.split("\n").at(-1)!, advice);
});

test("operands of ADD: a tensor with itself, scalars, vectors of channels and pixels; others are refused", () => {
  const add = (b: number, shape: number[], data?: Uint8Array): ModelSpec => ({
    tensors: [
      { name: "a", shape: [1, 2, 2, 3] },
      { name: "b", shape, ...(data && { data }) },
      { name: "sum", shape: [1, 2, 2, 3] },
    ],
    operators: [{ code: 0, inputs: [0, b], outputs: [2] }],
  });
  const own = (model: ModelSpec) => importTflite(build(model), "own").operators.at(-1)!;
  const taken = own(add(1, [3], new Uint8Array(3)));
  assert.ok(taken.kind === "add" && taken.constant?.data?.length === 3 && taken.inputs.length === 1);
  assert.ok("constant" in own(add(1, [], new Uint8Array(1))));
  refuses(add(1, [2, 3], new Uint8Array(6)), /neither one element nor one for each channel/);
  refuses(add(1, [1, 2, 1], new Uint8Array(2)), /neither one element nor one for each channel/);
  assert.equal(importTflite(build(add(0, [1])), "own").operators[0]?.inputs.length, 2);
  const wide: ModelSpec = {
    tensors: [
      { name: "a", shape: [1, 2, 2, 3] },
      { name: "axes", shape: [2], type: 2, data: int32s(-2, 1), scale: [] },
      { name: "b", shape: [1, 1, 1, 3] },
      { name: "sum", shape: [1, 2, 2, 3] },
    ],
    operators: [
      { code: 40, inputs: [0, 1], outputs: [2], options: { type: 27, fields: [[0, "byte", 1]] } },
      { code: 0, inputs: [0, 2], outputs: [3] },
    ],
  };
  assert.deepEqual(
    own(wide).inputs.map(({ name }) => name),
    ["a", "b"],
  );
});

test("a computed shape of RESHAPE is not looked at: what computes it is left out", () => {
  const graph = importTflite(
    build({
      tensors: [
        { name: "x", shape: [1, 1, 1, 6] },
        { name: "shape", shape: [4], type: 2, scale: [] },
        { name: "wanted", shape: [2], type: 2, scale: [] },
        { name: "y", shape: [1, 6] },
      ],
      operators: [
        { code: 77, inputs: [0], outputs: [1] },
        { code: 83, inputs: [1], outputs: [2] },
        { code: 22, inputs: [0, 2], outputs: [3] },
      ],
    }),
    "shape",
  );
  assert.deepEqual(
    graph.operators.map((op) => op.kind),
    ["reshape"],
  );
});

test("a constant shape that disagrees is refused", () => {
  const model = (...shape: number[]): ModelSpec => ({
    tensors: [
      { shape: [1, 1, 1, 6] },
      { shape: [shape.length], type: 2, scale: [], data: int32s(...shape) },
      { shape: [1, 6] },
    ],
    operators: [{ code: 22, inputs: [0, 1], outputs: [2] }],
  });
  importTflite(build(model(-1, 6)), "fits");
  refuses(model(2, 3), /its shape \[2, 3\] is not its output's/);
});

test("PAD and PADV2 take any dimension but the batch, and a value in the output's terms", () => {
  const model = (value: number, amounts: number[], output: number[], zeroPoint = 5): ModelSpec => ({
    tensors: [
      { shape: [1, 2, 2, 1], zeroPoint: [5] },
      { shape: [amounts.length / 2, 2], type: 2, scale: [], data: int32s(...amounts) },
      { shape: [], data: Uint8Array.of(value), zeroPoint: [zeroPoint] },
      { shape: output, zeroPoint: [5] },
    ],
    operators: [{ code: 60, inputs: [0, 1, 2], outputs: [3] }],
  });
  const [pad] = importTflite(build(model(4, [0, 0, 1, 1, 0, 1, 0, 0], [1, 4, 3, 1])), "pad").operators;
  assert.ok(pad?.kind === "pad");
  assert.deepEqual(pad.padding, { top: 1, bottom: 1, left: 0, right: 1 });
  assert.deepEqual([pad.channels, pad.value], [undefined, 4]);
  const [channels] = importTflite(build(model(5, [0, 0, 0, 0, 0, 1, 2, 3], [1, 2, 3, 6])), "pad").operators;
  assert.ok(channels?.kind === "pad");
  assert.deepEqual([channels.channels, channels.padding.right], [{ before: 2, after: 3 }, 1]);
  refuses(model(5, [1, 0, 0, 0, 0, 1, 0, 0], [2, 2, 3, 1]), /it pads the batch/);
  refuses(model(5, [0, 0, 3, -1, 0, 1, 0, 0], [1, 4, 3, 1]), /its paddings are 0, 0, 3, -1/);
  refuses(model(5, [0, 0, 1, 1, 0, 1], [1, 4, 3, 1]), /it pads 3 dimensions instead of 4/);
  refuses(model(5, [0, 0, 1, 1, 0, 1, 0, 0], [1, 4, 4, 1]), /output should be \[1, 4, 3, 1\]/);
  refuses(model(5, [0, 0, 1, 1, 0, 1, 0, 0], [1, 4, 3, 1], 7), /differ in scale or zero point/);
});

test("QUANTIZE and DEQUANTIZE take the floats of the model's ends, and the ports say so", () => {
  const float: TensorSpec = { shape: [1, 4], type: 0, scale: [] };
  const quantised: TensorSpec = { shape: [1, 4], scale: [0.5], zeroPoint: [3] };
  const model = (...operators: OperatorSpec[]): ModelSpec => ({
    tensors: [{ ...float, name: "in" }, quantised, { ...quantised, scale: [0.25] }, { ...float, name: "out" }],
    operators,
    outputs: [3],
  });
  const quantise = { code: 114, inputs: [0], outputs: [1] };
  const graph = importTflite(
    build(model(quantise, { code: 114, inputs: [1], outputs: [2] }, { code: 6, inputs: [2], outputs: [3] })),
    "ends",
  );
  const { type, float: real, scale, zeroPoint } = graph.inputPort;
  assert.deepEqual([type, real, scale, zeroPoint], ["int8", true, 0.5, 3]);
  assert.deepEqual([graph.outputPorts[0]!.float, graph.outputPorts[0]!.scale], [true, 0.25]);
  // A float tensor that no QUANTIZE tells about, and one that two quantise in different terms.
  refuses(model({ code: 19, inputs: [0], outputs: [3] }), /'in' is float32/);
  refuses(
    model(quantise, { code: 114, inputs: [0], outputs: [2] }, { code: 6, inputs: [2], outputs: [3] }),
    /quantises a float tensor in other terms/,
  );
  refuses(
    model(quantise, { code: 6, inputs: [1], outputs: [3] }, { code: 114, inputs: [3], outputs: [2] }),
    /in other terms than another operator/,
  );
});

test("floats in the middle of the network are refused", () => {
  const [quantised, float]: TensorSpec[] = [{ shape: [1, 4] }, { shape: [1, 4], type: 0, scale: [] }];
  const model = (code: number): ModelSpec => ({
    tensors: [quantised!, { ...float!, name: "between" }, { ...quantised!, scale: [0.25] }],
    operators: [
      { code, inputs: [0], outputs: [1] },
      { code: 114, inputs: [1], outputs: [2] },
    ],
    outputs: [2],
  });
  refuses(model(6), /'between' is float32.*it makes floats in the middle of the network/);
});

test("ARG_MAX runs over the channels only, into int32 or int64, at the end", () => {
  const model = (axis: number, type: number, shape = [1, 3, 4], data?: Uint8Array): ModelSpec => ({
    tensors: [
      { shape: [1, 3, 4, 5] },
      { shape: [], type: 2, scale: [], data: int32s(axis) },
      { name: "indices", shape, type, scale: [], data },
    ],
    operators: [{ code: 56, inputs: [0, 1], outputs: [2] }],
  });
  for (const [axis, type] of [
    [3, 2],
    [-1, 4],
  ] as const) {
    const { operators, outputPorts } = importTflite(build(model(axis, type)), "arg_max");
    assert.equal(operators[0]?.kind, "arg_max");
    assert.deepEqual([outputPorts[0]?.type, outputPorts[0]?.shape], [type === 2 ? "int32" : "int64", [1, 3, 4]]);
  }
  refuses(model(2, 4), /its axis is 2; only the last/);
  refuses(model(-1, 9), /'indices' is int8/);
  refuses(model(-1, 4, [1, 3, 5]), /its output should be \[1, 3, 4\]/);
  const read = model(-1, 4);
  read.tensors.push({ name: "end", shape: [1, 12], type: 4, scale: [] });
  read.operators.push({ code: 22, inputs: [2], outputs: [3] });
  refuses(read, /'indices' is int64/);
});

test("batches stay between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND", () => {
  const dealt: ModelSpec = {
    tensors: [
      { shape: [1, 4, 6, 3] },
      { shape: [2], type: 2, scale: [], data: int32s(2, 2) },
      { shape: [2, 2], type: 2, scale: [], data: int32s(0, 0, 0, 0) },
      { name: "dealt", shape: [4, 2, 3, 3] },
    ],
    operators: [{ code: 38, inputs: [0, 1, 2], outputs: [3] }],
  };
  refuses(dealt, /the model's output 'dealt' has a batch of 4/);
  const back = (shape: number[]): ModelSpec => ({
    tensors: [...dealt.tensors, { shape }],
    operators: [...dealt.operators, { code: 37, inputs: [3, 1, 2], outputs: [4] }],
  });
  refuses(back([1, 4, 5, 3]), /its output should be \[1, 4, 6, 3\]/);
  // Without a convolution between them nothing melts.
  const alone = build(back([1, 4, 6, 3]));
  assert.throws(() => packModel(alone, "alone"), /SPACE_TO_BATCH_ND: space_to_batch stays by itself/);
});

test("a second subgraph and placeholder scales are warned of", () => {
  const quantize = (from: number, to: number) => ({ code: 114, inputs: [from], outputs: [to] });
  const dummy = importTflite(
    build({
      tensors: [0, 1, 2, 3].map((zero) => ({ shape: [1, 2], scale: [1], zeroPoint: [zero] })),
      operators: [quantize(0, 1), quantize(1, 2), quantize(2, 3)],
    }),
    "dummy",
  );
  assert.match(dummy.warnings[0]!, /looks like a placeholder/);
  assert.match(
    importTflite(build(convolutionModel({ model: { subgraphs: 2 } })), "two").warnings[0]!,
    /first of 2 subgraphs/,
  );
});

test("foreign and damaged files are refused with what is wrong", () => {
  const good = build(convolutionModel());
  assert.match(refusal(new Uint8Array(0)).message, /not a TFLite model: its 0 bytes/);
  assert.match(refusal(new TextEncoder().encode('{"not": "a model"}')).message, /not a TFLite model: bytes 4 to 7/);
  assert.match(refusal(good.subarray(0, 100)).message, /damaged or truncated file/);
  assert.match(refusal(build(convolutionModel({ model: { version: 2 } }))).message, /schema version 2/);
  assert.match(
    refusal(build(convolutionModel({ bias: { data: new Uint8Array(3) } }))).message,
    /should have 16 bytes of data and has 3/,
  );
  assert.match(
    refusal(build(convolutionModel({ operator: { inputs: [0, 1, 99] } }))).message,
    /refers to tensor 99 of 4/,
  );
});

test("a small file that unfolds without end is refused soon", () => {
  const bytes = build({ tensors: [{ shape: Array.from({ length: 20000 }, () => 1) }], operators: [], repeat: 20000 });
  assert.ok(bytes.length < 200_000);
  const started = performance.now();
  assert.match(refusal(bytes).message, /repeats the same bytes too often/);
  assert.ok(performance.now() - started < 2000);
});
