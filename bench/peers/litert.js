/**
 * LiteRT.js: the .tflite file on XNNPACK in WebAssembly, one thread. Variants: "relaxed", its build for relaxed SIMD,
 * and "compat", plain SIMD.
 *
 * Its public interface knows no int8 and int64 tensors. Models with such inputs or outputs run on the same objects one
 * layer below, and the lane's note quotes the refusal.
 */

const FILES = { relaxed: "litert_wasm_internal.js", compat: "litert_wasm_compat_internal.js" };

/** Its numbers for element types. */
const INT64 = 4;
const INT8 = 9;

/** @param {import("./environment.js").Environment} environment @param {import("./lane.js").Job} job */
export async function load(environment, { variant, folder, input: { shape } }) {
  const litert = await environment.module("node_modules/@litertjs/core/dist/index.js");
  const lib = await litert.loadLiteRt(environment.url(`node_modules/@litertjs/core/wasm/${FILES[variant]}`));
  const [source, bytes] = await Promise.all(
    ["model.tflite", "input.bin"].map((file) => environment.read(`${folder}/${file}`)),
  );
  const start = performance.now();
  try {
    const model = await litert.loadAndCompile(source, { accelerator: "wasm" });
    return { run: () => runPublic(litert, model, bytes, shape) };
  } catch (error) {
    if (!/Element type \w+ is not supported/.test(error?.message)) throw error;
    const lostMs = performance.now() - start;
    return { run: await internals(lib, source, bytes), lostMs, note: `public interface: ${error.message}` };
  }
}

async function runPublic(litert, model, bytes, shape) {
  const tensor = new litert.Tensor(bytes, shape);
  const outputs = await model.run([tensor]);
  const values = outputs[0].toTypedArray().slice();
  for (const output of outputs) output.delete();
  tensor.delete();
  return values;
}

/** The same steps as loadAndCompile, Tensor and run take, without their table of types. */
async function internals(lib, source, bytes) {
  const wasm = lib.liteRtWasm;
  const environment = lib.getDefaultEnvironment();
  const address = wasm._malloc(source.byteLength);
  wasm.HEAPU8.set(source, address);
  const native = environment.liteRtEnvironment;
  const model = wasm.loadModel(native, address, source.byteLength);
  const compiled = await wasm.compileModel(native, model, {
    environment,
    accelerator: "wasm",
    cpuOptions: { numThreads: 1 },
    gpuOptions: {},
    webNNOptions: {},
  });
  const { WRITE, READ } = wasm.LiteRtTensorBufferLockMode;
  const host = wasm.LiteRtTensorBufferType.HOST_MEMORY;
  return async () => {
    const type = model.getInputTensorType(0, 0);
    const tensor = wasm.LiteRtTensorBuffer.createManaged(native, host, type, bytes.length);
    type.delete();
    wasm.HEAPU8.set(bytes, tensor.lock(WRITE));
    tensor.unlock();
    const outputs = await compiled.run(0, [tensor]);
    const values = read(wasm, outputs[0], READ);
    for (const output of outputs) output.delete();
    tensor.delete();
    return values;
  };
}

/** A copy of a buffer's elements. */
function read(wasm, buffer, mode) {
  const ranked = buffer.tensorType();
  const type = ranked.elementType().value;
  ranked.delete();
  const size = buffer.size();
  const from = buffer.lock(mode);
  const copy = wasm.HEAPU8.slice(from, from + size);
  buffer.unlock();
  if (type === INT64) return new BigInt64Array(copy.buffer);
  return type === INT8 ? new Int8Array(copy.buffer) : copy;
}
