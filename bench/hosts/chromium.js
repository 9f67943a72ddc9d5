/** Chromium, the system's. */
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { pageHost } from "./pages.js";

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

/** @param {{ origin: string }} server @param {string[]} v8 flags for its JavaScript engine @returns {Promise<import("./host.js").Host>} */
export async function chromium({ origin }, v8) {
  const executablePath = PATHS.find((path) => existsSync(path));
  if (!executablePath) return { name: "chromium", missing: "no Chromium here (Debian: apt-get install chromium)" };
  const args = v8.length > 0 ? [...FLAGS, `--js-flags=${v8.join(" ")}`] : FLAGS;
  const browser = await puppeteer.launch({ executablePath, args, protocolTimeout: 600_000 });
  return pageHost("chromium", browser, origin);
}
