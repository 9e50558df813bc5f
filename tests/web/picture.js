// Makes docs/images/console.png: plays the example morning on real programs and photographs the
// console. Run with `npm run picture` after a change of the page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { root } from "./mock/page_files.js";
import { startChromium } from "./support/chromium.js";
import { startSite } from "./support/site.js";

const until = "09:16:00";

/** The taps of one terminal's script (docs/terminal-script.md), with their times. @param {string} serial */
async function tapsOf(serial) {
  const script = await readFile(join(root, "examples/brussels/day", `${serial}.script`), "utf8");
  let at = "";
  const taps = [];
  for (const [word, value] of script.split("\n").map((line) => line.split(" "))) {
    if (word === "at") at = value;
    if (word === "tap") taps.push({ at, serial, card: value });
  }
  return taps;
}

const site = await startSite();
try {
  const taps = (await Promise.all(Object.keys(site.terminals).map(tapsOf)))
    .flat()
    .filter(({ at }) => at < until)
    .sort((a, b) => a.at.localeCompare(b.at));
  for (const { at, serial, card } of taps) {
    await site.ask(`at ${at}`);
    const answer = await fetch(`${site.terminals[serial]}/api/tap`, {
      method: "POST",
      body: JSON.stringify({ card }),
    });
    assert.ok(answer.ok, `${serial} did not take a card`);
    await new Promise((done) => setTimeout(done, 400));
  }
  await site.ask(`at ${until}`);

  const browser = await startChromium();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
  await site.signIn(page, "desk");
  await page.goto(site.console);
  await page.getByText("Everything is delivered.").waitFor();
  await page.screenshot({ path: join(root, "docs/images/console.png") });
  await browser.close();
} finally {
  await site.stop();
}
