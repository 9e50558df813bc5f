// Both pages on real programs: what a person does at the terminal is seen on panel and console.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { root, securityHeaders } from "./mock/page_files.js";
import {
  assertAccessible,
  assertFits,
  assertNoComplaints,
  screenshot,
  useBrowser,
} from "./support/browser.js";
import { startSite } from "./support/site.js";

/** @typedef {import("./support/browser.js").Page} Page */

const openPage = useBrowser();
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/** Address of the terminal at the training centre's door. */
let door = "";
before(async () => {
  site = await startSite();
  door = site.terminals["TC-DOOR-1"];
  await site.ask("at 08:52:00");
});
after(() => site?.stop());

// Where the panel's buttons are, in its 800 x 480 pixels (daemon/screens/draw.cpp).
const otherWay = { x: 400, y: 400 };
const besideIt = { x: 400, y: 100 };
const yes = { x: 250, y: 400 };
const firstOption = { x: 200, y: 220 };
const instrument = join(root, "examples/brussels/instruments/digital-self-check.json");
const questions = JSON.parse(await readFile(instrument, "utf8")).questions.length;

async function openBoth() {
  const console = await openPage();
  await site.signIn(console, "viewer");
  await console.goto(site.console);
  await console.getByText("Live", { exact: true }).waitFor();
  const terminal = await openPage();
  await terminal.goto(door);
  await terminal.getByText("Connected", { exact: true }).waitFor();
  return { console, terminal };
}

/** @param {Page} terminal @param {string} label */
async function tap(terminal, label) {
  await terminal.getByRole("searchbox").fill(label);
  await terminal.locator(".cards button").first().click();
}

/** A finger on the panel. @param {Page} terminal @param {{ x: number, y: number }} point */
async function touch(terminal, { x, y }) {
  const panel = terminal.getByRole("application");
  const box = await panel.boundingBox();
  assert.ok(box);
  await panel.click({ position: { x: (x / 800) * box.width, y: (y / 480) * box.height } });
}

/** A finger that strikes the same place again within 0.3 s is one touch; a person reads first. */
function aMomentToRead() {
  return new Promise((done) => setTimeout(done, 400));
}

/** The first choice of a kiosk page. @param {Page} kiosk */
async function touchFirst(kiosk) {
  await aMomentToRead();
  await kiosk.locator(".choices button").first().click();
}

/** The panel's picture as the page shows it. @param {Page} terminal */
async function picture(terminal) {
  const response = await terminal.request.get(`${door}/api/screen.png`);
  return (await response.body()).toString("base64");
}

/** Waits until the panel shows another picture. @param {Page} terminal @param {string} before */
async function pictureAfter(terminal, before) {
  for (let tries = 0; tries < 100; tries++) {
    const now = await picture(terminal);
    if (now !== before) return now;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail("the panel's picture did not change");
}

/** @param {Page} console @param {string} label */
async function figure(console, label) {
  const text = await console
    .locator(".summary a", { hasText: label })
    .locator(".figure")
    .innerText();
  return Number(text.replaceAll(",", ""));
}

describe("a site's pages", () => {
  test("both programs send the policy that the pages are tested under", async () => {
    for (const address of [site.console, door]) {
      const { headers } = await fetch(address);
      for (const [name, value] of Object.entries(securityHeaders)) {
        // The console shows the terminals' displays, too.
        const sent = headers.get(name)?.replaceAll(/(?<='self') http:[^;]*/g, "");
        assert.equal(sent, value, `${name} of ${address}`);
      }
    }
  });

  test("the console shows what a terminal's display shows", async () => {
    const { console } = await openBoth();
    const display = console.getByRole("img", { name: "Display: Training centre door" });
    await display.waitFor();
    await console.waitForFunction(
      () =>
        /** @type {HTMLImageElement | null} */ (document.querySelector(".display"))?.naturalWidth,
    );
    const size = await display.evaluate((image) => {
      const { naturalWidth, naturalHeight } = /** @type {HTMLImageElement} */ (image);
      return [naturalWidth, naturalHeight];
    });
    assert.deepEqual(size, [800, 480]);
    assertNoComplaints(console);
  });

  // First, because nothing is offered while others stand in line.
  test("an assessment is offered, answered with a finger, and counted", async () => {
    const { console, terminal } = await openBoth();
    const before = (await overview()).counts.assessments_today ?? 0;
    await tap(terminal, "p-9czs");
    await terminal.getByText("Green: accepted").waitFor({ timeout: 2000 });
    await terminal.getByText("Screen: a message for this person").waitFor({ timeout: 5000 });
    await screenshot(terminal, "site-terminal-arrived");
    let shown = await picture(terminal);
    await touch(terminal, besideIt); // lets the answer stand
    shown = await pictureAfter(terminal, shown);
    await screenshot(terminal, "site-terminal-offer");
    await touch(terminal, yes);
    for (let question = 1; question <= questions; question++) {
      shown = await pictureAfter(terminal, shown);
      await screenshot(terminal, `site-terminal-question-${question}`);
      await aMomentToRead();
      await touch(terminal, firstOption);
    }
    await pictureAfter(terminal, shown);
    await screenshot(terminal, "site-terminal-thanks");
    for (let tries = 0; tries < 100; tries++) {
      if (((await overview()).counts.assessments_today ?? 0) > before) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal((await overview()).counts.assessments_today, before + 1);
    assertNoComplaints(console);
  });

  test("a tapped card is answered green on the panel and the person is on the console within 2 s", async () => {
    const { console, terminal } = await openBoth();
    const here = console.getByRole("region", { name: "Who is here" });
    assert.equal(await here.getByText("Yasmina El Amrani").count(), 0);
    const idle = await picture(terminal);

    const started = Date.now();
    await tap(terminal, "p-bbzm");
    await terminal.getByText("Green: accepted").waitFor({ timeout: 2000 });
    await here.getByText("Yasmina El Amrani").waitFor({ timeout: 2000 });
    assert.ok(Date.now() - started < 2000, `${Date.now() - started} ms`);
    assert.notEqual(await picture(terminal), idle);
    await screenshot(terminal, "site-terminal-green");

    await console.getByText("Everything is delivered.").waitFor({ timeout: 10_000 });
    assertNoComplaints(console);
    assertNoComplaints(terminal);
  });

  test("a card nobody knows gives amber, a calm screen and an entry for staff", async () => {
    const { console, terminal } = await openBoth();
    const waiting = await figure(console, "Waiting for you");
    await tap(terminal, "a card nobody knows");
    await terminal.getByText("Amber: recorded, not yet checked").waitFor({ timeout: 2000 });
    await screenshot(terminal, "site-terminal-amber");
    const inbox = console.getByRole("region", { name: "Waiting for you" });
    await inbox.getByText("Card nobody knows yet").waitFor({ timeout: 2000 });
    assert.equal(await figure(console, "Waiting for you"), waiting + 1);
  });

  test("taps without the cable are kept and reach the console when it is back", async () => {
    const { console, terminal } = await openBoth();
    const cable = terminal.getByRole("switch", { name: "Cable to the host" });
    await cable.click();
    await terminal.getByText("Unplugged").waitFor();
    const terminals = console.getByRole("region", { name: "Terminals" });
    await terminals.getByText(/Offline since/).waitFor({ timeout: 10_000 });
    await tap(terminal, "p-nqgj");
    await terminal.getByText("Amber: recorded, not yet checked").waitFor({ timeout: 3000 });
    await terminal.getByText(/1 of at most .* taps wait in its memory/).waitFor();
    await screenshot(terminal, "site-terminal-offline");
    await cable.click();
    await terminal.getByText("No tap waits in its memory").waitFor({ timeout: 10_000 });
    await console.getByText("tapped while offline").first().waitFor({ timeout: 3000 });
    await console.getByRole("region", { name: "Who is here" }).getByText("Elif Yıldız").waitFor();
  });

  test("a stopped daemon is said on both pages, and both recover by themselves", async () => {
    const { console, terminal } = await openBoth();
    await site.ask("stop-daemon");
    await console.getByText("The connection to Rollcall is lost.").waitFor({ timeout: 5000 });
    await terminal.getByText("Plugged in, waiting for the host").waitFor({ timeout: 15_000 });
    await site.ask("start-daemon");
    await console.getByText("Live", { exact: true }).waitFor({ timeout: 10_000 });
    await terminal.getByText("Connected", { exact: true }).waitFor({ timeout: 15_000 });
  });

  // The way of somebody at a reader of the daemon's own machine, with the page beside it.
  test("an assessment is answered at the kiosk page, and the next person served", async () => {
    const kiosk = await openPage();
    await kiosk.goto(site.kiosk);
    await kiosk.locator('main[data-kind="idle"]').waitFor();
    const before = (await overview()).counts.assessments_today ?? 0;
    await site.ask("reader place uid b2a6a5d0");
    await kiosk.locator('main[data-kind="offer"]').waitFor();
    await site.ask("reader remove");
    await screenshot(kiosk, "site-kiosk-offer");
    await touchFirst(kiosk);
    for (let question = 1; question <= questions; question++) {
      const bar = kiosk.locator(`[role="progressbar"][aria-valuenow="${question}"]`);
      await bar.waitFor();
      if (question === 1) await screenshot(kiosk, "site-kiosk-question");
      await touchFirst(kiosk);
    }
    await kiosk.locator('main[data-kind="thank_you"]').waitFor();
    await screenshot(kiosk, "site-kiosk-thanks");
    for (let tries = 0; tries < 100; tries++) {
      if (((await overview()).counts.assessments_today ?? 0) > before) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal((await overview()).counts.assessments_today, before + 1);
    await site.ask("reader place uid 00c0ffee");
    await kiosk.locator('main[data-kind="see_desk"]').waitFor();
    await site.ask("reader remove");
    assertNoComplaints(kiosk);
    await site.ask("stop-daemon");
    await kiosk.locator('main[data-kind="not_working"]').waitFor({ timeout: 15_000 });
    await site.ask("start-daemon");
    await kiosk.locator('main[data-kind="idle"]').waitFor({ timeout: 15_000 });
  });

  test("who was understood the wrong way says so where they tapped, and the console follows", async () => {
    const { console, terminal } = await openBoth();
    const here = console.getByRole("region", { name: "Who is here" });
    await tap(terminal, "p-sgnp");
    await here.getByText("Hoàng Thị Lan").waitFor({ timeout: 5000 });
    await terminal.getByText("Screen: a message for this person").waitFor({ timeout: 5000 });
    await screenshot(terminal, "site-terminal-other-way");
    await touch(terminal, otherWay);
    await terminal.getByText("Screen: left").waitFor({ timeout: 5000 });
    await here.getByText("Hoàng Thị Lan").waitFor({ state: "detached", timeout: 5000 });

    const kiosk = await openPage();
    await kiosk.goto(site.kiosk);
    await kiosk.locator('main[data-kind="idle"]').waitFor();
    await site.ask("reader place uid 04974390137b1e");
    await kiosk.locator('main[data-kind="arrived"]').waitFor();
    await site.ask("reader remove");
    await here.getByText("Grace Mensah").waitFor({ timeout: 5000 });
    await aMomentToRead();
    await kiosk.getByRole("button", { name: "I am leaving" }).click();
    await kiosk.locator('main[data-kind="left"]').waitFor();
    await here.getByText("Grace Mensah").waitFor({ state: "detached", timeout: 5000 });
    await kiosk.locator('main[data-kind="idle"]').waitFor();
    assertNoComplaints(kiosk);
  });

  test("the power cut leaves the terminal's taps and page as they were", async () => {
    const { terminal } = await openBoth();
    await terminal.getByRole("button", { name: "Cut the power" }).click();
    await terminal.getByText("Connected", { exact: true }).waitFor({ timeout: 15_000 });
    await terminal.getByText("Screen: ready for a card").waitFor();
  });

  test("both pages are accessible with real content", async () => {
    for (const scheme of /** @type {const} */ (["light", "dark"])) {
      const page = await openPage({ scheme });
      await site.signIn(page, "viewer");
      for (const [name, address] of Object.entries({
        console: site.console,
        terminal: door,
      })) {
        await page.goto(address);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForTimeout(500);
        await assertAccessible(page);
        await assertFits(page);
        await screenshot(page, `site-${name}-${scheme}`);
      }
    }
  });
});

/** @returns {Promise<import("../../daemon/console/web/overview.js").Overview>} */
async function overview() {
  return site.get("/api/v1/overview");
}
