/**
 * What hosts have in common.
 *
 * @typedef {object} Host where lanes run
 * @property {string} name
 * @property {string} [missing] why it cannot be had; nothing else is there then
 * @property {string} [version]
 * @property {string} [executable] of Node
 * @property {(job: import("../peers/lane.js").Job) => Promise<OpenLane>} [open]
 * @property {(path: string) => Promise<number>} [compile] ms that the host takes to compile a module, where it can tell
 * @property {() => Promise<void>} [close]
 *
 * @typedef {object} OpenLane
 * @property {{ loadMs: number, firstMs: number, secondMs: number, note?: string, output: number[] }} facts
 * @property {(ms: number) => Promise<void>} warm
 * @property {(ms: number) => Promise<number[]>} sample
 * @property {() => Promise<number[]>} again the output of one more run
 * @property {() => string | undefined} [complaint] an error that the runtime printed and did not throw
 * @property {() => Promise<{ wasmBytes?: number, heapBytes?: number, residentBytes?: number }>} memory
 * @property {() => Promise<void>} close
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A child process that ended, or could not be started. */
export class ProcessError extends Error {
  name = "ProcessError";
}

/**
 * A child process that answers requests, a line of JSON each: {call, argument} in, {value} or {error} out.
 *
 * @returns {{ ask: (call: string, argument?: unknown) => Promise<any>, close: () => Promise<void> }}
 */
export function converse(command, args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const waiting = [];
  let printed = "";
  let ended;
  child.stderr.on("data", (text) => {
    printed = (printed + text).slice(-2000);
  });
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith('{"')) return;
    const { value, error } = JSON.parse(line);
    const { resolve, reject } = waiting.shift();
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  const closed = new Promise((resolve) => {
    child.on("error", (error) => end(error.message));
    child.on("close", (code) => end(`the process ended (${code}): ${printed.trim().split("\n").at(-1)}`));
    const end = (reason) => {
      ended = new ProcessError(reason);
      for (const { reject } of waiting.splice(0)) reject(ended);
      resolve();
    };
  });
  return {
    ask(call, argument) {
      if (ended) return Promise.reject(ended);
      const answer = new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      child.stdin.write(`${JSON.stringify({ call, argument })}\n`);
      return answer;
    },
    async close() {
      child.stdin.end();
      await closed;
    },
  };
}

/** A lane in a process that has yet to open its job. @returns {Promise<OpenLane>} */
export async function conversingLane({ ask, close }, job) {
  try {
    return {
      facts: await ask("open", job),
      warm: (ms) => ask("warm", ms),
      sample: (ms) => ask("sample", ms),
      again: () => ask("again"),
      memory: () => ask("memory"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
