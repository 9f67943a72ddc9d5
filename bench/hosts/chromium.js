/** Chromium: a page of its own for every lane, each in a context (and so a process) of its own. */
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** So that a browser started as root asks nothing of the network. Nothing here changes how WebAssembly runs. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @param {{ origin: string }} server @returns {Promise<import("./host.js").Host>} */
export async function chromium({ origin }) {
  const executablePath = PATHS.find((path) => existsSync(path));
  if (!executablePath) return { name: "chromium", missing: "no Chromium here (Debian: apt-get install chromium)" };
  const browser = await puppeteer.launch({ executablePath, args: FLAGS, protocolTimeout: 600_000 });
  return {
    name: "chromium",
    version: await browser.version(),
    async open(job) {
      const { page, ask, complaint, close } = await openPage(browser, origin);
      try {
        const facts = await ask("open", job);
        const timed = async (call, ms) => {
          await page.bringToFront();
          return ask(call, ms);
        };
        return {
          facts,
          warm: (ms) => timed("warm", ms),
          sample: (ms) => timed("sample", ms),
          again: () => ask("again"),
          complaint,
          async memory() {
            const { JSHeapUsedSize } = await page.metrics();
            return { ...(await ask("memory")), heapBytes: JSHeapUsedSize };
          },
          close,
        };
      } catch (error) {
        await close();
        throw error;
      }
    },
    async compile(path) {
      const { ask, close } = await openPage(browser, origin);
      try {
        return await ask("compile", path);
      } finally {
        await close();
      }
    },
    close: () => browser.close(),
  };
}

/** A page in a context of its own, and a way to call its functions. */
async function openPage(browser, origin) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const printed = [];
  page.on("pageerror", (error) => printed.push(error.message ?? String(error)));
  page.on("console", (message) => message.type() === "error" && printed.push(message.text()));
  await page.goto(`${origin}/`);
  await page.waitForFunction("window.midgeBench", { timeout: 20_000 });
  const ask = async (name, argument) => {
    const { value, error } = await page.evaluate(
      async (n, a) => {
        try {
          return { value: await window.midgeBench[n](a) };
        } catch (thrown) {
          return { error: String(thrown?.message ?? thrown) };
        }
      },
      name,
      argument,
    );
    if (error !== undefined) throw new Error(telling(error, printed));
    return value;
  };
  /** TFLite's runtimes print so what they do not throw. */
  const complaint = () => printed.findLast((line) => line.startsWith("ERROR: "));
  return { page, ask, complaint, close: () => context.close() };
}

/** The first line; with the last that was printed where that says nothing: some runtimes throw numbers. */
function telling(error, printed) {
  const line = error.trim().split("\n")[0];
  return /^\d*$|^Aborted|failed\.?$/i.test(line) && printed.length > 0 ? `${line}: ${printed.at(-1)}` : line;
}
