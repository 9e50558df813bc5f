// What of a month is to be closed before it is sent, and when it was. Components hold no state.
import { html } from "/lib/html.js";
import { clockTime, longDay } from "./formats.js";

/**
 * @typedef {import("./overview.js").MonthState} MonthState
 * @typedef {import("./view.js").Scene} Scene
 */

/** @param {{ state: MonthState, busy: boolean, titleOf: (sheet: { session: string, day: string }) => string, pageOf: (sheet: { session: string, day: string }) => string, onSend: () => void, scene: Scene }} props */
export function Sending({ state, busy, titleOf, pageOf, onSend, scene }) {
  const words = scene.words.months.sending;
  const { over, open, lapsed, sent, changed } = state;
  const ready = over && open.length === 0 && (sent === null || changed);
  const list = (/** @type {{ session: string, day: string }[]} */ sheets) =>
    html`<ul class="tally">
      ${sheets.map(
        (one) =>
          html`<li key=${`${one.session} ${one.day}`}>
            <a href=${pageOf(one)}>${titleOf(one)}</a>
          </li>`,
      )}
    </ul>`;
  return html`<section class="card" aria-labelledby="sending-title">
    <h2 id="sending-title">${words.title}</h2>
    ${sent &&
    html`<p>
      ${words.sent(sent.version, longDay(scene.habits, sent.at), clockTime(scene.habits, sent.at))}
      ${changed ? ` ${words.changed}` : ""}
    </p>`}
    ${!over && html`<p class="quiet">${words.notOver}</p>`}
    ${open.length > 0 && html`<p>${words.open(open.length)}</p>`} ${open.length > 0 && list(open)}
    ${lapsed.length > 0 && html`<p class="quiet">${words.lapsed(lapsed.length)}</p>`}
    ${lapsed.length > 0 && list(lapsed)}
    ${ready &&
    html`<p class="quiet">${words.hint}</p>
      <p>
        <button class="button main" type="button" disabled=${busy} onClick=${onSend}>
          ${sent ? words.sendAgain : words.send}
        </button>
      </p>`}
  </section>`;
}
