// The Inbox page: everything that waits for a person, with what can be done about it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { dayAndTime } from "./formats.js";
import { Problem } from "./sign_in.js";
import { WaitingSection } from "./waiting.js";

/**
 * @typedef {import("./overview.js").Notice} Notice
 *
 * @typedef {object} InboxState
 * @property {string} done what was done last
 * @property {string} problem what was refused last
 * @property {boolean} busy an answer is awaited
 *
 * @typedef {object} InboxActions
 * @property {(notice: Notice) => void} close
 * @property {(notice: Notice) => void} attach
 * @property {() => void} sendAgain
 * @property {(notice: Notice) => void} agree to the removals from the roster that it tells of
 */

const tokenStart = 8; // digits of a card token that name it to people

/**
 * @param {{ state: InboxState, waiting: import("./waiting.js").WaitingState, scene: import("./view.js").Scene,
 *   actions: InboxActions, waitingActions: import("./waiting.js").WaitingActions, manager: boolean }} props
 */
export function InboxPage({ state, waiting, scene, actions, waitingActions, manager }) {
  const { overview, words } = scene;
  const { inbox, counts } = overview;
  return html`<main class="work single">
    <section class="card" aria-labelledby="inbox-title">
      <h2 id="inbox-title">${words.inbox}</h2>
      <div role="status">
        ${state.done &&
        html`<p class="done">
          <${Mark} name="recorded" tone="green" /><span>${state.done}</span>
        </p>`}
      </div>
      <${Problem} problem=${state.problem} />
      ${inbox.length === 0
        ? html`<p class="empty">${words.nothingWaits}</p>`
        : html`<ol class="rows matters">
            ${inbox.map(
              (notice) =>
                html`<${Matter}
                  key=${notice.id}
                  notice=${notice}
                  busy=${state.busy}
                  scene=${scene}
                  actions=${actions}
                  manager=${manager}
                />`,
            )}
          </ol>`}
      ${counts.inbox > inbox.length &&
      html`<p class="empty">${words.moreNotices(counts.inbox - inbox.length)}</p>`}
    </section>
    <${WaitingSection} state=${waiting} scene=${scene} actions=${waitingActions} />
  </main>`;
}

/** @param {{ notice: Notice, busy: boolean, scene: import("./view.js").Scene, actions: InboxActions, manager: boolean }} props */
function Matter({ notice, busy, scene: { words, habits, now }, actions, manager }) {
  const isCard = notice.kind === "unknown-card";
  const what = words.notices[notice.kind] ?? words.otherNotice;
  const number = words.cardNumber(notice.subject.slice(0, tokenStart));
  const when = dayAndTime(habits, notice.created, now);
  const about = `${isCard ? number : what}, ${when}`;
  return html`<li>
    <${Mark} name="attention" tone="amber" />
    <div>
      <p class="name">${what}</p>
      <p class="quiet" lang="en">${notice.detail}</p>
      <p class="quiet">${[isCard && number, when].filter(Boolean).join(" · ")}</p>
    </div>
    <div class="choices">
      ${isCard &&
      html`<button
        class="button main"
        type="button"
        aria-label="${words.inboxPage.whose}: ${about}"
        onClick=${() => actions.attach(notice)}
      >
        ${words.inboxPage.whose}
      </button>`}
      ${notice.kind === "rejected" &&
      manager &&
      html`<button class="button" type="button" disabled=${busy} onClick=${actions.sendAgain}>
        ${words.inboxPage.sendAgain}
      </button>`}
      ${notice.kind === "roster-removals" &&
      manager &&
      html`<details class="agree">
        <summary class="button">${words.inboxPage.agree}</summary>
        <p class="quiet">${words.inboxPage.agreeHint}</p>
        <button
          class="button main"
          type="button"
          disabled=${busy}
          onClick=${() => actions.agree(notice)}
        >
          ${words.inboxPage.agreeNow}
        </button>
      </details>`}
      <button
        class="button"
        type="button"
        disabled=${busy}
        aria-label="${words.inboxPage.close}: ${about}"
        onClick=${() => actions.close(notice)}
      >
        ${words.inboxPage.close}
      </button>
    </div>
  </li>`;
}
