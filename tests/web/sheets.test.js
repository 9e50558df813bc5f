// The trainer's morning, on real programs: who was there is confirmed, signed, put right and closed.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
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

const [yasmina, mamadou, elif] = ["Yasmina El Amrani", "Mamadou Diallo", "Elif Yıldız"];

/**
 * A card at the door, until the host has concluded what it means.
 * @param {string} person @param {"arrived" | "left"} expected
 */
async function tap(person, expected) {
  const door = site.terminals["TC-DOOR-1"];
  const cards = await (await fetch(`${door}/api/cards`)).json();
  const { card } = cards.find((/** @type {{ label: string }} */ one) => one.label.includes(person));
  const answer = await fetch(`${door}/api/tap`, { method: "POST", body: JSON.stringify({ card }) });
  assert.ok(answer.ok);
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    const { taps } = await site.get("/api/v1/overview");
    if (taps[0]?.person === person && taps[0].outcome === expected) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  assert.fail(`the tap of ${person} did not come to "${expected}"`);
}

before(async () => {
  site = await startSite();
  await site.ask("at 08:52:00");
  await tap("p-bbzm", "arrived");
  await tap("p-9czs", "arrived");
  await site.ask("at 09:24:00");
  await tap("p-nqgj", "arrived");
  await site.ask("at 11:40:00");
  await tap("p-9czs", "left");
});
after(() => site?.stop());

/** The trainer's page with the morning chosen. */
async function openMorning() {
  const page = await openPage();
  await site.signIn(page, "trainer");
  await page.goto(`${site.console}/#/sheets`);
  await page.getByRole("button", { name: /First steps with a computer/ }).click();
  const lineOf = (/** @type {string} */ name) => page.getByRole("row", { name: new RegExp(name) });
  return { page, lineOf };
}

/** A few strokes with the mouse. @param {Page} page */
async function drawSignature(page) {
  const box = await page.locator("svg.field").boundingBox();
  assert.ok(box);
  const at = (/** @type {number} */ x, /** @type {number} */ y) =>
    /** @type {const} */ ([box.x + x * box.width, box.y + y * box.height]);
  await page.mouse.move(...at(0.15, 0.7));
  await page.mouse.down();
  for (const [x, y] of [
    [0.25, 0.2],
    [0.35, 0.75],
    [0.45, 0.3],
    [0.6, 0.7],
    [0.85, 0.45],
  ])
    await page.mouse.move(...at(x, y), { steps: 4 });
  await page.mouse.up();
}

describe("the trainer's half-day", () => {
  test("is there when its trainer opens the page, and those of others stand apart", async () => {
    const page = await openPage();
    await site.signIn(page, "trainer");
    await page.goto(`${site.console}/#/sheets`);
    await page.getByRole("heading", { name: "First steps with a computer" }).waitFor();
    const listAfter = (/** @type {string} */ title) =>
      page.locator(`h3:has-text("${title}") + ul`).getByRole("button");
    assert.match(String(await listAfter("Yours").allTextContents()), /^First steps/);
    assert.match(String(await listAfter("Of others").allTextContents()), /^Digital tools.*Office/);
  });

  test("shows who is here and cannot be confirmed before its end", async () => {
    const { page, lineOf } = await openMorning();
    await lineOf(yasmina).getByText("Present").waitFor();
    await lineOf(yasmina).getByText("still here").waitFor();
    await lineOf(elif).getByText("Late").waitFor();
    await lineOf(mamadou).getByText("Left early").waitFor();
    await page.getByText("the half-day is not over yet", { exact: false }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Confirm this half-day" }).count(), 0);
    await assertGoodAtAllSizes(page, "sheets-open");
  });

  test("is confirmed shortly before the end, with the hours of who stays", async () => {
    const { page, lineOf } = await openMorning();
    await site.ask("at 12:20:00");
    await page.getByRole("button", { name: "Confirm this half-day" }).click();
    await page.getByText("Confirmed, to be signed").first().waitFor();
    await lineOf(yasmina).getByText("210").waitFor();
    await lineOf(elif)
      .getByText(/^18[56]/)
      .waitFor(); // from 9:24 and a moment
    await lineOf(mamadou).getByText("160").waitFor();
  });

  test("states module, day and hours large to who signs", async () => {
    const { page, lineOf } = await openMorning();
    await page.getByRole("button", { name: `Sign: ${yasmina}` }).click();
    await page.getByText("First steps with a computer").waitFor();
    await page.locator(".half-day", { hasText: /Monday 2 March.*Morning, 09:00–12:30/ }).waitFor();
    assert.ok(await page.getByRole("button", { name: "I was there, and I sign" }).isDisabled());
    await assertGoodAtAllSizes(page, "sheets-signing");
    await drawSignature(page);
    await screenshot(page, "sheets-signed-field");
    await page.getByRole("button", { name: "I was there, and I sign" }).click();
    await page.getByText(`${yasmina} has signed.`).waitFor();
    await lineOf(yasmina).getByRole("img", { name: /Drawn/ }).waitFor();
  });

  test("the wrong half-day that was signed is withdrawn, and stays on record", async () => {
    const { page, lineOf } = await openMorning();
    await page.getByRole("button", { name: `Withdraw: ${yasmina}` }).click();
    await page.getByText("It stays on record").waitFor();
    await page.getByText("Withdrawn signatures (1)").click();
    await page.getByText(`${yasmina}, signed 12:2`, { exact: false }).waitFor();
    await page.getByRole("button", { name: `Sign: ${yasmina}` }).click();
    await drawSignature(page);
    await page.getByRole("button", { name: "I was there, and I sign" }).click();
    await lineOf(yasmina).getByRole("img", { name: /Drawn/ }).waitFor();
  });

  test("nobody is stuck: with a witness, or closed without a signature", async () => {
    const { page, lineOf } = await openMorning();
    await page.getByRole("button", { name: `Sign: ${elif}` }).click();
    await page.getByText("Cannot sign here?").click();
    await page.getByRole("button", { name: "Sign with me as witness" }).click();
    await page.getByRole("alert").getByText("reason", { exact: false }).waitFor();
    await page.getByLabel("Reason, without names").fill("The hand is in plaster.");
    await page.getByRole("button", { name: "Sign with me as witness" }).click();
    await lineOf(elif).getByText("With a witness").waitFor();

    assert.ok(await page.getByRole("button", { name: "Close the sheet" }).isDisabled());
    await page.getByRole("button", { name: `Sign: ${mamadou}` }).click();
    await page.getByText("Cannot sign here?").click();
    await page.getByLabel("Reason, without names").fill("Had to catch the bus.");
    await page.getByRole("button", { name: "Left before signing" }).click();
    await lineOf(mamadou).getByText("Left before signing").waitFor();
    await assertGoodAtAllSizes(page, "sheets-confirmed");
  });

  test("a tap after the signature changes nothing of the sheet, and it is closed", async () => {
    const { page } = await openMorning();
    await site.ask("at 12:31:00");
    await tap("p-bbzm", "left");
    await new Promise((done) => setTimeout(done, 6_000)); // the page asks again
    await page.getByText("Confirmed, to be signed").first().waitFor();
    await page.getByRole("button", { name: "Close the sheet" }).click();
    await page.getByText("The sheet is closed.").waitFor();
    assertNoComplaints(page);
  });

  test("prints as PDF", async () => {
    const { page } = await openMorning();
    const { name, value } = await site.session("trainer");
    const path = await page.getByRole("link", { name: "Print" }).getAttribute("href");
    const response = await fetch(`${site.console}${path}`, {
      headers: { Cookie: `${name}=${value}` },
    });
    assert.equal(response.headers.get("content-type"), "application/pdf");
    assert.equal((await response.text()).slice(0, 5), "%PDF-");
  });

  test("is nobody's business at the desk", async () => {
    const { name, value } = await site.session("desk");
    const response = await fetch(`${site.console}/api/v1/sheets`, {
      headers: { Cookie: `${name}=${value}` },
    });
    assert.equal(response.status, 403);
  });
});
