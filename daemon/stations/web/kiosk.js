// Entry of the kiosk page: follows what the daemon shows at one reader, and tells what was touched.
import { html, render } from "/lib/html.js";
import { follow } from "/lib/live.js";
import { Page, away } from "./view.js";

/** @typedef {import("./state.js").State} State */

// A second touch of the same place within this time is a bounce (EN 301 549, 5.8): whatever stands
// there by then was not meant.
const doubleStrikeMs = 300;

const address = location.pathname.replace(/\/$/, "");
/** @type {State | null} */
let known = null; // the newest state
let screen = ""; // the one that is drawn
let drawnAt = 0;
let telling = false;

/** @param {State} state */
function draw(state) {
  document.documentElement.lang = state.language;
  render(html`<${Page} state=${state} choose=${choose} />`, document.body);
  if (state.screen === screen) return;
  screen = state.screen;
  drawnAt = performance.now();
  // Who listens to the page hears what is asked, and the next key reaches the first answer.
  if (state.choices.length > 0) document.querySelector("h1")?.focus();
}

/** @param {string} choice */
async function choose(choice) {
  if (telling || performance.now() - drawnAt < doubleStrikeMs) return;
  telling = true;
  try {
    // What came of it is the next state; a touch on a screen that is over is refused.
    await fetch(`${address}/choice`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ screen, choice }),
    });
  } catch {
    // The daemon is away: the stream says so.
  } finally {
    telling = false;
  }
}

follow(`${address}/stream`, {
  state(/** @type {State} */ state) {
    known = state;
    draw(state);
  },
  lost() {
    if (known) draw(away(known));
  },
});
