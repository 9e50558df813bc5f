// A correction after closing, on real programs: a sheet is confirmed, signed and closed; then the desk gives an exit
// that was forgotten and sets a tap aside. Many at once, who is inside, and what waits.
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
import { until } from "./support/until.js";

/** @typedef {import("playwright-core").Page} Page */

const openPage = useBrowser();
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;

const morning = "/api/v1/sheets/S-START-AM/2026-03-02";
const markup = "Another had it. <img src=x onerror=\"document.title='taken'\"><b>x</b>";

/**
 * A card at the door, until the host has concluded what it means.
 * @param {string} person @param {"arrived" | "left"} expected
 */
async function tap(person, expected) {
  const door = site.terminals["TC-DOOR-1"];
  const cards = await (await fetch(`${door}/api/cards`)).json();
  const { card } = cards.find((/** @type {{ label: string }} */ one) => one.label.includes(person));
  const before = (await site.get("/api/v1/overview")).counts.taps_today;
  const answer = await fetch(`${door}/api/tap`, { method: "POST", body: JSON.stringify({ card }) });
  assert.ok(answer.ok);
  await until(async () => {
    const { taps, counts } = await site.get("/api/v1/overview");
    if (counts.taps_today === before) return false;
    return taps[0].person === person && taps[0].outcome === expected;
  }, `the tap of ${person} came to "${expected}"`);
}

/** By the API, as this role. @param {"desk" | "trainer"} role */
async function as(role) {
  const { name, value } = await site.session(role);
  const headers = { Cookie: `${name}=${value}` };
  const session = await (await fetch(`${site.console}/api/v1/session`, { headers })).json();
  return {
    get: async (/** @type {string} */ path) =>
      (await fetch(site.console + path, { headers })).json(),
    post: async (/** @type {string} */ path, /** @type {object} */ body) => {
      const answer = await fetch(site.console + path, {
        method: "POST",
        headers: {
          ...headers,
          "Content-Type": "application/json",
          "X-Rollcall-Token": session.token,
        },
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 200, await answer.clone().text());
      return answer.json();
    },
  };
}

/** @param {"desk" | "trainer"} role @param {string} address @param {Parameters<typeof openPage>[0]} [options] */
async function open(role, address, options) {
  const page = await openPage(options);
  await site.signIn(page, role);
  await page.goto(`${site.console}/${address}`);
  return page;
}

/** The desk's page with this person's day. @param {string} letters @param {RegExp} name */
async function openDay(letters, name) {
  const page = await open("desk", "#/desk");
  await page.getByRole("searchbox").fill(letters);
  const found = page.getByRole("list", { name: "People found" });
  await found.getByRole("button", { name }).click();
  await page.getByRole("heading", { name: "Their day" }).waitFor();
  return page;
}

before(async () => {
  site = await startSite();
  await site.ask("at 08:52:00");
  await tap("p-bbzm", "arrived"); // Yasmina, who will forget to tap out
  await tap("p-9czs", "arrived"); // Mamadou
  await site.ask("at 10:00:00");
  await tap("p-9czs", "left"); // who only passed by the door
  await site.ask("at 12:31:00");
  await tap("p-9czs", "left");
});
after(() => site?.stop());

describe("attendance, corrected by staff", () => {
  test("who is here is found by letters, by session and by room", async () => {
    const page = await open("desk", "#/now");
    const here = page.getByRole("region", { name: "Who is here" });
    await here.getByText("Yasmina El Amrani").waitFor();
    await page.getByRole("button", { name: "Room", exact: true }).click();
    await here.getByRole("heading", { level: 3, name: "Training centre door" }).waitFor();
    const search = page.getByRole("searchbox", { name: "Look for somebody who is here" });
    await search.fill("YASMINÀ");
    await here.getByText("Yasmina El Amrani").waitFor();
    await search.fill("nobody at all");
    await here.getByText("Nobody who is here fits.").waitFor();
    await search.fill("");
    await page.getByRole("button", { name: "Session", exact: true }).click();
    await assertGoodAtAllSizes(page, "corrections-now");
  });

  test("the list for an evacuation is one touch away, is printed, and is on record", async () => {
    const page = await open("desk", "#/now");
    await page.getByRole("link", { name: "Evacuation list" }).click();
    await page.getByRole("heading", { name: "Who may be inside" }).waitFor();
    await page.getByText(/Monday 2 March, 12:3/).waitFor();
    await page.getByRole("checkbox", { name: "Counted: Yasmina El Amrani" }).check();
    await assertGoodAtAllSizes(page, "corrections-evacuation");
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.getByText("Yasmina El Amrani").isVisible());
    assert.ok(!(await page.getByRole("button", { name: "Print" }).isVisible()));
    assert.ok(!(await page.getByRole("navigation").isVisible()));
    assert.ok((await page.pdf({ preferCSSPageSize: true })).length > 1000);
  });

  test("the trainer confirms, everybody signs, and the sheet is closed", async () => {
    await site.ask("at 13:45:00");
    const desk = await as("desk");
    await until(async () => {
      const { missing_exits: exits } = await desk.get("/api/v1/attendance/waiting");
      return exits.some((/** @type {{ person: string }} */ one) => one.person === "p-bbzm");
    }, "the stay without an exit was closed");
    const trainer = await as("trainer");
    const { people } = await trainer.get(morning);
    const lineOf = (/** @type {string} */ id) =>
      people.find((/** @type {{ person: string }} */ one) => one.person === id);
    assert.deepEqual([lineOf("p-bbzm").minutes, lineOf("p-9czs").minutes], [0, 60]);
    await trainer.post(`${morning}/confirm`, {});
    for (const person of ["p-bbzm", "p-9czs"])
      await trainer.post(`${morning}/sign`, { person, form: "witnessed", reason: "At the desk." });
    await trainer.post(`${morning}/close`, {});
    assert.equal((await trainer.get(morning)).state, "closed");
  });

  test("the desk gives the exit that was forgotten", async () => {
    const page = await openDay("yasmina", /Yasmina El Amrani/);
    await page.getByText(/No exit tap: ended by rule at 12:30/).waitFor();
    await page.locator("summary", { hasText: "Something was forgotten" }).click();
    await page.getByLabel("They left").check();
    await page.getByLabel("Time", { exact: true }).fill("12:30");
    await page
      .getByLabel("Reason, without names; it is delivered")
      .first()
      .fill("Forgot to tap out.");
    await assertGoodAtAllSizes(page, "corrections-day");
    await page.getByRole("button", { name: "Record it" }).click();
    await page.getByText("Yasmina El Amrani: the departure is recorded").waitFor();
    await page.getByText("210 minutes seen").waitFor();
    await page
      .getByText(/Forgot to tap out/)
      .first()
      .waitFor();
    assertNoComplaints(page);
  });

  test("a tap that was no movement is set aside, with a reason that is only text", async () => {
    const page = await openDay("mamadou", /Mamadou Diallo/);
    const passing = page.getByRole("listitem").filter({ hasText: "10:00 · Left" });
    await passing.getByRole("button", { name: "Correct: 10:00 · Left" }).click();
    await passing.getByLabel("Reason, without names; it is delivered").fill(markup);
    await assertAccessible(page);
    await screenshot(page, "corrections-tap");
    await passing.getByRole("button", { name: "It was no movement" }).click();
    await page.getByText("Mamadou Diallo: it is corrected, and both stay on record.").waitFor();
    await page.getByText("Set aside: no movement of this person").waitFor();
    await page.getByText(/Left, 10:00, First steps with a computer → Nothing/).waitFor();
    await page
      .getByText(/Another had it. <img/)
      .first()
      .waitFor();
    assert.equal(await page.locator("img[src='x'], main b").count(), 0);
    assert.notEqual(await page.title(), "taken");
    await assertGoodAtAllSizes(page, "corrections-set-aside");
  });

  test("the case system is told what changed, by whom and why", async () => {
    const corrected = /** @type {any[]} */ (
      await until(async () => {
        const events = await site.ask("received attendance.corrected");
        return events.some((/** @type {any} */ one) => one.data.cause.text === markup) && events;
      }, "the corrections are delivered")
    );
    const byStaff = corrected.filter(({ data }) => data.cause.kind === "staff");
    assert.deepEqual(new Set(byStaff.map(({ subject }) => subject)), new Set(["p-bbzm", "p-9czs"]));
    for (const { data } of byStaff) assert.match(data.actor, /^account:/);
    const [assisted] = await site.ask("received attendance.assisted");
    assert.deepEqual(
      [assisted.data.cause, assisted.data.reason],
      ["forgotten", "Forgot to tap out."],
    );
  });

  test("the half-day says that it is outdated and is confirmed anew, and both versions are seen", async () => {
    const page = await open("trainer", "#/sheets");
    await page.getByRole("button", { name: /First steps with a computer/ }).click();
    await page.getByText("Changed since it was confirmed").first().waitFor();
    await assertGoodAtAllSizes(page, "corrections-outdated");
    await page.getByRole("button", { name: "Confirm it as it is now" }).click();
    await page.getByText("Confirmed, to be signed").first().waitFor();
    await page.locator("summary", { hasText: "Versions (2)" }).click();
    await page.getByText(/Version 2: confirmed by/).waitFor();
    await page.getByText(/Version 1: confirmed by/).waitFor();
    for (const name of ["Yasmina El Amrani", "Mamadou Diallo"])
      await page
        .getByRole("row", { name: new RegExp(name) })
        .getByText(/^210/)
        .waitFor();
    await page.getByText("Withdrawn signatures (2)").waitFor();
    await assertAccessible(page);
    assertNoComplaints(page);
  });

  test("many are recorded at once, after one question that says how many", async () => {
    const page = await open("desk", "#/now");
    await page.getByRole("link", { name: "Record for many: Digital tools at work" }).click();
    await page.getByRole("heading", { name: "Record for many" }).waitFor();
    await page.getByRole("button", { name: /Record the arrival of \d+ people/ }).waitFor();
    await page.getByLabel("Time", { exact: true }).fill("13:30");
    await page.getByLabel("Reason, without names; it is delivered").fill(markup);
    await assertGoodAtAllSizes(page, "corrections-many");
    const ticked = await page.getByRole("checkbox", { checked: true }).count();
    await page.getByRole("button", { name: `Record the arrival of ${ticked} people` }).click();
    const sure = page.getByRole("alertdialog");
    await sure
      .getByText(`${ticked} people will be recorded as arrived`, { exact: false })
      .waitFor();
    await assertAccessible(page);
    await screenshot(page, "corrections-many-sure");
    await page.keyboard.press("Enter");
    await page.getByText(`${ticked} people recorded, as assisted.`).waitFor();
    await page.getByRole("button", { name: "All", exact: true }).click();
    await page.getByRole("button", { name: /Record the arrival of/ }).click();
    await page.getByRole("button", { name: "Yes, record it" }).click();
    await page.getByText("0 people recorded, as assisted.").waitFor();
    await page.getByText(`${ticked} people were left as they are:`).waitFor();
    await screenshot(page, "corrections-many-again");
    const events = /** @type {any[]} */ (
      await until(async () => {
        const all = await site.ask("received attendance.assisted");
        return all.length === ticked + 1 && all;
      }, "one event for each is delivered")
    );
    for (const { data } of events) assert.deepEqual([data.method, data.taps], ["assisted", []]);
    assert.equal(await page.locator("img[src='x'], main b").count(), 0);
    assertNoComplaints(page);
  });

  test("an exit that nobody tapped is answered in the inbox in one touch", async () => {
    await site.ask("at 17:45:00");
    const page = await open("desk", "#/inbox");
    await page.getByRole("heading", { name: "Who did not tap out" }).waitFor({ timeout: 20_000 });
    await assertGoodAtAllSizes(page, "corrections-inbox");
    const answers = page.getByRole("button", { name: /left at 16:30/ });
    const before = await answers.count();
    await answers.first().click();
    await page.getByText(/the departure is recorded, as assisted/).waitFor();
    await until(async () => (await answers.count()) === before - 1, "one is answered");
    await page
      .getByRole("link", { name: /Their day/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "Their day" }).waitFor();
    assert.equal(new URL(page.url()).hash, "#/desk", "whose day it was stays in no address");
    assertNoComplaints(page);
  });

  test("names with markup are only names, on every one of these pages", async () => {
    await (
      await as("desk")
    ).post("/api/v1/attendance/assist", {
      person: "p-mark",
      direction: "in",
      cause: "other",
    });
    const page = await open("desk", "#/evacuation");
    await page
      .getByText(/Zed <img/)
      .first()
      .waitFor();
    await page.goto(`${site.console}/#/desk/p-mark/2026-03-02`);
    await page.getByRole("heading", { name: "Their day" }).waitFor();
    await page.getByRole("heading", { name: /onerror=/ }).waitFor();
    assert.equal(await page.locator("img[src='x'], main b").count(), 0);
    assert.equal(await page.title(), "Rollcall console");
    await assertFits(page);
    assertNoComplaints(page);
  });

  test("speaks French, in the dark too; a viewer has the list, not the corrections", async () => {
    const page = await open("desk", "#/desk/p-9czs/2026-03-02", {
      language: "fr-BE",
      scheme: "dark",
    });
    await page.getByRole("heading", { name: "Sa journée" }).waitFor();
    await assertGoodAtAllSizes(page, "corrections-day-fr-dark");
    const viewer = await openPage();
    await site.signIn(viewer, "viewer");
    await viewer.goto(`${site.console}/#/many/S-WORK-PM`);
    await viewer.getByRole("region", { name: "Who is here" }).waitFor();
    assert.equal(await viewer.getByRole("link", { name: /Record for many/ }).count(), 0);
    await viewer.getByRole("link", { name: "Evacuation list" }).click();
    await viewer.getByRole("heading", { name: "Who may be inside" }).waitFor();
  });
});
