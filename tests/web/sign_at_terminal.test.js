// The end of the morning at the door: everybody signs with their own card, one after another, on real programs; and one
// person by drawing, at the kiosk page in the hall.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { root } from "./mock/page_files.js";
import { assertAccessible, assertNoComplaints, screenshot, useBrowser } from "./support/browser.js";
import { startSite } from "./support/site.js";
import { until } from "./support/until.js";

const run = promisify(execFile);
const openPage = useBrowser();
const morning = 26; // 25 at the door, one in the hall
const budgetSeconds = 180;
// A card that comes sooner after its screen cannot have read it (flows::SigningPace).
const readMs = 750;

/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
let door = "";
/** @type {Map<string, string>} chip numbers by pseudonym, of participants */
const cards = new Map();
/** @type {string[]} those who were there */
let people = [];

const later = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));

const doorState = async () => (await fetch(`${door}/api/state`)).json();
const cardOf = (/** @type {string} */ person) => /** @type {string} */ (cards.get(person));

/** Until the terminal has answered. @param {string} person @param {...string} outcomes */
async function tap(person, ...outcomes) {
  const card = cardOf(person);
  const before = (await doorState()).answers[0]?.time;
  const sent = await fetch(`${door}/api/tap`, { method: "POST", body: JSON.stringify({ card }) });
  assert.ok(sent.ok);
  await until(async () => {
    const [newest] = (await doorState()).answers;
    if (!newest || newest.time === before || newest.card !== card) return false;
    assert.ok(outcomes.includes(newest.outcome), `${person}: ${newest.outcome}`);
    return true;
  }, `an answer to ${person}`);
}

const asked = () => until(async () => (await doorState()).slot === "live", "a screen that asks");

/** @param {string} name */
async function doorPicture(name) {
  const picture = await fetch(`${door}/api/screen.png`);
  await mkdir(join(root, "build/screenshots"), { recursive: true });
  await writeFile(
    join(root, `build/screenshots/${name}.png`),
    Buffer.from(await picture.arrayBuffer()),
  );
}

const sheetPath = "/api/v1/sheets/S-START-AM/2026-03-02";
/** @type {ReturnType<typeof site.session> | undefined} */
let trainer;
async function sheet() {
  const { name, value } = await (trainer ??= site.session("trainer"));
  const response = await fetch(`${site.console}${sheetPath}`, {
    headers: { Cookie: `${name}=${value}` },
  });
  assert.equal(response.status, 200);
  return response.json();
}
/** @param {string} person */
async function signatureOf(person) {
  const { people: lines } = await sheet();
  return lines.find((/** @type {any} */ line) => line.person === person)?.signature;
}

/** With the card again at the screen that asks; once more when it came too soon to be read. @param {string} person */
async function sign(person) {
  for (let tries = 0; tries < 5; tries++) {
    await asked();
    await later(readMs);
    await tap(person, "recorded");
    for (const end = Date.now() + 1500; Date.now() < end; await later(20)) {
      if (await signatureOf(person)) return;
    }
  }
  assert.fail(`${person} has not signed`);
}

before(async () => {
  site = await startSite({ morning });
  door = site.terminals["TC-DOOR-1"];
  for (const { card, label } of await (await fetch(`${door}/api/cards`)).json()) {
    const [role, person] = label.split(" ");
    if (role === "participant" && !cards.has(person)) cards.set(person, card);
  }
  const expected = (await sheet()).people.map((/** @type {any} */ line) => line.person);
  assert.equal(expected.length, morning);
  people = expected;
  await site.ask("at 08:52:00");
  for (const person of people) await tap(person, "arrived");
});
after(() => site?.stop());

describe("who was there signs where they tap", () => {
  test("the trainer confirms the morning first", async () => {
    await site.ask("at 12:18:00");
    const page = await openPage();
    await site.signIn(page, "trainer");
    await page.goto(`${site.console}/#/sheets`);
    await page.getByRole("button", { name: /First steps with a computer/ }).click();
    await page.getByRole("button", { name: "Confirm this half-day" }).click();
    await page.getByText("Confirmed, to be signed").first().waitFor();
    assertNoComplaints(page);
  });

  test("somebody else's card does not sign, and the screen is theirs", async () => {
    const [first, second] = people;
    await site.ask("at 12:31:00");
    await tap(first, "left");
    await asked();
    await doorPicture("door-sign");
    await later(readMs);
    await tap(second, "left");
    await asked();
    assert.equal(await signatureOf(first), null);
    await sign(second);
    await asked();
    await doorPicture("door-signed");
    assert.equal((await signatureOf(second)).form, "card");
    assert.equal(await signatureOf(first), null);
  });

  test(`twenty-five people sign by card within ${budgetSeconds} s of one terminal`, async () => {
    const [first, , ...others] = people.slice(0, 25);
    const started = Date.now();
    for (const person of [...others, first]) {
      // Who was not signed before comes once more.
      await tap(person, "left", ...(person === first ? ["repeat"] : []));
      await sign(person);
    }
    await until(async () => (await sheet()).done === 25, "all signatures");
    const each = (Date.now() - started) / 24;
    const seconds = (25 * each) / 1000;
    console.log(`25 people signed by card at one terminal in ${seconds.toFixed(1)} s`);
    assert.ok(seconds < budgetSeconds, `${seconds} s`);
    for (const line of (await sheet()).people.slice(0, 25))
      assert.equal(line.signature?.form, "card", line.person);
    const { present } = await site.get("/api/v1/overview");
    for (const { person } of present)
      assert.ok(!others.includes(person), `${person}: the second tap moved nobody`);
  });

  test("one signs by drawing at the kiosk page", async () => {
    const person = people[25];
    const kiosk = await openPage();
    await kiosk.setViewportSize({ width: 1280, height: 800 });
    await kiosk.goto(site.kiosk);
    await kiosk.locator('main[data-kind="idle"]').waitFor();
    await site.ask(`reader place uid ${cardOf(person).toLowerCase()}`);
    await kiosk.locator('main[data-kind="left"]').waitFor();
    await kiosk.locator('main[data-kind="sign"]').waitFor();
    await site.ask("reader remove");
    await kiosk.getByRole("heading", { name: "First steps with a computer" }).waitFor();
    await kiosk.getByText(/Lundi 2 mars, matin|Monday 2 March, morning/).waitFor();
    await assertAccessible(kiosk);
    await screenshot(kiosk, "site-kiosk-sign");
    const done = kiosk.getByRole("button", { name: /^I was there, and I sign$|^J’étais là/ });
    assert.ok(await done.isDisabled());
    const box = await kiosk.locator("svg.field").boundingBox();
    assert.ok(box);
    await kiosk.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.6);
    await kiosk.mouse.down();
    for (const [x, y] of [
      [0.3, 0.2],
      [0.4, 0.7],
      [0.55, 0.3],
      [0.8, 0.55],
    ])
      await kiosk.mouse.move(box.x + box.width * x, box.y + box.height * y, { steps: 4 });
    await kiosk.mouse.up();
    await screenshot(kiosk, "site-kiosk-drawn");
    await done.click();
    await kiosk.locator('main[data-kind="signed"]').waitFor();
    await screenshot(kiosk, "site-kiosk-signed");
    const signature = await signatureOf(person);
    assert.equal(signature.form, "drawn");
    assert.equal(signature.strokes.length, 1);
    await kiosk.locator('main[data-kind="idle"]').waitFor();
    assertNoComplaints(kiosk);
  });

  test("the trainer sees who has signed and how, and paper says it", async () => {
    const page = await openPage();
    await site.signIn(page, "trainer");
    await page.goto(`${site.console}/#/sheets`);
    await page.getByRole("button", { name: /First steps with a computer/ }).click();
    await page
      .getByText(/By card/)
      .nth(24)
      .waitFor();
    assert.equal(await page.getByText(/^By card, 12:3/).count(), 25);
    await screenshot(page, "sheets-signed-by-card");
    const { name, value } = await (trainer ?? site.session("trainer"));
    const pdf = await fetch(`${site.console}${sheetPath}/pdf?language=en`, {
      headers: { Cookie: `${name}=${value}` },
    });
    const file = join(root, "build/screenshots/signed-by-card.pdf");
    await writeFile(file, Buffer.from(await pdf.arrayBuffer()));
    const { stdout } = await run("pdftotext", ["-layout", file, "-"]);
    assert.equal(stdout.match(/Signed by card/g)?.length, 25);
    assertNoComplaints(page);
  });
});
