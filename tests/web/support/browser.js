// One headless Chromium for all tests of a file, and what tests ask of a page.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";

import { root } from "../mock/page_files.js";
import { startChromium } from "./chromium.js";

/** @typedef {import("playwright-core").Page} Page */

const screenshots = join(root, "build/screenshots");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const sizes = /** @type {const} */ ({
  desk: { width: 1440, height: 900 },
  tablet: { width: 768, height: 1024 },
  phone: { width: 390, height: 844 },
  narrow: { width: 360, height: 740 },
});

/**
 * Starts the browser before the tests of the calling file and ends it after them.
 * @returns {(options?: PageOptions) => Promise<Page>} opens a page
 *
 * @typedef {object} PageOptions
 * @property {keyof typeof sizes} [size]
 * @property {"light" | "dark"} [scheme]
 * @property {string} [language]
 */
export function useBrowser() {
  /** @type {import("playwright-core").Browser} */
  let browser;
  before(async () => {
    browser = await startChromium();
  });
  after(() => browser?.close());
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));

  return async ({ size = "desk", scheme = "light", language = "en-GB" } = {}) => {
    const context = await browser.newContext({
      viewport: sizes[size],
      colorScheme: scheme,
      locale: language,
      timezoneId: "America/New_York", // never the site's: pages must show the site's own time
    });
    const page = await context.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("Failed to load resource"))
        complaints.push(message.text());
    });
    troubles.set(page, complaints);
    return page;
  };
}

/** @type {WeakMap<Page, string[]>} */
const troubles = new WeakMap();

/** Nothing was thrown, and the content security policy blocked nothing. @param {Page} page */
export function assertNoComplaints(page) {
  assert.deepEqual(troubles.get(page), []);
}

/** WCAG 2.2 A and AA, by axe. @param {Page} page */
export async function assertAccessible(page) {
  await page.evaluate(axe); // through the debugger: the page's own policy stays as strict as it is
  const found = await page.evaluate(async () => {
    const results = await /** @type {any} */ (window).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return results.violations.map((/** @type {any} */ violation) => ({
      id: violation.id,
      help: violation.help,
      at: violation.nodes.map((/** @type {any} */ node) => node.html).slice(0, 3),
    }));
  });
  assert.deepEqual(found, []);
}

/** No part of the page is wider than the window. @param {Page} page */
export async function assertFits(page) {
  const excess = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(excess <= 0, `the page is ${excess} px too wide`);
}

/** For people to look at: build/screenshots/NAME.png. @param {Page} page @param {string} name */
export async function screenshot(page, name) {
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/**
 * Looks at a page in every size; axe runs in the widest and the narrowest.
 * @param {Page} page
 * @param {string} name of the screenshots
 */
export async function assertGoodAtAllSizes(page, name) {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await screenshot(page, `${name}-${size}`);
    await assertFits(page);
    if (size === "desk" || size === "narrow") await assertAccessible(page);
    await screenshot(page, `${name}-${size}`);
  }
  assertNoComplaints(page);
}
