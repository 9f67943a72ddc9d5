/**
 * Classifies a dropped photograph with dist/ as it lies there: no bundler, no server code. Serve the project's root and
 * open examples/web/. The page's address may name another model: ?model=URL. A dropped .midge file replaces the model.
 */
import { load, MidgeError } from "../../dist/index.js";

const DEFAULT_MODEL = "../../models/cifar10_mobilenet_v2.midge";

const element = (id) => document.getElementById(id);
const drop = element("drop");
const file = element("file");
const photo = element("photo");
const status = element("status");

let model;

/** Puts a line under the photograph. */
function say(text, isError = false) {
  status.textContent = text;
  status.classList.toggle("error", isError);
}

/** Runs a step and says what went wrong, if it did. */
async function attempt(step) {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof MidgeError)) console.error(error);
    say(error.message, true);
  }
}

async function useModel(source) {
  say("Loading the model…");
  model = await load(source);
  const { input, name, labels } = model.info;
  say(`${name || "The model"} is ready: ${input.width}×${input.height} pixels, ${labels.length || "unnamed"} classes.`);
}

async function take(dropped) {
  if (!dropped) return;
  if (dropped.name.endsWith(".midge")) return useModel(await dropped.arrayBuffer());
  const bitmap = await createImageBitmap(dropped).catch(() => {
    throw new MidgeError(`${dropped.name} is no photograph that this browser can read`);
  });
  URL.revokeObjectURL(photo.src);
  photo.src = URL.createObjectURL(dropped);
  photo.alt = dropped.name;
  photo.hidden = false;
  if (!model) throw new MidgeError("There is no model yet");
  show(model.classify(bitmap, { top: 5 }), measure(bitmap));
  bitmap.close();
}

/** Milliseconds: the image made into an input tensor, and the median of some runs on it. */
function measure(bitmap) {
  const start = performance.now();
  const input = model.prepare(bitmap);
  const prepare = performance.now() - start;
  const runs = Array.from({ length: 9 }, () => {
    const begun = performance.now();
    model.run(input);
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  return { prepare, run: runs[4] };
}

function show(classes, times) {
  const { info } = model;
  // Scores of a model without a softmax may exceed one.
  const full = Math.max(1, classes[0].score);
  element("classes").replaceChildren(...classes.map((found, rank) => classRow(found, rank, full)));
  const kib = (bytes) => (bytes === undefined ? "–" : `${(bytes / 1024).toFixed(1)} KiB`);
  const facts = {
    Model: `${times.run.toFixed(1)} ms`,
    Resize: `${times.prepare.toFixed(1)} ms`,
    Memory: kib(info.arenaBytes),
    "Model file": kib(info.fileBytes),
    [`Engine (${info.engine})`]: kib(info.engineBytes),
  };
  element("facts").replaceChildren(...Object.entries(facts).map(fact));
  element("result").hidden = false;
  say(classes[0].label ? `It looks like: ${classes[0].label}.` : `It looks like class ${classes[0].index}.`);
}

function classRow({ label, index, score }, rank, full) {
  const row = document.createElement("li");
  const share = Math.max(score / full, 0);
  const bar = make("span", "bar");
  const fill = document.createElement("i");
  fill.style.width = `${100 * share}%`;
  bar.append(fill);
  row.append(
    make("span", rank === 0 ? "name best" : "name", label ?? `class ${index}`),
    make("span", "score", score.toFixed(3)),
    bar,
  );
  return row;
}

function fact([name, value]) {
  const box = document.createElement("div");
  box.append(make("dt", "", name), make("dd", "", value));
  return box;
}

function make(tag, className, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

file.addEventListener("change", () => attempt(() => take(file.files[0])));
for (const type of ["dragover", "dragleave", "drop"]) {
  // On the whole window: a photograph dropped beside the box must not replace the page.
  window.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", type === "dragover");
    if (type === "drop") attempt(() => take(event.dataTransfer.files[0]));
  });
}

attempt(() => useModel(new URL(new URLSearchParams(location.search).get("model") ?? DEFAULT_MODEL, location.href)));
