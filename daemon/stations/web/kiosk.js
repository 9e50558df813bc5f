// Entry of the kiosk page: follows what the daemon shows at one reader, and tells what was touched.
import { fieldAspect } from "/lib/drawing.js";
import { html, render } from "/lib/html.js";
import { follow } from "/lib/live.js";
import { keyed } from "./keypad.js";
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
let typed = ""; // of a code, on the screen that is drawn
/** @type {import("/lib/drawing.js").Strokes} */
let strokes = []; // of a signature
let drawnFor = ""; // what it is to sign

/** @param {State} state */
function draw(state) {
  if (state.screen !== screen) typed = "";
  // It stays while the same is asked again, and over the question about more time.
  const asked = state.signing ? `${state.title}, ${state.signing.when}` : "";
  if (asked !== drawnFor && state.kind !== "more_time") {
    strokes = [];
    drawnFor = asked;
  }
  document.documentElement.lang = state.language;
  const typing = { typed, press };
  const drawing = { strokes, drawn, sign };
  render(
    html`<${Page} state=${state} choose=${choose} typing=${typing} drawing=${drawing} />`,
    document.body,
  );
  if (state.screen === screen) return;
  screen = state.screen;
  drawnAt = performance.now();
  // Who listens to the page hears what is asked, and the next key reaches the first answer.
  if (state.choices.length > 0) document.querySelector("h1")?.focus();
}

/** A key for a code: a digit, "erase" or "done". @param {string} key */
function press(key) {
  if (!known?.keypad || known.screen !== screen || bounces()) return;
  if (key === "done" && typed.length === known.keypad.digits) return void choose(`code-${typed}`);
  typed = keyed(typed, key, known.keypad.digits);
  draw(known);
}

/** Whether whoever touches now cannot have seen what is there. */
function bounces() {
  return performance.now() - drawnAt < doubleStrikeMs;
}

/** @param {string} choice */
function choose(choice) {
  return tell("choice", { screen, choice });
}

/** @param {typeof strokes} now */
function drawn(now) {
  if (!known?.signing?.field || known.screen !== screen) return;
  strokes = now;
  draw(known);
}

function sign() {
  return tell("signature", { screen, strokes, aspect: fieldAspect });
}

/** @param {"choice" | "signature"} what @param {object} body */
async function tell(what, body) {
  if (telling || bounces()) return;
  telling = true;
  try {
    // What came of it is the next state; a touch on a screen that is over is refused.
    await fetch(`${address}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    // The daemon is away: the stream says so.
  } finally {
    telling = false;
  }
}

// Keys of a keyboard, wherever the focus is. Enter on a button is that button.
addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !known?.keypad) return;
  const onButton = event.target instanceof HTMLButtonElement;
  if (/^[0-9]$/.test(event.key)) press(event.key);
  else if (event.key === "Backspace") press("erase");
  else if (event.key === "Escape") choose("no-code");
  else if (event.key === "Enter" && !onButton) press("done");
  else return;
  event.preventDefault();
});

follow(`${address}/stream`, {
  state(/** @type {State} */ state) {
    known = state;
    draw(state);
  },
  lost() {
    if (known) draw(away(known));
  },
});
