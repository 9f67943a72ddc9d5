/** tfjs-tflite, TensorFlow.js's own TFLite runtime: the .tflite file on XNNPACK in WebAssembly, one thread. */

/** @param {import("./environment.js").Environment} environment @param {import("./lane.js").Job} job */
export async function load(environment, { folder, input: { shape, type } }) {
  const tf = await environment.classic("@tensorflow/tfjs-core", "dist/tf-core.min.js", "tf");
  await environment.classic("@tensorflow/tfjs-backend-cpu", "dist/tf-backend-cpu.min.js", "tf");
  const tflite = await environment.classic("@tensorflow/tfjs-tflite", "dist/tf-tflite.min.js", "tflite");
  await tf.setBackend("cpu");
  tflite.setWasmPath(environment.path("node_modules/@tensorflow/tfjs-tflite/wasm/"));
  const source = await environment.read(`${folder}/model.tflite`);
  const model = await tflite.loadTFLiteModel(source.buffer, { numThreads: 1 });
  const bytes = await environment.read(`${folder}/input.bin`);
  const values = Int32Array.from(type === "int8" ? new Int8Array(bytes.buffer) : bytes);
  // It warns of the type at every run, which takes longer than small models do.
  console.warn = () => {};
  return {
    run: () =>
      tf.tidy(() => {
        const output = model.predict(tf.tensor(values, shape, "int32"));
        return (output.dataSync ? output : Object.values(output)[0]).dataSync();
      }),
  };
}
