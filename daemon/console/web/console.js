// Entry of the console page: follows the overview and draws it again at each change and each second.
import { html, render } from "/lib/html.js";
import { wordsFor } from "/lib/language.js";
import { follow } from "/lib/live.js";
import { Page } from "./view.js";
import { catalogue } from "./words.js";

const words = wordsFor(catalogue, navigator.languages);
document.documentElement.lang = words.language;
document.title = words.pageTitle;

/** @type {import("./view.js").View} */
const view = { overview: null, heardAt: 0, link: "connecting", allTaps: false, words };

function draw() {
  render(html`<${Page} view=${view} now=${Date.now()} onAllTaps=${showAllTaps} />`, document.body);
}

function showAllTaps() {
  view.allTaps = !view.allTaps;
  draw();
}

follow("/api/v1/stream", {
  state(/** @type {import("./overview.js").Overview} */ overview) {
    view.overview = overview;
    view.heardAt = Date.now();
    view.link = "live";
    draw();
  },
  lost() {
    view.link = "lost";
    draw();
  },
});

setInterval(draw, 1000);
draw();
