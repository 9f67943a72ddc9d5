/** onnxruntime-web: the model's float form as .onnx, one thread; where there is none, the .tflite file for its refusal. */

/** @param {import("./environment.js").Environment} environment @param {import("./lane.js").Job} job */
export async function load(environment, { folder, forms }) {
  const ort = await environment.module("node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs");
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(
    await environment.read(`${folder}/${forms.float ? "model.onnx" : "model.tflite"}`),
    { executionProviders: ["wasm"], graphOptimizationLevel: "all" },
  );
  const nhwc = new Float32Array((await environment.read(`${folder}/input.f32`)).buffer);
  const [, height, width, channels] = forms.shape;
  const nchw = new Float32Array(nhwc.length);
  for (let i = 0; i < nhwc.length; i++) {
    nchw[(i % channels) * height * width + Math.floor(i / channels)] = nhwc[i];
  }
  return {
    note: "float32, .onnx made by bench",
    async run() {
      const { output } = await session.run({ input: new ort.Tensor("float32", nchw, [1, channels, height, width]) });
      return output.data;
    },
  };
}
