/**
 * `npm run bench [-- --quick] [--model NAME] [--peer NAME] [--seconds S] [--check OLD.json]`
 *
 * Runs midge's builds and its peers in one Chromium page, warm, one thread, in turn, and prints ratios. A fresh browser
 * for every model and peer. Results go to bench/results/latest.json with the machine's description. Needs `npm run build`
 * and a Chromium (Debian: apt-get install chromium); installs its own packages in bench/ if they are not there.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";
import { machine } from "./machine.js";
import { models } from "./models.js";
import { PEERS } from "./peers.js";
import { serve } from "./server.js";
import { sizes } from "./sizes.js";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    model: { type: "string" },
    peer: { type: "string" },
    seconds: { type: "string" },
    check: { type: "string" },
  },
});
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
if (!chromium) throw new Error("there is no Chromium here (Debian: apt-get install chromium)");
if (!existsSync(here("node_modules"))) execFileSync("npm", ["ci"], { cwd: here("."), stdio: "inherit" });

const seconds = Number(options.seconds ?? (options.quick ? 3 : 15));
const chosen = models().filter(({ name }) => !options.model || name.includes(options.model));
const peers = PEERS.filter(({ name }) => !options.peer || name.includes(options.peer));
const { server, origin } = await serve(chosen, peers);
const results = [];
try {
  for (const model of chosen) for (const peer of peers) results.push(await measure(model, peer));
} finally {
  server.close();
}
const report = { machine: machine(await version()), seconds, sizes: sizes(), results };
print(report);
mkdirSync(here("results"), { recursive: true });
writeFileSync(here("results/latest.json"), `${JSON.stringify(report, null, 1)}\n`);
if (options.check) compare(JSON.parse(readFileSync(options.check, "utf8")), report);

/** Chromium, started so that it asks nothing of the network. */
function launch() {
  const flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking";
  const more = "--disable-component-update --disable-sync";
  return puppeteer.launch({ executablePath: chromium, args: `${flags} ${more}`.split(" ") });
}

async function version() {
  const browser = await launch();
  const text = await browser.version();
  await browser.close();
  return text;
}

/** One model, midge's builds and one peer in turn in one page. Times in milliseconds. */
async function measure(model, peer) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/`);
    await page.waitForFunction("window.measure", { timeout: 20_000 });
    const times = await page.evaluate(
      (name, peerName, s) => window.measure(name, peerName, s),
      model.name,
      peer.name,
      seconds,
    );
    return { model: model.name, peer: peer.name, macs: model.macs, arenaBytes: model.arenaBytes, times };
  } finally {
    await browser.close();
  }
}

function print({ machine: m, results: rows, sizes: bytes }) {
  console.log(`${m.cpu}; ${m.features.join(", ")}; ${m.browser}\nminimum ms (median); ratio = peer's minimum / ours\n`);
  for (const { model, peer, times } of rows) {
    const ours = Object.entries(times).filter(([name]) => name.startsWith("midge"));
    const theirs = times.peer;
    const best = Math.min(...ours.map(([, t]) => t.min));
    const cell = (t) => (t.error ? t.error : `${t.min.toFixed(3)} (${t.median.toFixed(3)})`);
    console.log(`${model}\n  ${peer.padEnd(22)} ${cell(theirs)}`);
    for (const [name, t] of ours) {
      const ratio = theirs.error ? "" : `  ratio ${(theirs.min / t.min).toFixed(2)}${t.min === best ? " *" : ""}`;
      console.log(`  ${name.padEnd(22)} ${cell(t)}${ratio}`);
    }
  }
  console.log("\nwhat a page fetches beside the model, bytes            raw      gzip    brotli");
  for (const { what, raw, gzip, brotli } of bytes) {
    console.log(`  ${what.padEnd(44)}${[raw, gzip, brotli].map((n) => String(n).padStart(10)).join("")}`);
  }
}

/** Compares ratios, which travel better than milliseconds, with those of an earlier run. */
function compare(before, now) {
  const ratio = ({ times }, name) => (times.peer.error || !times[name] ? undefined : times.peer.min / times[name].min);
  console.log(`\nratios against ${basename(options.check)}`);
  for (const row of now.results) {
    const old = before.results.find((r) => r.model === row.model && r.peer === row.peer);
    for (const name of Object.keys(row.times).filter((key) => key !== "peer")) {
      const [was, is] = [old && ratio(old, name), ratio(row, name)];
      if (was && is) console.log(`  ${row.model} ${row.peer} ${name}: ${was.toFixed(2)} -> ${is.toFixed(2)}`);
    }
  }
}
