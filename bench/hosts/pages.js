/** Lanes in a browser: a page of its own for every lane, each in a context (and so a process) of its own. */

/**
 * A host of a browser that puppeteer-core has launched.
 *
 * @param {string} name
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} origin of hosts/server.js
 * @returns {Promise<import("./host.js").Host>}
 */
export async function pageHost(name, browser, origin) {
  return {
    name,
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
          memory: async () => ({ ...(await ask("memory")), ...(await heap(page)) }),
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

/** JavaScript's heap, where the browser tells: Chromium. */
async function heap(page) {
  try {
    return { heapBytes: (await page.metrics()).JSHeapUsedSize };
  } catch {
    return {};
  }
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
