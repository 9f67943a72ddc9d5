/** The measuring page: hosts/chromium.js calls these. */
import { compileTime } from "/peers/compile.js";
import { pageEnvironment } from "/peers/environment.js";
import { openLane } from "/peers/lane.js";

const environment = pageEnvironment();
let lane;

window.midgeBench = {
  async open(job) {
    lane = await openLane(environment, job);
    return lane.facts;
  },
  warm: (ms) => lane.warm(ms),
  sample: (ms) => lane.sample(ms),
  again: () => lane.again(),
  memory: () => ({ wasmBytes: lane.memoryBytes() }),
  compile: (path) => compileTime(environment, path),
};
