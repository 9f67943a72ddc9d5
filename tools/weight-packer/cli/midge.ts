#!/usr/bin/env node
/** The command line: `midge COMMAND`. Each command is one file; this one joins them and turns errors into one line. */
import { createRequire } from "node:module";
import { Command } from "commander";
import { addBench } from "./bench.js";
import { addBuild } from "./build.js";
import { addClassify } from "./classify.js";
import { addCompare } from "./compare.js";
import { addDetect } from "./detect.js";
import { addEval } from "./eval.js";
import { addInspect } from "./inspect.js";
import { addLink } from "./link.js";
import { addPack } from "./pack.js";
import { addPlan } from "./plan.js";
import { addRun } from "./run.js";
import { addSegment } from "./segment.js";
import { addTune } from "./tune.js";

const { version } = createRequire(import.meta.url)("midge/package.json") as { version: string };

const program = new Command("midge")
  .description("Packs int8 MobileNets and runs them in a few KB of WebAssembly.")
  .version(version)
  .showHelpAfterError("(midge --help lists the commands and their options)")
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "midge: ")) });

const commands = [
  addPack,
  addBuild,
  addPlan,
  addTune,
  addLink,
  addInspect,
  addRun,
  addClassify,
  addDetect,
  addSegment,
  addEval,
  addBench,
  addCompare,
];
for (const add of commands) add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`midge: ${error instanceof Error ? error.message : error}\n`);
  // 3: the budget is too small; scripts may then try a larger one.
  process.exitCode = error instanceof Error && "leastBytes" in error ? 3 : 1;
}
