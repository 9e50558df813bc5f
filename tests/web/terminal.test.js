// The simulated terminal's page against a stand-in for its program.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { cards, startTerminal, stranger } from "./mock/terminal.js";
import {
  assertGoodAtAllSizes,
  assertFits,
  assertNoComplaints,
  screenshot,
  useBrowser,
} from "./support/browser.js";

const openPage = useBrowser();
/** @type {Awaited<ReturnType<typeof startTerminal>>} */
let terminal;
before(async () => {
  terminal = await startTerminal();
});
after(() => terminal?.stop());
beforeEach(() => {
  terminal.touches.length = 0;
  terminal.change({
    cable: true,
    connected: true,
    light: "none",
    tone: null,
    slot: "idle",
    answers: [],
    enrolment: { enrolled: true, site: "site-7", window: false, number: null, result: null },
    queue: { waiting: 0, capacity: 20000 },
  });
});

/** @param {import("./support/browser.js").PageOptions} [options] */
async function openTerminal(options) {
  const page = await openPage(options);
  await page.goto(terminal.address);
  await page.getByRole("button", { name: /Participant 01/ }).waitFor();
  return page;
}

describe("terminal page", () => {
  test("a card that is clicked is tapped, and the answer is seen, named and listed", async () => {
    const page = await openTerminal();
    const panel = page.getByRole("application", { name: "Touch panel" }).locator("img");
    const before = await panel.getAttribute("src");
    await page.getByRole("button", { name: cards[1].label }).click();
    await page.getByText("Green: accepted").waitFor();
    await page.getByText("Tone: two notes, rising").waitFor();
    assert.notEqual(await panel.getAttribute("src"), before);
    assert.equal(await panel.getAttribute("alt"), "Screen: arrived");
    const answers = page.getByRole("region", { name: "Last answers" });
    assert.match(await answers.locator("li").first().innerText(), /Participant 02\s+Arrived/);
    assertNoComplaints(page);
  });

  test("a card nobody knows gives amber and no harsh word", async () => {
    const page = await openTerminal();
    await page.getByRole("button", { name: stranger.label }).click();
    await page.getByText("Amber: recorded, not yet checked").waitFor();
    const text = await page.locator("body").innerText();
    assert.doesNotMatch(text, /refused|error|unknown|invalid/i);
  });

  test("a click on the panel becomes a touch in panel pixels, at any size", async () => {
    for (const size of /** @type {const} */ (["desk", "phone"])) {
      const page = await openTerminal({ size });
      const box = await page.locator(".panel").boundingBox();
      assert.ok(box);
      terminal.touches.length = 0;
      await page.mouse.click(box.x + box.width * 0.25, box.y + box.height * 0.75);
      await page.mouse.click(box.x + box.width - 3, box.y + box.height - 3);
      await assertSoon(() => terminal.touches.length === 2);
      const [first, corner] = terminal.touches;
      assert.ok(
        Math.abs(first.x - 200) <= 3 && Math.abs(first.y - 360) <= 3,
        JSON.stringify(first),
      );
      assert.ok(corner.x > 786 && corner.x < 800 && corner.y > 466 && corner.y < 480);
    }
  });

  test("everything works from the keyboard: finger, cards, cable", async () => {
    const page = await openTerminal();
    await page.keyboard.press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute("role")),
      "application",
    );
    await page.getByText("Arrow keys move the finger").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Shift+ArrowUp");
    await page.keyboard.press("Enter");
    await assertSoon(() => terminal.touches.length === 1);
    assert.deepEqual(terminal.touches[0], { x: 420, y: 216 });
    await screenshot(page, "terminal-keyboard");

    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.getByText("Unplugged").waitFor();
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("participant 07");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("1 of at most 20,000 taps wait in its memory").waitFor();
  });

  test("search narrows the tray by label or number", async () => {
    const page = await openTerminal();
    const buttons = page.locator(".cards button");
    await page.getByRole("searchbox").fill("participant 3");
    assert.equal(await buttons.count(), 10);
    await page.getByRole("searchbox").fill(cards[3].card.toLowerCase());
    assert.equal(await buttons.count(), 1);
    await page.getByRole("searchbox").fill("zebra");
    await page.getByText("No card is called that.").waitFor();
  });

  test("without its cable it keeps taps, and says how many wait", async () => {
    const page = await openTerminal();
    await page.getByRole("switch", { name: "Cable to the host" }).click();
    await page.getByText("Unplugged").waitFor();
    await page.getByRole("button", { name: cards[0].label }).click();
    await page.getByText("1 of at most 20,000 taps wait in its memory").waitFor();
    await page.getByRole("switch", { name: "Cable to the host" }).click();
    await page.getByText("No tap waits in its memory").waitFor();
  });

  test("a program that went away is said aloud", async () => {
    const page = await openTerminal();
    terminal.stream.cut();
    await page.getByRole("alert").getByText("does not answer").waitFor();
    await page.getByRole("alert").getByText("does not answer").waitFor({ state: "detached" });
  });

  const keyless = {
    enrolled: false,
    site: "",
    window: false,
    number: null,
    result: null,
  };

  test("without a key it offers the window, shows the number, and takes either answer", async () => {
    terminal.change({ enrolment: keyless, slot: "out_of_service", connected: false });
    const page = await openTerminal();
    const section = page.getByRole("region", { name: "Enrolment" });
    await section.getByRole("button", { name: "Open the provisioning window" }).click();
    await section.getByText("Waiting for the host").waitFor();
    assert.equal(await section.getByRole("button").count(), 0);
    terminal.enrolment({ number: "042913" });
    await section.getByText("042 913").waitFor();
    await section.getByRole("button", { name: "Different" }).click();
    await section.getByText("The numbers were different").waitFor();
    await section.getByRole("button", { name: "Open the provisioning window" }).click();
    terminal.enrolment({ number: "482913" });
    await section.getByRole("button", { name: "Same number" }).click();
    await section.waitFor({ state: "detached" });
    assertNoComplaints(page);
  });

  test("speaks French to French readers", async () => {
    const page = await openTerminal({ language: "fr-BE" });
    await page.getByText("Dernières réponses").waitFor();
    assert.equal(await page.getAttribute("html", "lang"), "fr");
    await assertFits(page);
  });

  /** @type {Record<string, (page: import("./support/browser.js").Page) => Promise<void>>} */
  const states = {
    idle: async () => {},
    green: async (page) => {
      for (const { label } of cards.slice(0, 5))
        await page.getByRole("button", { name: label }).click();
      await page.getByText("Green: accepted").waitFor();
    },
    comparing: async (page) => {
      terminal.change({
        slot: "out_of_service",
        enrolment: { ...keyless, window: true, number: "482913" },
      });
      await page.getByText("482 913").waitFor();
    },
    offline: async (page) => {
      await page.getByRole("switch").click();
      await page.getByRole("button", { name: cards[4].label }).click();
      await page.getByText("Amber: recorded, not yet checked").waitFor();
    },
  };
  for (const [state, reach] of Object.entries(states)) {
    for (const scheme of /** @type {const} */ (["light", "dark"])) {
      test(`${state}, ${scheme}: accessible, and nothing cut off at any size`, async () => {
        const page = await openTerminal({ scheme });
        await reach(page);
        await page.waitForTimeout(700); // the held card is put back
        await assertGoodAtAllSizes(page, `terminal-${state}-${scheme}`);
      });
    }
  }
});

/** @param {() => boolean} condition */
async function assertSoon(condition) {
  for (let tries = 0; tries < 100 && !condition(); tries++)
    await new Promise((done) => setTimeout(done, 20));
  assert.ok(condition(), String(condition));
}
