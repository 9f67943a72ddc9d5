/** Firefox, the system's, over WebDriver BiDi. */
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { pageHost } from "./pages.js";

const PATHS = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

/** So that it asks nothing of the network. Nothing here changes how WebAssembly runs. */
const PREFERENCES = {
  "app.update.enabled": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
};

/** @param {{ origin: string }} server @returns {Promise<import("./host.js").Host>} */
export async function firefox({ origin }) {
  const name = "firefox";
  const executablePath = PATHS.find((path) => existsSync(path));
  if (!executablePath) return { name, missing: "no Firefox here (Debian: apt-get install firefox-esr)" };
  try {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath,
      headless: true,
      extraPrefsFirefox: PREFERENCES,
      protocolTimeout: 600_000,
    });
    return await pageHost(name, browser, origin);
  } catch (error) {
    return { name, missing: `Firefox does not start: ${error.message.split("\n")[0]}` };
  }
}
