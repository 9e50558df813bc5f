// The console, drawn from one overview: what all its pages share. Components hold no state.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { AccountsPage } from "./accounts.js";
import { HiddenName, PersonCards } from "./cards.js";
import { DeskPage } from "./desk.js";
import { EvacuationPage } from "./evacuation.js";
import { clockTime, longDay } from "./formats.js";
import { ManyPage } from "./group.js";
import { InboxPage } from "./inbox.js";
import { MonthsPage } from "./months.js";
import { Now } from "./now.js";
import { PasswordPage } from "./password.js";
import { RecordPage } from "./record.js";
import { SheetsPage } from "./sheets.js";

/**
 * @typedef {import("./overview.js").Overview} Overview
 * @typedef {import("./words.js").Words} Words
 *
 * @typedef {object} View
 * @property {Overview | null} overview the newest one
 * @property {number} heardAt when it came, by this computer's clock
 * @property {"connecting" | "live" | "lost"} link
 * @property {boolean} allTaps show every tap of the overview
 * @property {Words} words
 * @property {import("./overview.js").SignedIn | null} session who is signed in
 * @property {"now" | "desk" | "sheets" | "months" | "inbox" | "many" | "evacuation" | "accounts" | "record" | "password"} page
 * @property {import("./desk.js").Desk} desk
 * @property {import("./cards.js").Cards} cards
 * @property {import("./sheets.js").Sheets} sheets
 * @property {import("./months.js").Months} months
 * @property {import("./inbox.js").InboxState} inbox
 * @property {import("./waiting.js").WaitingState} waiting
 * @property {import("./group.js").Many} many
 * @property {import("./evacuation.js").EvacuationState} evacuation
 * @property {string} search whom the Now page shows
 * @property {"session" | "room"} by what it puts people together by
 * @property {import("./accounts.js").AccountsState} accounts
 * @property {import("./record.js").RecordState} record
 * @property {import("./password.js").OwnPassword} password
 *
 * @typedef {object} Actions
 * @property {() => void} allTaps
 * @property {() => void} signOut
 * @property {import("./desk.js").DeskActions} desk
 * @property {import("./cards.js").CardActions} cards
 * @property {import("./sheets.js").SheetActions} sheets
 * @property {import("./months.js").MonthActions} months
 * @property {import("./inbox.js").InboxActions} inbox
 * @property {import("./waiting.js").WaitingActions} waiting
 * @property {import("./group.js").ManyActions} many
 * @property {import("./evacuation.js").EvacuationActions} evacuation
 * @property {(text: string) => void} search
 * @property {(by: "session" | "room") => void} groupBy
 * @property {import("./accounts.js").AccountActions} accounts
 * @property {import("./record.js").RecordActions} record
 * @property {import("./password.js").PasswordActions} password
 *
 * @typedef {object} Scene what every part needs to draw itself
 * @property {Overview} overview
 * @property {Words} words
 * @property {number} now by the host's clock, Unix ms
 * @property {import("./formats.js").Habits} habits
 * @property {import("./overview.js").SignedIn["role"]} role of who looks at it
 * @property {string} actor whom this account acts as: a pseudonym, or the account's own name
 */

/** @param {{ view: View, now: number, actions: Actions }} props */
export function Page({ view, now, actions }) {
  const { overview, words, link, session } = view;
  if (!overview || !session) {
    return html`<main class="alone">
      <h1>Rollcall</h1>
      <p role="status">${link === "lost" ? words.lost : words.connecting}</p>
      ${link === "lost" && html`<p class="quiet">${words.lostNever}</p>`}
    </main>`;
  }
  const habits = { language: words.language, timezone: overview.site.timezone };
  const heard = Date.parse(overview.site.time);
  const scene = {
    overview,
    words,
    habits,
    now: link === "live" ? heard + (now - view.heardAt) : heard,
    role: session.role,
    actor: session.actor,
  };
  const page = [...pagesOf(session), ...beside(session)].includes(view.page) ? view.page : "now";
  return html`
    ${page === "now" && html`<a class="skip" href="#here">${words.skip}</a>`}
    <header>
      <${Site} scene=${scene} link=${link} />
      <${Account} session=${session} page=${page} scene=${scene} onSignOut=${actions.signOut} />
    </header>
    <${Banner} scene=${scene} link=${link} />
    ${page === "now" && html`<${Now} view=${view} scene=${scene} actions=${actions} />`}
    ${page === "desk" &&
    html`<${DeskPage}
      desk=${view.desk}
      scene=${scene}
      actions=${actions.desk}
      beside=${(/** @type {import("./overview.js").Found} */ person) =>
        [PersonCards, HiddenName].map(
          (Part) =>
            html`<${Part}
              key=${Part.name}
              cards=${view.cards}
              person=${person}
              scene=${scene}
              actions=${actions.cards}
            />`,
        )}
    />`}
    ${page === "sheets" &&
    html`<${SheetsPage} sheets=${view.sheets} scene=${scene} actions=${actions.sheets} />`}
    ${page === "many" &&
    html`<${ManyPage} many=${view.many} scene=${scene} actions=${actions.many} />`}
    ${page === "evacuation" &&
    html`<${EvacuationPage}
      state=${view.evacuation}
      scene=${scene}
      actions=${actions.evacuation}
    />`}
    ${page === "months" &&
    html`<${MonthsPage} months=${view.months} scene=${scene} actions=${actions.months} />`}
    ${page === "accounts" &&
    html`<${AccountsPage} state=${view.accounts} scene=${scene} actions=${actions.accounts} />`}
    ${page === "record" &&
    html`<${RecordPage} state=${view.record} scene=${scene} actions=${actions.record} />`}
    ${page === "password" &&
    html`<${PasswordPage}
      state=${view.password}
      name=${session.name}
      scene=${scene}
      actions=${actions.password}
    />`}
    ${page === "inbox" &&
    html`<${InboxPage}
      state=${view.inbox}
      waiting=${view.waiting}
      scene=${scene}
      actions=${actions.inbox}
      waitingActions=${actions.waiting}
      manager=${session.role === "manager"}
    />`}
  `;
}

/** @param {import("./overview.js").SignedIn} session @returns {View["page"][]} */
function pagesOf({ role }) {
  switch (role) {
    case "manager":
      return ["now", "desk", "sheets", "months", "inbox", "accounts", "record"];
    case "desk":
      return ["now", "desk", "inbox"];
    case "trainer":
      return ["now", "sheets"];
    case "viewer":
      return ["now"];
  }
}

/** Pages that are opened from others. @param {import("./overview.js").SignedIn} session @returns {View["page"][]} */
function beside(session) {
  return pagesOf(session).includes("desk")
    ? ["evacuation", "many", "password"]
    : ["evacuation", "password"];
}

/**
 * Who is signed in, and their pages.
 * @param {{ session: import("./overview.js").SignedIn, page: View["page"], scene: Scene, onSignOut: () => void }} props
 */
function Account({ session, page, scene: { overview, words }, onSignOut }) {
  const pages = pagesOf(session);
  /** @type {Partial<Record<View["page"], string>>} */
  const names = {
    now: words.pageNow,
    desk: words.pageDesk,
    sheets: words.pageSheets,
    months: words.pageMonths,
    inbox: words.pageInbox,
    accounts: words.pageAccounts,
    record: words.pageRecord,
    password: words.manager.own.title,
  };
  return html`<div class="bar">
    ${pages.length > 1 &&
    html`<nav aria-label=${words.pages}>
      ${pages.map(
        (one) =>
          html`<a key=${one} href="#/${one}" aria-current=${one === page ? "page" : undefined}
            >${names[one]}${one === "inbox" &&
            overview.counts.inbox > 0 &&
            html` <span class="badge"
              >${words.number(overview.counts.inbox)}<span class="out-of-sight">
                ${words.open}</span
              ></span
            >`}</a
          >`,
      )}
    </nav>`}
    <p class="who">
      <span class="name">${session.name}</span>
      <span class="quiet">${words.accountRoles[session.role]}</span>
      <a href="#/password" aria-current=${page === "password" ? "page" : undefined}
        >${names.password}</a
      >
      <button class="button" type="button" onClick=${onSignOut}>${words.signOut}</button>
    </p>
  </div>`;
}

/** @param {{ scene: Scene, link: View["link"] }} props */
function Site({ scene, link }) {
  const { overview, words, habits, now } = scene;
  const live = link === "live";
  return html`<div class="top">
    <img src="/lib/mark.svg" alt="" width="44" height="44" />
    <div class="site">
      <h1>${overview.site.name}</h1>
      <p class="quiet">${overview.site.organisation}</p>
    </div>
    <div class="clock">
      <p class="time">${clockTime(habits, now)}</p>
      <p class="quiet">
        <span>${longDay(habits, now)}</span>
        <span class=${overview.site.clock === "synced" ? "" : "doubtful"}
          >${words.clock[overview.site.clock]}</span
        >
        <span class="link ${live ? "on" : "off"}">${live ? words.live : words.notLive}</span>
      </p>
    </div>
  </div>`;
}

/** Always in the page, so that screen readers hear what is put in. @param {{ scene: Scene, link: View["link"] }} props */
function Banner({ scene, link }) {
  const { overview, words, habits } = scene;
  return html`<div role="status">
    ${link === "lost" &&
    html`<p class="banner">
      <${Mark} name="attention" tone="amber" />
      <span
        ><strong>${words.lost}</strong> ${words.lostSince(
          clockTime(habits, overview.site.time),
        )}</span
      >
    </p>`}
  </div>`;
}
