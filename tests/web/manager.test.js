// What managers do at the console, on real programs, with a roster whose names would be a page's
// undoing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { assertGoodAtAllSizes, assertNoComplaints, useBrowser } from "./support/browser.js";
import { startSite } from "./support/site.js";
import { until } from "./support/until.js";

/** @typedef {import("./support/browser.js").Page} Page */

const openPage = useBrowser();
/** @type {Awaited<ReturnType<typeof startSite>>} */
let site;
/** The manager's session. */
const sophie = { cookie: "", token: "" };
const hidden = { person: "p-mg6x", name: "Verborgen Naam" };
const trainer = "p-g99t"; // whom the trainer's account acts as
const badge = "04A1B2C3D4E5F6";
const hostile = ["p-mark", "p-quote", "p-tick", "p-turn", "p-frame"];

/** As the manager, by the API. @param {string} path @param {object} [body] */
async function ask(path, body) {
  const response = await fetch(`${site.console}${path}`, {
    method: body ? "POST" : "GET",
    headers: {
      Cookie: sophie.cookie,
      "X-Rollcall-Token": sophie.token,
      "Content-Type": "application/json",
    },
    body: body && JSON.stringify(body),
  });
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
  return response;
}

before(async () => {
  site = await startSite({ hostile: true });
  const link = site.first_manager.split("#first-manager=")[1];
  const made = await fetch(`${site.console}/api/v1/first-manager`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ link, name: "sophie", password: "three calm words" }),
  });
  assert.equal(made.status, 200, await made.clone().text());
  sophie.cookie = (made.headers.get("set-cookie") ?? "").split(";")[0];
  sophie.token = (await made.json()).token;
  await site.ask("at 08:52:00");
  for (const person of [...hostile, hidden.person])
    await ask("/api/v1/attendance/assist", { person, direction: "in", cause: "no_card" });
  await site.ask("at 12:20:00");
});
after(() => site?.stop());

/** A page of the manager. @param {string} hash @param {import("./support/browser.js").PageOptions} [options] */
async function open(hash, options) {
  const page = await openPage(options);
  const [name, value] = sophie.cookie.split("=");
  await page
    .context()
    .addCookies([{ name, value, url: site.console, httpOnly: true, sameSite: "Strict" }]);
  await page.goto(`${site.console}/${hash}`);
  await page.locator("main:not(.alone)").waitFor();
  return page;
}

/** Fetches what a link to paper leads to, as the page would. @param {Page} page @param {import("playwright-core").Locator} link */
async function assertPaper(page, link) {
  const href = await link.getAttribute("href");
  const response = await page.context().request.get(`${site.console}${href}`);
  assert.equal(response.status(), 200);
  assert.equal(response.headers()["content-type"], "application/pdf");
  assert.equal((await response.body()).subarray(0, 5).toString(), "%PDF-");
}

describe("the manager", () => {
  test("issues a trainer a card and gives them a PIN; with both they sign in", async () => {
    const page = await open("#/desk");
    await page.getByRole("searchbox").fill(trainer);
    await page.getByRole("button", { name: new RegExp(trainer) }).click();
    const card = page.getByRole("group", { name: "Issue a card" });
    await card.getByLabel("Where the card is held").selectOption({ value: "HALL-READER" });
    await card.getByLabel("Reason, without names").fill("For signing in.");
    await card.getByRole("button", { name: "Issue a card" }).click();
    await page.getByText(/Hold a blank card to “Hall”/).waitFor();
    await site.ask(`reader place desfire ${badge}`);
    await page.getByText("The card is theirs now.").waitFor();
    await site.ask("reader remove");

    await page.getByRole("link", { name: "Accounts" }).click();
    await page.getByRole("button", { name: "New PIN: trainer" }).click();
    const pin = (await page.locator(".made").textContent()) ?? "";
    assert.match(pin, /^\d{6}$/);
    await page.getByText("signs in with card and PIN").waitFor();
    await assertGoodAtAllSizes(page, "manager-pin");

    const own = await openPage();
    await own.goto(site.console);
    await own.getByRole("button", { name: "Sign in with card and PIN" }).click();
    const begin = async (/** @type {string} */ typed) => {
      await own.getByLabel("Name", { exact: true }).fill("trainer");
      await own.getByLabel("PIN", { exact: true }).fill(typed);
      await own.getByRole("button", { name: "Continue" }).click();
    };
    await begin(pin === "000000" ? "000001" : "000000");
    await own.getByRole("alert").getByText("do not go together").waitFor();
    await assertGoodAtAllSizes(own, "sign-in-pin");
    await begin(pin);
    const hold = own.getByRole("status").getByText("Now hold your card to the reader: Hall");
    await hold.waitFor();
    await assertGoodAtAllSizes(own, "sign-in-card");
    await own.getByRole("button", { name: "Cancel" }).click();
    await begin(`${pin.slice(0, 3)} ${pin.slice(3)}`);
    await hold.waitFor();
    await own.reload();
    await own.getByRole("button", { name: "Sign in with card and PIN" }).click();
    await begin(pin); // nobody waits for the card any more
    await hold.waitFor();
    const taps = (await site.ask("received tap.recorded")).length;
    await site.ask("reader place uid 04C0FFEE000001"); // somebody else's
    await own.waitForTimeout(2000);
    await hold.waitFor();
    await site.ask("reader remove");
    await site.ask(`reader place desfire ${badge}`);
    await own.getByText("Trainer", { exact: true }).waitFor();
    await site.ask("reader remove");

    await until(async () => (await site.ask("received tap.recorded")).length === taps + 2);
    const arrived = await site.ask("received attendance.arrived");
    assert.ok(!arrived.some((/** @type {any} */ event) => event.subject === trainer));
    await page.getByRole("link", { name: "Record" }).click();
    await page.getByText("Signed in with card and PIN").first().waitFor();
    await page.getByRole("link", { name: "Accounts" }).click();
    await page.getByRole("button", { name: "Remove PIN: trainer" }).click();
    await page.getByText("trainer has no PIN any more.").waitFor();
  });

  test("makes an account, which signs in and changes its password; the record shows it", async () => {
    const page = await open("#/accounts");
    await page.getByLabel("Name to sign in with").fill("Nadia");
    await page.getByRole("radio", { name: "Front desk" }).check();
    await page.getByRole("button", { name: "Make the account" }).click();
    await page
      .getByRole("alert")
      .getByText(/lower-case letters/)
      .waitFor();
    await page.getByLabel("Name to sign in with").fill("nadia");
    await page.getByRole("button", { name: "Make the account" }).click();
    const password = (await page.locator(".made").textContent()) ?? "";
    await assertGoodAtAllSizes(page, "manager-accounts");
    await page.getByRole("link", { name: "Record" }).click();
    assert.equal(await page.getByText(password).count(), 0, "it goes with the page");

    const own = await openPage();
    await own.goto(site.console);
    const signIn = async (/** @type {string} */ secret) => {
      await own.getByLabel("Name", { exact: true }).fill("nadia");
      await own.getByLabel("Password", { exact: true }).fill(secret);
      await own.getByRole("button", { name: "Sign in", exact: true }).click();
    };
    await signIn(password);
    await own.getByRole("link", { name: "My password" }).click();
    await own.getByLabel("Password until now").fill("not the password");
    await own.getByLabel("New password", { exact: true }).fill("quiet river stones");
    await own.getByLabel("New password, once more").fill("quiet river stone");
    await own.getByRole("button", { name: "Change it" }).click();
    await own.getByRole("alert").getByText("differ").waitFor();
    await own.getByLabel("New password, once more").fill("quiet river stones");
    await own.getByRole("button", { name: "Change it" }).click();
    await own.getByRole("alert").getByText("is another one").waitFor();
    await assertGoodAtAllSizes(own, "manager-password");
    await own.getByLabel("Password until now").fill(password);
    await own.getByRole("button", { name: "Change it" }).click();
    await own.getByText("Your password is changed").waitFor();
    await own.getByRole("link", { name: "Desk", exact: true }).click();
    await own.getByRole("searchbox").fill("elif");
    await own.getByRole("button", { name: /Elif/ }).waitFor(); // the session goes on
    await own.getByRole("button", { name: "Sign out" }).click();
    await signIn("quiet river stones");
    await own.getByText("Front desk", { exact: true }).waitFor();
    assert.equal(await own.getByRole("link", { name: "Accounts" }).count(), 0);

    await page.getByLabel("By (code or account)").fill("nadia");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page
      .getByRole("row", { name: /Changed their own password/ })
      .first()
      .waitFor();
    await page.getByRole("row", { name: /Looked for people/ }).waitFor();
    assert.equal(await page.getByRole("row", { name: /sophie/ }).count(), 0);
    await assertGoodAtAllSizes(page, "manager-record");
    await page.getByRole("link", { name: "Accounts" }).click();
    await page.getByRole("button", { name: "Disable: nadia" }).click();
    await page.getByText("nadia may not sign in any more").waitFor();
    await page.getByLabel("Role of sophie").selectOption("viewer");
    await page.getByRole("alert").getByText("last manager").waitFor();
    assertNoComplaints(page);
  });

  test("looks at a month and follows a finding to its sheet", async () => {
    const page = await open("#/sheets/S-START-AM/2026-03-02");
    await page.getByRole("button", { name: "Confirm this half-day" }).click();
    await page.getByText("Confirmed, to be signed").first().waitFor();
    await site.ask("at 12:40:00");
    await page.getByRole("link", { name: "Sheets", exact: true }).click();
    await page.getByText("March 2026", { exact: true }).waitFor();
    await page.getByText("1 confirmed, to be signed").waitFor();
    const findings = page.getByRole("region", { name: "What an audit would object to" });
    await findings.getByText("Zed <img").waitFor();
    await findings.getByText(hidden.person).waitFor();
    await findings
      .getByText(/when the site is closed/)
      .first()
      .waitFor(); // the evening's end
    const sending = page.getByRole("region", { name: "Sending the month" });
    await sending.getByText("A month is sent when it is over").waitFor();
    assert.equal(await sending.getByRole("button").count(), 0);
    await assertGoodAtAllSizes(page, "manager-month");
    await findings
      .getByRole("link", { name: /Mon 2 Mar, morning/ })
      .first()
      .click();
    await page.getByRole("heading", { name: "First steps with a computer" }).waitFor();
    await page.getByText("Confirmed, to be signed").first().waitFor();
    await assertPaper(page, page.getByRole("link", { name: "Print", exact: true }));
    await page.goBack();
    await page.getByRole("button", { name: "Month before" }).click();
    await page.getByText("February 2026", { exact: true }).waitFor();
    await sending.getByRole("button", { name: "Send the month" }).click();
    await sending.getByText("Sent on Monday 2 March").waitFor();
    assert.equal(await sending.getByRole("button").count(), 0, "nothing has changed since");
    assertNoComplaints(page);
  });

  test("prints each sheet, each of its versions, and a certificate", async () => {
    const page = await open("#/months");
    const paper = page.getByRole("link", { name: /^Print: Mon 2 Mar, morning/ });
    await assertPaper(page, paper);
    await page.getByLabel("Part of a name, or a pseudonym").fill("zed");
    await page.getByRole("button", { name: "Look" }).click();
    await page.getByRole("button", { name: /Zed <img/ }).click();
    const certificate = page.getByRole("link", { name: "Certificate, DIG-START" });
    await page.getByText("3 h 30 of 3 h 30 planned").waitFor();
    await assertPaper(page, certificate);
    await page.getByLabel("To", { exact: true }).fill("2026-03-01");
    await page.getByText("No half-day is confirmed in that time.").waitFor();
    await page.getByLabel("To", { exact: true }).fill("2026-03-31");
    await certificate.waitFor();
    await assertGoodAtAllSizes(page, "manager-certificate");
    const version = "/api/v1/sheets/S-START-AM/2026-03-02/pdf?version=1";
    assert.equal((await ask(version)).headers.get("content-type"), "application/pdf");
  });

  test("sees a hidden name for a reason, and it stands nowhere else", async () => {
    const page = await open("#/desk");
    await page.getByRole("searchbox").fill(hidden.person);
    await page.getByRole("button", { name: new RegExp(hidden.person) }).click();
    await page.getByRole("heading", { name: hidden.person }).waitFor();
    assert.ok(!(await page.content()).includes(hidden.name));
    const form = page.getByRole("group", { name: "The name" });
    await form.getByRole("button", { name: "See the name" }).click();
    assert.equal(await page.getByText(hidden.name).count(), 0, "a reason is needed");
    await form.getByLabel("Reason, without names").fill("The court asks for it.");
    await form.getByRole("button", { name: "See the name" }).click();
    await page.getByText(hidden.name).waitFor();
    await assertGoodAtAllSizes(page, "manager-name");
    await page.getByRole("link", { name: "Record" }).click();
    await page.getByRole("row", { name: /Saw a name that is not shown/ }).waitFor();
    await page.getByText("reason: The court asks for it.").waitFor();
    for (const hash of everyPage) {
      await page.goto(`${site.console}/${hash}`);
      await settled(page);
      assert.ok(!(await page.content()).includes(hidden.name), hash);
    }
  });

  test("names that are markup are text on every page", async () => {
    for (const language of ["en-GB", "fr-BE"]) {
      const page = await open("#/now", { language });
      const title = await page.title();
      for (const hash of everyPage) {
        await page.goto(`${site.console}/${hash}`);
        await settled(page);
        assert.equal(await page.title(), title, hash);
        const strange = await page.locator("img[src=x], main script, iframe, b, [onmouseover]");
        assert.equal(await strange.count(), 0, hash);
        assert.doesNotMatch(await page.content(), /[\u202a-\u202e\u2066-\u2069]/, hash);
      }
      assertNoComplaints(page);
    }
    const page = await open("#/desk");
    for (const name of [
      "Zed <img src=x",
      '"><script>',
      "' onmouseover",
      "Abel gnitteg",
      "<iframe",
    ]) {
      await page.getByRole("searchbox").fill(name.slice(0, 8));
      await page.getByRole("button", { name }).click();
      await page.getByRole("heading", { name }).waitFor();
    }
    assertNoComplaints(page);
  });
});

const everyPage = [
  "#/now",
  "#/desk",
  "#/sheets/S-START-AM/2026-03-02",
  "#/months",
  "#/inbox",
  "#/accounts",
  "#/record",
  "#/password",
];

/** What the page asks for has come, as far as one can wait for what may not. @param {Page} page */
async function settled(page) {
  await page.locator("main:not(.alone)").waitFor();
  await page.waitForTimeout(400);
}
