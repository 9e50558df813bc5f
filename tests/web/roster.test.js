// 8:00: a new roster replaces most people. 8:05: the newcomers tap, six with cards that nobody knows yet. 8:30: the desk
// says whose they are. On real programs; the sheet has everybody with the time they came.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  assertGoodAtAllSizes,
  assertNoComplaints,
  screenshot,
  useBrowser,
} from "./support/browser.js";
import { startSite } from "./support/site.js";

const openPage = useBrowser();
const newcomers = 25;
const withoutCard = 6;
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
before(async () => {
  site = await startSite({ newRoster: true });
});
after(() => site?.stop());

const idOf = (/** @type {number} */ n) => `new-${String(n).padStart(2, "0")}`;
const cardOf = (/** @type {number} */ n) =>
  `0477${n.toString(16).padStart(2, "0")}01020304`.toUpperCase();

/** At the door; until the host has answered. @param {number} n @param {string} outcome */
async function tap(n, outcome) {
  const door = site.terminals["TC-DOOR-1"];
  const card = cardOf(n);
  const sent = await fetch(`${door}/api/tap`, { method: "POST", body: JSON.stringify({ card }) });
  assert.ok(sent.ok);
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const { answers } = await (await fetch(`${door}/api/state`)).json();
    if (answers[0]?.card === card) return assert.equal(answers[0].outcome, outcome, idOf(n));
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`no answer to ${idOf(n)}`);
}

describe("a new roster while people come", () => {
  test("its newcomers are known at once, and what would remove many waits for a yes", async () => {
    await site.ask("at 08:00:00");
    await site.ask("new-roster");
    const page = await openPage();
    await site.signIn(page, "desk");
    await page.goto(`${site.console}/#/inbox`);
    await page.getByText("People or courses to be removed wait for your yes").waitFor();
    await site.ask("at 08:05:00");
    for (let n = 0; n < newcomers; n++) await tap(n, n < withoutCard ? "see_staff" : "arrived");
    const whose = page.getByRole("button", { name: /Whose card is it\?/ });
    await whose.nth(withoutCard - 1).waitFor();
    assert.equal(await whose.count(), withoutCard);
    await assertGoodAtAllSizes(page, "roster-inbox");
    assertNoComplaints(page);
  });

  test("the desk says whose the unknown cards are", async () => {
    await site.ask("at 08:30:00");
    const page = await openPage();
    await site.signIn(page, "desk");
    for (let n = 0; n < withoutCard; n++) {
      await page.goto(`${site.console}/#/inbox`);
      await page
        .getByRole("button", { name: /Whose card is it\?/ })
        .first()
        .click();
      await page.getByRole("searchbox").fill(idOf(n));
      await page.getByRole("button", { name: new RegExp(`Newcomer ${n}\\b`) }).click();
      await page.getByRole("button", { name: `Attach it to Newcomer ${n}`, exact: true }).click();
      await page.getByText(`Newcomer ${n}: the card is attached`).waitFor();
    }
    await page.goto(`${site.console}/#/inbox`);
    await page.getByText("People or courses to be removed wait for your yes").waitFor();
    await page
      .getByRole("button", { name: /Whose card is it\?/ })
      .first()
      .waitFor({ state: "detached" });
    assertNoComplaints(page);
  });

  test("the sheet has all of them with the time they came", async () => {
    const page = await openPage();
    await site.signIn(page, "trainer");
    await page.goto(`${site.console}/#/sheets`);
    await page.getByRole("button", { name: /First steps with a computer/ }).click();
    const came = page.getByRole("row", { name: /Newcomer \d+ .*08:05/ });
    await came.nth(newcomers - 1).waitFor();
    assert.equal(await came.count(), newcomers);
    await screenshot(page, "roster-sheet");
    assertNoComplaints(page);
  });

  test("a manager agrees to the removals", async () => {
    const page = await openPage();
    await page.goto(site.first_manager);
    await page.getByLabel("Name", { exact: true }).fill("sophie");
    await page.getByLabel("New password").fill("three calm words");
    await page.getByRole("button", { name: "Make the manager" }).click();
    await page.getByRole("link", { name: /Inbox/ }).click();
    await page.locator("summary", { hasText: "Agree" }).click();
    await screenshot(page, "roster-agree");
    await page.getByRole("button", { name: "Yes, remove them" }).click();
    await page.getByText("The removals are done.").waitFor();
    await page.getByText("Nothing is waiting for you.").waitFor({ timeout: 5000 });
    assertNoComplaints(page);
  });
});
