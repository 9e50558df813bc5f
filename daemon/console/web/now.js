// The Now page: who is here, the last taps, terminals and delivery. Components hold no state.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { dayAndTime } from "./formats.js";
import { Here } from "./here.js";
import { Section } from "./section.js";

/**
 * @typedef {import("./overview.js").Overview} Overview
 * @typedef {import("./words.js").Words} Words
 * @typedef {import("./view.js").View} View
 * @typedef {import("./view.js").Scene} Scene
 */

const fewTaps = 8;
const tokenStart = 8; // digits of a card token that name it at the desk

/** @param {{ view: View, scene: Scene, actions: import("./view.js").Actions }} props */
export function Now({ view, scene, actions }) {
  return html`<main class=${view.link === "live" ? "" : "stale"}>
    <${Summary} scene=${scene} />
    <${Here} view=${view} scene=${scene} actions=${actions} />
    <div class="column">
      <${Inbox} scene=${scene} />
      <${Taps} scene=${scene} all=${view.allTaps} onAll=${actions.allTaps} />
    </div>
    <div class="column">
      <${Terminals} scene=${scene} />
      <${Delivery} scene=${scene} />
    </div>
  </main>`;
}

/** @param {{ scene: Scene }} props */
function Summary({ scene: { overview, words } }) {
  const { counts, delivery } = overview;
  return html`<section class="summary" aria-label=${words.summary}>
    <${Figure} label=${words.hereNow} value=${words.number(counts.present)} href="#here" />
    <${Figure}
      label=${words.tapsToday}
      value=${words.number(counts.taps_today)}
      href="#taps"
      note=${counts.repeats_today > 0 && words.repeats(counts.repeats_today)}
    />
    <${Figure}
      label=${words.toDeliver}
      value=${words.number(delivery.waiting)}
      href="#delivery"
      amber=${delivery.state === "waiting"}
    />
    <${Figure}
      label=${words.forYou}
      value=${words.number(counts.inbox)}
      href="#inbox"
      amber=${counts.inbox > 0}
    />
  </section>`;
}

/** @param {{ label: string, value: string, href: string, note?: string | false, amber?: boolean }} props */
function Figure({ label, value, href, note, amber }) {
  return html`<a class=${amber ? "amber" : ""} href=${href}>
    <span class="label">${label}</span>
    <span class="figure">${value}</span>
    ${note && html`<span class="note">${note}</span>`}
  </a>`;
}

/** @type {Record<import("./overview.js").Outcome, "green" | "amber" | "quiet">} */
const tones = {
  arrived: "green",
  left: "green",
  recorded: "green",
  repeat: "quiet",
  see_staff: "amber",
  not_recorded: "amber",
};

/** @param {{ scene: Scene, all: boolean, onAll: () => void }} props */
function Taps({ scene, all, onAll }) {
  const { overview, words } = scene;
  const taps = all ? overview.taps : overview.taps.slice(0, fewTaps);
  return html`<${Section} id="taps" title=${words.taps}>
    ${taps.length === 0
      ? html`<p class="empty">${words.noTaps}</p>`
      : html`<ol class="rows">
          ${taps.map((tap) => html`<${TapRow} tap=${tap} scene=${scene} />`)}
        </ol>`}
    ${overview.taps.length > fewTaps &&
    html`<button class="button more" type="button" aria-expanded=${all} onClick=${onAll}>
      ${all ? words.fewerTaps : words.moreTaps}
    </button>`}
  <//>`;
}

/** @param {{ tap: import("./overview.js").Tap, scene: Scene }} props */
function TapRow({ tap, scene: { words, habits, now } }) {
  const tone = tones[tap.outcome];
  const who = tap.name ?? tap.person;
  const about = [words.outcomes[tap.outcome], tap.room];
  if (!tap.live) about.push(words.later);
  return html`<li>
    <${Mark} name=${tone === "amber" ? "attention" : tap.outcome} tone=${tone} />
    <div>
      <p class=${who ? "name" : "name nobody"}>${who ?? words.unknownCard}</p>
      <p class="quiet">${about.join(" · ")}</p>
    </div>
    <p class="time">${tap.time ? dayAndTime(habits, tap.time, now) : words.noTime}</p>
  </li>`;
}

/** @param {{ scene: Scene }} props */
function Terminals({ scene }) {
  const { overview, words } = scene;
  return html`<${Section} id="terminals" title=${words.terminals}>
    ${overview.terminals.length === 0
      ? html`<p class="empty">${words.noTerminals}</p>`
      : html`<ul class="rows">
          ${overview.terminals.map(
            (terminal) =>
              html`<${TerminalRow} key=${terminal.serial} terminal=${terminal} scene=${scene} />`,
          )}
        </ul>`}
  <//>`;
}

/** @param {{ terminal: import("./overview.js").Terminal, scene: Scene }} props */
function TerminalRow({ terminal, scene: { words, habits, now } }) {
  const { state, waiting, capacity } = terminal;
  const tone = state === "online" ? "green" : state === "offline" ? "amber" : "quiet";
  const says =
    state === "online"
      ? words.online
      : state === "never"
        ? words.neverSeen
        : terminal.last_seen
          ? words.offlineSince(dayAndTime(habits, terminal.last_seen, now))
          : words.offline;
  const facts = [words.modes[terminal.mode], terminal.serial];
  if (terminal.firmware) facts.push(terminal.firmware);
  if (terminal.reader) facts.push(terminal.reader);
  const page = terminal.kiosk ?? (isWebAddress(terminal.page) ? terminal.page : undefined);
  return html`<li>
    <${Mark} name=${state} tone=${tone} />
    <div>
      <p class="name">${terminal.room}</p>
      <div class="terminal-state">
        <p>${says}</p>
        ${page &&
        html`<a href=${page} aria-label="${words.openPage}: ${terminal.room}"
          >${words.openPage}</a
        >`}
      </div>
      ${isWebAddress(terminal.page) &&
      html`<${Display} page=${terminal.page} name=${words.displayOf(terminal.room)} now=${now} />`}
      ${waiting > 0 && html`<p>${words.inQueue(waiting)}</p>`}
      ${capacity !== undefined &&
      waiting >= capacity * 0.8 &&
      html`<p class="doubtful">${words.nearlyFull}</p>`}
      <p class="quiet">${facts.join(" · ")}</p>
    </div>
  </li>`;
}

/** What the display of a simulated terminal shows, asked for each second; nothing while it does not answer.
 * @param {{ page: string, name: string, now: number }} props */
function Display({ page, name, now }) {
  const picture = new URL("api/screen.png", page);
  picture.searchParams.set("at", String(Math.floor(now / 1000)));
  const show = (/** @type {boolean} */ there) => (/** @type {Event} */ event) => {
    /** @type {HTMLElement} */ (event.target).hidden = !there;
  };
  return html`<img
    class="display"
    src=${picture.href}
    alt=${name}
    onLoad=${show(true)}
    onError=${show(false)}
  />`;
}

/** @param {string | undefined} address */
function isWebAddress(address) {
  return address !== undefined && /^https?:\/\//.test(address) && URL.canParse(address);
}

/** @param {{ scene: Scene }} props */
function Delivery({ scene: { overview, words, habits, now } }) {
  const { delivery } = overview;
  const troubled = delivery.state === "waiting" || delivery.state === "off";
  const says = {
    current: words.allDelivered,
    sending: words.sending(delivery.waiting),
    waiting: words.notAnswering(delivery.waiting),
    off: words.deliveryOff(delivery.waiting),
  }[delivery.state];
  const reasons = Object.entries(delivery.reasons ?? {});
  return html`<${Section} id="delivery" title=${words.delivery}>
    <ul class="rows">
      <li>
        <${Mark}
          name=${troubled ? "attention" : delivery.state === "sending" ? "waiting" : "recorded"}
          tone=${troubled ? "amber" : delivery.state === "sending" ? "quiet" : "green"}
        />
        <div>
          <p class="name">${says}</p>
          ${delivery.state === "waiting" &&
          delivery.last_error &&
          html`<p class="quiet" lang="en">${delivery.last_error}</p>`}
          <p class="quiet">
            ${delivery.last_receipt
              ? words.lastReceipt(dayAndTime(habits, delivery.last_receipt, now))
              : words.noReceipt}
          </p>
        </div>
      </li>
      ${delivery.rejected > 0 &&
      html`<li>
        <${Mark} name="attention" tone="amber" />
        <div>
          <p class="name">${words.rejected(delivery.rejected)}</p>
          <ul class="facts">
            ${reasons.map(
              ([reason, count]) =>
                html`<li key=${reason}>
                  <span>${words.reasons[reason] ?? reason}</span>
                  <span class="figure">${words.number(count)}</span>
                </li>`,
            )}
          </ul>
        </div>
      </li>`}
    </ul>
  <//>`;
}

/** @param {{ scene: Scene }} props */
function Inbox({ scene }) {
  const { overview, words } = scene;
  const { inbox, counts } = overview;
  return html`<${Section} id="inbox" title=${words.inbox}>
    ${inbox.length === 0
      ? html`<p class="empty">${words.nothingWaits}</p>`
      : html`<ol class="rows">
          ${groupNotices(inbox).map(
            (notices) => html`<${Matter} key=${notices[0].id} notices=${notices} scene=${scene} />`,
          )}
        </ol>`}
    ${counts.inbox > inbox.length &&
    html`<p class="empty">${words.moreNotices(counts.inbox - inbox.length)}</p>`}
  <//>`;
}

/**
 * Notices that say the same stand together: ten new cards in a morning are one matter.
 * @param {Overview["inbox"]} inbox
 * @returns {Overview["inbox"][]} in order of their oldest
 */
export function groupNotices(inbox) {
  /** @type {Map<string, Overview["inbox"]>} */
  const groups = new Map();
  for (const notice of inbox) {
    const key = `${notice.kind} ${notice.detail}`;
    groups.set(key, [...(groups.get(key) ?? []), notice]);
  }
  return [...groups.values()];
}

/** @param {{ notices: Overview["inbox"], scene: Scene }} props */
function Matter({ notices, scene: { words, habits, now } }) {
  const [{ kind, detail, created }] = notices;
  const isCard = kind === "unknown-card";
  return html`<li>
    <${Mark} name="attention" tone="amber" />
    <div>
      <p class="name">${words.notices[kind] ?? words.otherNotice}</p>
      <p class="quiet" lang="en">${detail}</p>
      ${(isCard || notices.length > 1) &&
      html`<ul class="facts">
        ${notices.map(
          (notice) =>
            html`<li key=${notice.id}>
              <span>${isCard && words.cardNumber(notice.subject.slice(0, tokenStart))}</span>
              <span class="time">${dayAndTime(habits, notice.created, now)}</span>
            </li>`,
        )}
      </ul>`}
    </div>
    ${!isCard &&
    notices.length === 1 &&
    html`<p class="time">${dayAndTime(habits, created, now)}</p>`}
  </li>`;
}
