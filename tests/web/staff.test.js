// What people do at the console, each with their role, on real programs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  assertAccessible,
  assertFits,
  assertGoodAtAllSizes,
  assertNoComplaints,
  screenshot,
  useBrowser,
} from "./support/browser.js";
import { startSite } from "./support/site.js";

/** @typedef {import("./support/browser.js").Page} Page */

const openPage = useBrowser();
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
before(async () => {
  site = await startSite();
  await site.ask("at 08:52:00");
});
after(() => site?.stop());

const password = "three calm words";

/** @param {Page} page @param {string} name @param {string} secret */
async function fill(page, name, secret) {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(secret);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** @param {Page} page @param {string} text */
async function find(page, text) {
  await page.getByRole("searchbox").fill(text);
  return page.getByRole("list", { name: "People found" });
}

/** Signed in as the desk, on its page. */
async function openDesk() {
  const page = await openPage();
  await site.signIn(page, "desk");
  await page.goto(`${site.console}/#/desk`);
  await page.getByRole("heading", { name: "Find a person" }).waitFor();
  return page;
}

/** A card that nobody knows, at the terminal of the door. */
async function tapUnknownCard() {
  const answer = await fetch(`${site.terminals["TC-DOOR-1"]}/api/tap`, {
    method: "POST",
    body: JSON.stringify({ card: "04C0FFEE000001" }),
  });
  assert.ok(answer.ok);
}

describe("the console's people", () => {
  test("nobody sees anything before signing in", async () => {
    const page = await openPage();
    await page.goto(site.console);
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    assert.equal((await fetch(`${site.console}/api/v1/overview`)).status, 401);
    await assertGoodAtAllSizes(page, "staff-sign-in");
  });

  test("the link of the start makes the first manager, once", async () => {
    const page = await openPage();
    await page.goto(site.first_manager);
    await page.getByRole("heading", { name: "Welcome to Rollcall" }).waitFor();
    await assertGoodAtAllSizes(page, "staff-first-manager");
    await page.getByLabel("Name", { exact: true }).fill("Sophie");
    await page.getByLabel("New password").fill(password);
    await page.getByRole("button", { name: "Make the manager" }).click();
    await page
      .getByRole("alert")
      .getByText(/lower-case letters/)
      .waitFor();
    await page.getByLabel("Name", { exact: true }).fill("sophie");
    await page.getByRole("button", { name: "Make the manager" }).click();
    await page.getByText("Manager", { exact: true }).waitFor();
    assert.equal(new URL(page.url()).hash, "", "the link stays in no address");
    assertNoComplaints(page);

    const again = await openPage();
    await again.goto(site.first_manager);
    await again.getByLabel("Name", { exact: true }).fill("another");
    await again.getByLabel("New password").fill(password);
    await again.getByRole("button", { name: "Make the manager" }).click();
    await again
      .getByRole("alert")
      .getByText(/used up or too old/)
      .waitFor();
  });

  test("a wrong password is told, the right one opens the console, signing out closes it", async () => {
    const page = await openPage();
    await page.goto(site.console);
    await fill(page, "desk", "not the password");
    await page.getByRole("alert").getByText("do not go together").waitFor();
    await assertAccessible(page);
    await screenshot(page, "staff-wrong-password");
    await fill(page, "desk", site.passwords.desk);
    await page.getByText("Front desk", { exact: true }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path })),
      [{ httpOnly: true, sameSite: "Strict", path: "/" }],
    );
    await page.reload();
    await page.getByText("Front desk", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    assertNoComplaints(page);
  });

  test("a forgotten card: the desk finds the person and records the arrival in one touch", async () => {
    const page = await openDesk();
    const found = await find(page, "amadou");
    await found.getByRole("button", { name: /Mamadou Diallo/ }).click();
    await page.getByRole("heading", { name: "Mamadou Diallo" }).waitFor();
    await assertGoodAtAllSizes(page, "staff-desk");
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole("button", { name: "Card forgotten" }).click();
    await page.getByText("Mamadou Diallo: the arrival is recorded, as assisted.").waitFor();
    await screenshot(page, "staff-desk-arrived");
    await page.getByRole("link", { name: "Now", exact: true }).click();
    const here = page.getByRole("region", { name: "Who is here" });
    await here.getByText("Mamadou Diallo").waitFor({ timeout: 5000 });
    await page.getByRole("link", { name: "Desk", exact: true }).click();
    await page.getByRole("group", { name: "Record that they left, because" }).waitFor();
    await page.getByRole("button", { name: "Help wanted" }).click();
    await page.getByText("the departure is recorded").waitFor();
    assertNoComplaints(page);
  });

  test("a code for today is shown once; a card that was never issued cannot be lost", async () => {
    const page = await openDesk();
    await (await find(page, "yasmina")).getByRole("button", { name: /Yasmina El Amrani/ }).click();
    await page.getByRole("button", { name: "Give a code" }).click();
    await page.getByText(/^\d{4} \d{4}$/).waitFor();
    await assertAccessible(page);
    await screenshot(page, "staff-desk-code");
    const card = page.getByRole("group", { name: "The person's card" });
    await card.getByLabel("Reason, without names").fill("Left on the bus.");
    await card.getByRole("button", { name: "The card is lost" }).click();
    await page
      .getByRole("alert")
      .getByText(/nothing was changed/)
      .waitFor();
    assert.equal(await page.getByText(/^\d{4} \d{4}$/).count(), 0);
    assertNoComplaints(page);
  });

  test("an unknown card goes from the inbox to its person, by keyboard alone", async () => {
    await tapUnknownCard();
    const page = await openPage();
    await site.signIn(page, "desk");
    await page.goto(`${site.console}/#/inbox`);
    const whose = page.getByRole("button", { name: /Whose card is it\?/ }).first();
    await whose.waitFor();
    await assertGoodAtAllSizes(page, "staff-inbox");
    await whose.focus();
    await page.keyboard.press("Enter");
    await page.getByText(/Find the person whose card/).waitFor();
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("elif");
    await page.getByRole("button", { name: /Elif Yıldız/ }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const attach = page.getByRole("button", { name: "Attach it to Elif Yıldız" });
    await attach.focus();
    await screenshot(page, "staff-desk-attach");
    await page.keyboard.press("Enter");
    await page.getByText(/Elif Yıldız: the card is attached/).waitFor();
    await page.getByRole("link", { name: /Inbox/ }).click();
    await page.getByText("Nothing is waiting for you.").waitFor({ timeout: 5000 });
    assertNoComplaints(page);
  });

  test("a name with markup in it is only a name", async () => {
    const page = await openDesk();
    await (await find(page, "zed")).getByRole("button", { name: /<b>bold<\/b>/ }).click();
    await page.getByRole("heading", { name: /onerror=/ }).waitFor();
    await page.getByRole("button", { name: "Card forgotten" }).click();
    await page.getByText(/the arrival is recorded/).waitFor();
    await page.getByRole("link", { name: "Now", exact: true }).click();
    await page
      .getByRole("region", { name: "Who is here" })
      .getByText(/Zed <img/)
      .waitFor();
    assert.equal(await page.locator("img[src='x'], main b").count(), 0);
    assert.equal(await page.title(), "Rollcall console");
    await assertFits(page);
    assertNoComplaints(page);
  });

  test("a viewer has neither desk nor inbox, and the daemon refuses what the page does not offer", async () => {
    const page = await openPage();
    await site.signIn(page, "viewer");
    await page.goto(`${site.console}/#/desk`);
    await page.getByRole("region", { name: "Who is here" }).waitFor();
    assert.equal(await page.getByRole("navigation").count(), 0);
    const status = await page.evaluate(async () => {
      const session = await (await fetch("/api/v1/session")).json();
      const response = await fetch("/api/v1/attendance/assist", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Rollcall-Token": session.token },
        body: JSON.stringify({ person: "p-9czs", direction: "in", cause: "no_card" }),
      });
      return [response.status, (await fetch("/api/v1/people?find=a")).status];
    });
    assert.deepEqual(status, [403, 403]);
    await assertAccessible(page);
    await screenshot(page, "staff-viewer");
  });

  test("speaks French to French readers, on every page", async () => {
    const page = await openPage({ language: "fr-BE", scheme: "dark" });
    await site.signIn(page, "desk");
    await page.goto(`${site.console}/#/desk`);
    await page.getByRole("heading", { name: "Trouver une personne" }).waitFor();
    await page.getByRole("searchbox").fill("amadou");
    await page.getByRole("button", { name: /Mamadou Diallo/ }).click();
    await assertGoodAtAllSizes(page, "staff-desk-fr-dark");
    await page.getByRole("link", { name: /À traiter/ }).click();
    await page.getByRole("heading", { name: "À traiter par vous" }).waitFor();
    await assertAccessible(page);
  });
});
