// The console page against a stand-in for the daemon.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { empty, morning, trouble } from "./mock/overview.js";
import { json, startMock } from "./mock/server.js";
import {
  assertAccessible,
  assertFits,
  assertGoodAtAllSizes,
  assertNoComplaints,
  screenshot,
  useBrowser,
} from "./support/browser.js";

const openPage = useBrowser();
/** @type {Awaited<ReturnType<typeof startMock>>} */
let daemon;
before(async () => {
  daemon = await startMock("daemon/console/web", "/api/v1/stream", {
    "GET /api/v1/session": () =>
      json({ name: "viewer", role: "viewer", actor: "s-1", token: "00", seconds_left: 1800 }),
    "GET /api/screen.png": () => ({
      type: "image/svg+xml",
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="480"><rect width="800" height="480" fill="#d7e8da"/></svg>',
    }),
  });
});
after(() => daemon?.stop());

/** Its terminals' pages are the mock's own. @param {import("./mock/overview.js").Overview} overview */
function publish(overview) {
  for (const terminal of overview.terminals)
    if (terminal.page?.startsWith("http")) terminal.page = `${daemon.address}/`;
  daemon.stream.publish(overview);
}

/** @param {import("./mock/overview.js").Overview} overview @param {import("./support/browser.js").PageOptions} [options] */
async function openConsole(overview, options) {
  daemon.refuse = false;
  publish(overview);
  const page = await openPage(options);
  await page.goto(daemon.address);
  await page.getByRole("heading", { level: 1, name: overview.site.name }).waitFor();
  return page;
}

describe("console", () => {
  test("shows who is present by session, trainers first, with the session's own count", async () => {
    const page = await openConsole(morning());
    const here = page.getByRole("region", { name: "Who is here" });
    const titles = await here.getByRole("heading", { level: 3 }).allTextContents();
    assert.deepEqual(titles, [
      "ICT basics, module 2",
      "French for work, A2",
      "Maison des enfants",
      "Other sessions today",
    ]);
    const first = here.locator(".group").first();
    await first.getByText("15 of 18 here").waitFor();
    const people = await first.locator(".name").allTextContents();
    assert.equal(people[0], "Véronique Maes");
    assert.deepEqual(
      people.slice(1),
      [...people.slice(1)].sort((a, b) => a.localeCompare(b, "en")),
    );
    assertNoComplaints(page);
  });

  test("shows a pseudonym where no name may be shown", async () => {
    const page = await openConsole(morning());
    await page.getByRole("region", { name: "Who is here" }).getByText("p-0931").waitFor();
  });

  test("shows times of the site, not of the reader's computer", async () => {
    const page = await openConsole(morning());
    assert.equal(await page.locator(".clock .time").textContent(), "09:14");
    assert.match(await page.locator("#taps li").first().innerText(), /09:13/);
  });

  test("a change appears within a second", async () => {
    const page = await openConsole(empty());
    await page.getByText("Nobody is checked in.").waitFor();
    publish(morning());
    await page.getByText("Amina Haddad").first().waitFor({ timeout: 1000 });
    assertNoComplaints(page);
  });

  test("says in words what became of each tap", async () => {
    const page = await openConsole(trouble());
    const taps = page.getByRole("region", { name: "Last taps" });
    await taps.getByText("Kept by the terminal, not recorded here yet").waitFor();
    await taps.getByText("Repeat tap ignored").waitFor();
    await taps.getByText("Card nobody knows yet").first().waitFor();
    await taps.getByText("tapped while offline").first().waitFor();
    assert.equal(await taps.locator("li").count(), 8);
    await taps.getByRole("button", { name: "Show more" }).click();
    assert.equal(await taps.locator("li").count(), trouble().taps.length);
    await taps.getByRole("button", { name: "Show fewer" }).click();
    assert.equal(await taps.locator("li").count(), 8);
  });

  test("notices that say the same stand together, each card with its number and time", async () => {
    const overview = morning();
    const [card] = overview.inbox;
    overview.inbox.push({ ...card, id: 5, subject: "77aa01bc22", created: "2026-03-02T08:12:00Z" });
    const page = await openConsole(overview);
    const inbox = page.getByRole("region", { name: "Waiting for you" });
    assert.equal(await inbox.getByText("Card nobody knows yet").count(), 1);
    const facts = await inbox.locator(".facts li").allInnerTexts();
    assert.deepEqual(facts, ["Card number 9f31c04b\n09:11", "Card number 77aa01bc\n09:12"]);
  });

  test("shows each terminal's state and links to the page of a simulated one", async () => {
    const page = await openConsole(trouble());
    const terminals = page.getByRole("region", { name: "Terminals" });
    await terminals.getByText("Offline since 08:47").waitFor();
    await terminals.getByText("16,400 taps wait in it").waitFor();
    await terminals.getByText("Its memory is nearly full: connect it soon").waitFor();
    await terminals.getByText("Never connected").waitFor();
    const link = terminals.getByRole("link", { name: "Open its page: Atelier 1" });
    assert.equal(await link.getAttribute("href"), `${daemon.address}/`);
  });

  test("shows the display of a simulated terminal, and nothing while that does not answer", async () => {
    const page = await openConsole(morning());
    const display = page.getByRole("img", { name: "Display: Atelier 1" });
    await display.waitFor();
    const first = await display.getAttribute("src");
    await page.waitForFunction(
      ([was]) => document.querySelector(".display")?.getAttribute("src") !== was,
      [first],
    );
    const gone = morning();
    gone.terminals[0].page = `${daemon.address}/gone/`;
    daemon.stream.publish(gone);
    await display.waitFor({ state: "hidden" });
  });

  test("shows a backlog and what the case system did not accept, by reason", async () => {
    const page = await openConsole(trouble());
    const delivery = page.getByRole("region", { name: "Delivery to the case system" });
    await delivery
      .getByText(
        "The case system does not answer. 143 records are safe here and will be sent again.",
      )
      .waitFor();
    const reasons = await delivery.locator(".facts li").allInnerTexts();
    assert.deepEqual(reasons, ["person not known there\n20", "session not known there\n1"]);
    await page.getByRole("region", { name: "Waiting for you" }).getByText("and 2 more").waitFor();
    await page.getByText("Clock not checked").waitFor();
  });

  test("an address that is no web address makes no link", async () => {
    const overview = morning();
    overview.terminals[0].page = "javascript:alert(1)";
    const page = await openConsole(overview);
    await page.getByRole("region", { name: "Terminals" }).getByText("T-0101").waitFor();
    assert.equal(await page.getByRole("link", { name: "Open its page: Atelier 1" }).count(), 0);
  });

  test("a lost connection is said aloud and ends by itself", async () => {
    const page = await openConsole(morning());
    daemon.refuse = true;
    daemon.stream.cut();
    const banner = page.getByRole("status");
    await banner.getByText("The connection to Rollcall is lost.").waitFor();
    assert.match(await banner.innerText(), /how things stood at 09:14/);
    await assertAccessible(page);
    await screenshot(page, "console-lost");
    daemon.refuse = false;
    await banner.getByText("The connection to Rollcall is lost.").waitFor({ state: "detached" });
    await page.getByText("Live", { exact: true }).waitFor();
  });

  test("without a first answer the page says so", async () => {
    daemon.refuse = true;
    const page = await openPage();
    await page.goto(daemon.address);
    await page.getByText("Nothing can be shown yet.").waitFor();
    await assertAccessible(page);
    await screenshot(page, "console-no-answer");
  });

  test("speaks French to French readers", async () => {
    const page = await openConsole(trouble(), { language: "fr-BE" });
    assert.equal(await page.getAttribute("html", "lang"), "fr");
    await page.getByRole("heading", { name: "Qui est présent" }).waitFor();
    await assertAccessible(page);
    await assertFits(page);
    await screenshot(page, "console-trouble-fr");
  });

  test("works from the keyboard: skip link first, focus always visible", async () => {
    const page = await openConsole(morning());
    await page.keyboard.press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement?.textContent),
      "Skip to who is here",
    );
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "here");
    for (let step = 0; step < 8; step++) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(() => {
        const focused = document.activeElement;
        return focused && focused !== document.body
          ? getComputedStyle(focused).outlineStyle
          : "page end";
      });
      assert.notEqual(outline, "none");
    }
  });

  test("no name of a person is in title or address", async () => {
    const page = await openConsole(morning());
    assert.equal(await page.title(), "Rollcall console");
    assert.equal(new URL(page.url()).pathname, "/");
  });

  const states = { morning, trouble, empty };
  for (const [state, make] of Object.entries(states)) {
    for (const scheme of /** @type {const} */ (["light", "dark"])) {
      test(`${state}, ${scheme}: accessible, and nothing cut off at any size`, async () => {
        const page = await openConsole(make(), { scheme });
        await assertGoodAtAllSizes(page, `console-${state}-${scheme}`);
      });
    }
  }
});
