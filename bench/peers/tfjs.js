/** TensorFlow.js with its WebAssembly backend, one thread: the model's float form, operator by operator. */

/** @param {import("./environment.js").Environment} environment @param {import("./lane.js").Job} job */
export async function load(environment, { folder, forms }) {
  if (!forms.float) throw new Error(`${forms.reason} (TensorFlow.js takes no .tflite)`);
  const tf = await environment.classic("@tensorflow/tfjs-core", "dist/tf-core.min.js", "tf");
  const backend = await environment.classic("@tensorflow/tfjs-backend-wasm", "dist/tf-backend-wasm.min.js", "tf");
  const { setWasmPaths } = backend.wasm ?? backend;
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(environment.path("node_modules/@tensorflow/tfjs-backend-wasm/dist/"));
  await tf.setBackend("wasm");
  const network = JSON.parse(new TextDecoder().decode(await environment.read(`${folder}/float.json`)));
  const weights = new Float32Array((await environment.read(`${folder}/float.bin`)).buffer);
  const steps = prepare(tf, network, weights);
  const values = new Float32Array((await environment.read(`${folder}/input.f32`)).buffer);
  return {
    note: "float32",
    run: () =>
      tf.tidy(() => {
        const results = [tf.tensor(values, forms.shape, "float32")];
        for (const step of steps) results.push(step(...step.inputs.map((i) => results[i])));
        return results.at(-1).dataSync();
      }),
  };
}

/** A function for each step, from the results that it reads to its own. */
function prepare(tf, { steps }, weights) {
  const constant = (part) =>
    part && tf.tensor(weights.slice(part.offset, part.offset + part.length), part.shape, "float32");
  return steps.map((step) => {
    const run = KINDS[step.kind](tf, step, constant(step.weights), constant(step.bias));
    return Object.assign(run, { inputs: step.inputs });
  });
}

const FUSED = { none: "linear", relu: "relu", relu6: "relu6" };

/** Paddings other than TensorFlow's SAME become a pad in front. */
function windowed(tf, { padding: [top, bottom, left, right], same, strides, dilations }) {
  const explicit = !same && top + bottom + left + right > 0;
  const edges = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return {
    pads: (x) => (explicit ? tf.pad(x, edges) : x),
    options: { strides, dilations, pad: same ? "same" : "valid" },
  };
}

function convolution(method) {
  return (tf, step, filter, bias) => {
    const { pads, options } = windowed(tf, step);
    const activation = FUSED[step.activation];
    return (x) => tf.fused[method]({ x: pads(x), filter, bias, activation, ...options });
  };
}

function binary(method) {
  return (tf, step, constant) => {
    const activate = (x) => (step.activation === "none" ? x : tf[step.activation](x));
    return (x, y) => activate(tf[method](x, constant ?? y));
  };
}

const KINDS = {
  convolution: convolution("conv2d"),
  depthwise: convolution("depthwiseConv2d"),
  fully_connected: (tf, step, b, bias) => (x) =>
    tf.fused.matMul({ a: tf.reshape(x, [1, -1]), b, bias, activation: FUSED[step.activation] }),
  add: binary("add"),
  mul: binary("mul"),
  average_pool:
    (tf, { window, strides, same }) =>
    (x) =>
      tf.avgPool(x, window, strides, same ? "same" : "valid"),
  mean: (tf) => (x) => tf.mean(x, [1, 2], true),
  softmax:
    (tf, { beta }) =>
    (x) =>
      tf.softmax(beta === 1 ? x : tf.mul(x, beta)),
  relu:
    (tf, { activation }) =>
    (x) =>
      tf[activation](x),
  hard_swish: (tf) => (x) => tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6)),
  logistic: (tf) => (x) => tf.sigmoid(x),
  resize:
    (tf, { size, alignCorners, halfPixelCenters }) =>
    (x) =>
      tf.image.resizeBilinear(x, size, alignCorners, halfPixelCenters),
  concatenation:
    (tf) =>
    (...xs) =>
      tf.concat(xs, 3),
  arg_max: (tf) => (x) => tf.argMax(x, -1),
};
