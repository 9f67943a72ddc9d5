/**
 * onnxruntime-web, one thread, with the model's float form as .onnx or (variant "int8") its quantised form; where there is
 * neither, the .tflite file for its refusal.
 */

/** @param {import("./environment.js").Environment} environment @param {import("./lane.js").Job} job */
export async function load(environment, { variant, folder, forms, input }) {
  const ort = await environment.module("node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs");
  ort.env.wasm.numThreads = 1;
  const quantised = variant === "int8";
  const form = quantised ? "model.int8.onnx" : "model.onnx";
  const session = await ort.InferenceSession.create(
    await environment.read(`${folder}/${forms.float ? form : "model.tflite"}`),
    { executionProviders: ["wasm"], graphOptimizationLevel: "all" },
  );
  const bytes = (await environment.read(`${folder}/${quantised ? "input.bin" : "input.f32"}`)).buffer;
  const Elements = quantised ? { int8: Int8Array, uint8: Uint8Array }[input.type] : Float32Array;
  const nhwc = new Elements(bytes);
  const [, height, width, channels] = forms.shape;
  const nchw = new Elements(nhwc.length);
  for (let i = 0; i < nhwc.length; i++) {
    nchw[(i % channels) * height * width + Math.floor(i / channels)] = nhwc[i];
  }
  const type = quantised ? input.type : "float32";
  return {
    note: `${type}, .onnx made by bench`,
    async run() {
      const { output } = await session.run({ input: new ort.Tensor(type, nchw, [1, channels, height, width]) });
      return output.data;
    },
  };
}
