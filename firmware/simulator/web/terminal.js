// Entry of the terminal page: follows the terminal's state, draws it, and carries what hands do to it.
import { html, render } from "/lib/html.js";
import { wordsFor } from "/lib/language.js";
import { follow } from "/lib/live.js";
import { Page } from "./view.js";
import { catalogue } from "./words.js";

const words = wordsFor(catalogue, navigator.languages);
document.documentElement.lang = words.language;
document.title = words.pageTitle;

/** @type {import("./view.js").View} */
const view = {
  state: null,
  cards: [],
  link: "connecting",
  search: "",
  held: null,
  finger: null,
  busy: false,
  problem: "",
  words,
};

function draw() {
  render(html`<${Page} view=${view} act=${act} />`, document.body);
}

/** Merges into the view and draws. @param {Partial<import("./view.js").View>} change */
function show(change) {
  Object.assign(view, change);
  draw();
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<boolean>} whether the terminal took it
 */
async function send(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => null);
  show({ problem: response?.ok ? "" : words.notTaken });
  return response?.ok ?? false;
}

/** @type {import("./view.js").Actions} */
const act = {
  search: (search) => show({ search }),
  moveFinger: (finger) => show({ finger }),

  async tap(card) {
    show({ held: card });
    await send("/api/tap", { card });
    setTimeout(() => view.held === card && show({ held: null }), 600);
  },

  touch: (x, y) => send("/api/touch", { x, y }),
  openWindow: () => send("/api/window", {}),
  compared: (same) => send("/api/number", { same }),
  cable: (connected) => send("/api/cable", { connected }),

  async powerCut() {
    show({ busy: true });
    await send("/api/power-cut", {});
    show({ busy: false });
  },
};

async function loadCards() {
  const response = await fetch("/api/cards").catch(() => null);
  if (response?.ok) show({ cards: await response.json() });
}

follow("/api/stream", {
  state(/** @type {import("./state.js").State} */ state) {
    if (view.link !== "live") void loadCards();
    show({ state, link: "live" });
  },
  lost: () => show({ link: "lost" }),
});

draw();
