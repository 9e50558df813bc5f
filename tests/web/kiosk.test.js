// The kiosk page against a stand-in for the daemon.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { states } from "./mock/kiosk.js";
import { root } from "./mock/page_files.js";
import { startMock } from "./mock/server.js";
import {
  assertAccessible,
  assertFits,
  assertNoComplaints,
  screenshot,
  useBrowser,
} from "./support/browser.js";
import { until } from "./support/until.js";

/** @typedef {import("./mock/kiosk.js").State} State */

const panels = {
  wide: { width: 1280, height: 800 },
  small: { width: 800, height: 480 },
  portrait: { width: 800, height: 1280 },
};

const openPage = useBrowser();
/** @type {{ screen: string, choice: string }[]} */
let choices = [];
/** @type {any[]} */
let signatures = [];
/** @type {Awaited<ReturnType<typeof startMock>>} */
let daemon;
before(async () => {
  const index = await readFile(join(root, "daemon/stations/web/index.html"));
  daemon = await startMock("daemon/stations/web", "/kiosk/R-1/stream", {
    "GET /kiosk/R-1": () => ({ type: "text/html; charset=utf-8", body: index }),
    "POST /kiosk/R-1/signature": (signature) => {
      signatures.push(signature);
      return { status: 204, body: "" };
    },
    "POST /kiosk/R-1/choice": (choice) => {
      choices.push(choice);
      return { status: 204, body: "" };
    },
  });
});
after(() => daemon?.stop());
beforeEach(() => {
  choices = [];
  signatures = [];
  daemon.refuse = false;
});

/** @param {import("./support/browser.js").Page} page @param {State} state */
async function show(page, state) {
  daemon.stream.publish(state);
  await page.locator(`main[data-screen="${state.screen}"]`).waitFor();
}

/** @param {State} state @param {keyof typeof panels} [panel] */
async function openKiosk(state, panel = "wide") {
  daemon.stream.publish(state);
  const page = await openPage();
  await page.setViewportSize(panels[panel]);
  await page.goto(`${daemon.address}/kiosk/R-1`);
  await page.locator(`main[data-screen="${state.screen}"]`).waitFor();
  return page;
}

/** Until the page has taken a choice: a touch right after a change is a bounce. @param {() => Promise<void>} touch */
async function untilChosen(touch) {
  for (let tries = 0; tries < 100 && choices.length === 0; tries++) {
    await touch();
    await new Promise((done) => setTimeout(done, 50));
  }
  return choices[0];
}

describe("kiosk", () => {
  test("each screen fits every panel, is accessible and tells itself by picture and colour", async () => {
    const all = states();
    const page = await openKiosk(all.idle);
    /** @type {Map<string, string>} */
    const looks = new Map();
    for (const [name, state] of Object.entries(all)) {
      await show(page, state);
      for (const [panel, viewport] of Object.entries(panels)) {
        await page.setViewportSize(viewport);
        await screenshot(page, `kiosk-${name}-${panel}`);
        await assertFits(page);
        const high = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
        assert.ok(high <= 0, `${name} is ${high} px too high for ${panel}`);
      }
      await assertAccessible(page);
      if (name === "short_question" || name === "english_code") continue;
      const look = await page.evaluate(() => {
        const main = /** @type {Element} */ (document.querySelector("main"));
        const picture = document.querySelector(".pictogram path")?.getAttribute("d");
        return `${picture} on ${getComputedStyle(main).backgroundColor}`;
      });
      assert.ok(
        !looks.has(look) || state.choices.length > 0,
        `${name} looks like ${looks.get(look)}`,
      );
      looks.set(look, name);
    }
    assertNoComplaints(page);
  });

  test("a touch names its screen, and a second one at once is a bounce", async () => {
    const { question, offer } = states();
    const page = await openKiosk(offer);
    await untilChosen(() => page.getByRole("button", { name: "Oui" }).click());
    assert.deepEqual(choices, [{ screen: offer.screen, choice: "yes" }]);
    // At once, in the page: no person and no test is as quick.
    choices = [];
    await page.evaluate(() => {
      new MutationObserver((_, watching) => {
        const first = document.querySelector("main[data-kind=question] button");
        if (!first) return;
        watching.disconnect();
        /** @type {HTMLElement} */ (first).click();
        document.body.dataset.struck = "yes";
      }).observe(document.body, { childList: true, subtree: true, attributes: true });
    });
    await show(page, question);
    await page.locator("body[data-struck]").waitFor();
    assert.deepEqual(
      await untilChosen(() => page.getByRole("button", { name: "Difficilement" }).click()),
      { screen: question.screen, choice: "o2" },
    );
    assert.equal(choices.length, 1);
    assertNoComplaints(page);
  });

  test("keys reach everything, from the first answer on", async () => {
    const { question } = states();
    const page = await openKiosk(question);
    await page.locator("h1:focus").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.deepEqual(await untilChosen(() => page.keyboard.press("Enter")), {
      screen: question.screen,
      choice: "o1",
    });
  });

  test("a code is typed by touch, corrected, and sent as a whole", async () => {
    const { idle, code } = states();
    const page = await openKiosk(idle);
    assert.deepEqual(
      await untilChosen(() => page.getByRole("button", { name: "J’ai un code" }).click()),
      { screen: idle.screen, choice: "have-code" },
    );
    choices = [];
    await show(page, code);
    const done = page.getByRole("button", { name: "Valider" });
    const digits = page.locator(".digits .filled");
    await until(async () => {
      await page.getByRole("button", { name: "9", exact: true }).click();
      return (await digits.count()) > 0;
    });
    await until(async () => {
      await page.getByRole("button", { name: "Effacer" }).click();
      return (await digits.count()) === 0;
    });
    for (const digit of "10223344".slice(0, 7))
      await page.getByRole("button", { name: digit, exact: true }).click();
    assert.equal(await done.isDisabled(), true);
    await screenshot(page, "kiosk-code-typing");
    await page.getByRole("button", { name: "4", exact: true }).click();
    await page.getByRole("button", { name: "5", exact: true }).click(); // one too many is none
    assert.deepEqual(await digits.allTextContents(), [..."10223344"]);
    await assertAccessible(page);
    assert.deepEqual(choices, [], "nothing is sent before it is whole");
    assert.deepEqual(await untilChosen(() => done.click()), {
      screen: code.screen,
      choice: "code-10223344",
    });
    assertNoComplaints(page);
  });

  test("a code is typed on a keyboard, and Escape is the way back", async () => {
    const { idle, code } = states();
    const page = await openKiosk(code);
    await page.locator("h1:focus").waitFor();
    const digits = page.locator(".digits .filled");
    await until(async () => {
      await page.keyboard.press("1");
      return (await digits.count()) > 0;
    });
    await page.keyboard.press("Backspace");
    await page.keyboard.type("9x8-7.654 3");
    await page.keyboard.press("Enter");
    assert.deepEqual(choices, []);
    await page.keyboard.type("21");
    assert.deepEqual(await digits.allTextContents(), [..."98765432"]);
    assert.deepEqual(await untilChosen(() => page.keyboard.press("Enter")), {
      screen: code.screen,
      choice: "code-98765432",
    });
    choices = [];
    assert.deepEqual(await untilChosen(() => page.keyboard.press("Escape")), {
      screen: code.screen,
      choice: "no-code",
    });
    await show(page, idle);
    const again = { ...code, screen: "a1b2c3d4-again" };
    await show(page, again);
    assert.equal(await digits.count(), 0, "whoever comes next finds nothing of it");
    assertNoComplaints(page);
  });

  test("the other way is one large target, and the first key of a keyboard", async () => {
    const { came, went } = states();
    const page = await openKiosk(came, "small");
    const button = page.getByRole("button", { name: "Je pars" });
    assert.equal(await page.getByRole("button").count(), 1);
    const box = await button.boundingBox();
    assert.ok(box && box.height >= 48 && box.width >= 400, JSON.stringify(box));
    await page.getByText("Arrivée · 08:52").waitFor();
    assert.deepEqual(await untilChosen(() => button.click()), {
      screen: came.screen,
      choice: "other-way",
    });
    choices = [];
    await show(page, went);
    await page.locator("h1:focus").waitFor();
    await page.keyboard.press("Tab");
    await screenshot(page, "kiosk-went-focus");
    assert.deepEqual(await untilChosen(() => page.keyboard.press("Enter")), {
      screen: went.screen,
      choice: "other-way",
    });
    assertNoComplaints(page);
  });

  test("a signature is drawn, cleared, and sent with the screen it is for", async () => {
    const { sign_drawn, more_time, left } = states();
    const page = await openKiosk(sign_drawn);
    const lines = page.locator("svg.field polyline");
    const done = page.getByRole("button", { name: "J’étais là, et je signe" });
    assert.ok(await done.isDisabled());
    const draw = async () => {
      const box = await page.locator("svg.field").boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.5);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.25, { steps: 3 });
      await page.mouse.up();
    };
    await draw();
    assert.equal(await lines.count(), 1);
    await page.getByRole("button", { name: "Effacer" }).click();
    assert.equal(await lines.count(), 0);
    await draw();
    await show(page, more_time);
    const again = { ...sign_drawn, screen: "a1b2c3d4-again" };
    await show(page, again);
    assert.equal(await lines.count(), 1, "what was drawn is still there");
    await screenshot(page, "kiosk-drawn");
    await until(async () => {
      await done.click();
      return signatures.length > 0;
    });
    assert.equal(signatures[0].screen, again.screen);
    assert.equal(signatures[0].aspect, 3);
    const [first, ...rest] = signatures[0].strokes[0];
    assert.deepEqual(first, [0.25, 0.5]);
    assert.deepEqual(rest.at(-1), [0.75, 0.25]);
    await show(page, left);
    await show(page, { ...sign_drawn, screen: "a1b2c3d4-other" });
    assert.equal(await lines.count(), 0, "whoever comes next finds nothing of it");
    assertNoComplaints(page);
  });

  test("a language is chosen by its own name", async () => {
    const { idle } = states();
    const page = await openKiosk(idle);
    const french = page.getByRole("button", { name: "Français" });
    assert.equal(await french.getAttribute("aria-pressed"), "true");
    assert.deepEqual(
      await untilChosen(() => page.getByRole("button", { name: "English" }).click()),
      { screen: idle.screen, choice: "language-en" },
    );
    assert.equal(await page.getAttribute("html", "lang"), "fr");
  });

  test("says that it is out of order while the daemon is away, and goes on by itself", async () => {
    const { offer, idle } = states();
    const page = await openKiosk(offer);
    daemon.refuse = true;
    daemon.stream.cut();
    await page.getByRole("heading", { name: "Hors service" }).waitFor();
    await page.getByText("Merci de passer à l’accueil").waitFor();
    assert.equal(await page.getByRole("button").count(), 0);
    await screenshot(page, "kiosk-away");
    daemon.stream.publish(idle);
    daemon.refuse = false;
    await page.getByRole("heading", { name: "Présentez votre carte ici" }).waitFor();
  });
});
