/** Midge: the variant's build of the engine, the packed model. */

/** @param {import("./environment.js").Environment} environment @param {import("./lane.js").Job} job */
export async function load(environment, { variant, folder, warm }) {
  const [{ load: loadModel }, engine, file] = await Promise.all([
    environment.module("dist/core.js"),
    environment.module(`dist/engine/${variant}.js`),
    environment.read(`${folder}/model.midge`),
  ]);
  const model = await loadModel(file, { engines: [engine[variant]], engine: variant, warm });
  const bytes = await environment.read(`${folder}/input.bin`);
  const input = model.info.input.quantisedType === "int8" ? new Int8Array(bytes.buffer) : bytes;
  return { run: () => model.run(input)[0] };
}
