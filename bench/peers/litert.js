/** LiteRT.js (@litertjs/core) in a page: WebAssembly, one thread. */
import * as litert from "/litert/dist/index.js";

/** Loads a .tflite model; gives a function from input to the first output's elements. */
export async function load(source, shape) {
  await litert.loadLiteRt("/litert/wasm/");
  const model = await litert.loadAndCompile(source, { accelerator: "wasm" });
  return async (input) => {
    const tensor = new litert.Tensor(input, shape);
    const [output] = await model.run([tensor]);
    const values = output.toTypedArray();
    const copy = values.slice();
    output.delete();
    tensor.delete();
    return copy;
  };
}
