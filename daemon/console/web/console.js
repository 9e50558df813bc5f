// Entry of the console: who is signed in, which page is shown, and the overview that all pages draw
// from, again at each change and each second.
import { html, render } from "/lib/html.js";
import { wordsFor } from "/lib/language.js";
import { follow } from "/lib/live.js";
import { actAs, ask } from "./api.js";
import { accountActions } from "./account_actions.js";
import { newAccounts } from "./accounts.js";
import { evacuationActions, manyActions, waitingActions } from "./attendance_actions.js";
import { cardActions } from "./card_actions.js";
import { cardGateActions, newCardGate } from "./card_sign_in.js";
import { newCards } from "./cards.js";
import { newDesk } from "./desk.js";
import { clearDesk, deskActions } from "./desk_actions.js";
import { clockTime, isoDay, minutesOf } from "./formats.js";
import { newMany } from "./group.js";
import { monthActions } from "./month_actions.js";
import { newMonths } from "./months.js";
import { newPassword, passwordActions } from "./password.js";
import { newRecord, recordActions } from "./record.js";
import { sheetActions } from "./sheet_actions.js";
import { newSheets } from "./sheets.js";
import { FirstManager, SignIn } from "./sign_in.js";
import { Page } from "./view.js";
import { newWaiting } from "./waiting.js";
import { catalogue } from "./words.js";

const words = wordsFor(catalogue, navigator.languages);
document.documentElement.lang = words.language;
document.title = words.pageTitle;

const linkStart = "#first-manager=";
const aliveEveryMs = 60_000; // the person's own doing keeps the session, a page left alone does not

/** @type {import("./view.js").View} */
const view = {
  overview: null,
  heardAt: 0,
  link: "connecting",
  allTaps: false,
  words,
  session: null,
  page: "now",
  desk: newDesk(),
  cards: newCards(),
  sheets: newSheets(),
  months: newMonths(),
  inbox: { done: "", problem: "", busy: false },
  waiting: newWaiting(),
  many: newMany(),
  evacuation: { list: null, problem: "" },
  search: "",
  by: "session",
  accounts: newAccounts(),
  record: newRecord(),
  password: newPassword(),
};
/** @type {import("./sign_in.js").Gate} */
const gate = { message: "", problem: "", busy: false, card: newCardGate() };
const byCard = cardGateActions(gate, words, draw, enter);
let known = false; // whether somebody is signed in
let stopFollowing = () => {};
let aliveAt = 0;

function draw() {
  if (location.hash.startsWith(linkStart) && !view.session) {
    render(
      html`<${FirstManager} words=${words} gate=${gate} onMake=${makeFirstManager} />`,
      document.body,
    );
  } else if (known && !view.session) {
    render(
      html`<${SignIn} words=${words} gate=${gate} onSignIn=${signIn} byCard=${byCard} />`,
      document.body,
    );
  } else {
    render(html`<${Page} view=${view} now=${Date.now()} actions=${actions} />`, document.body);
  }
}

/** @param {import("./overview.js").SignedIn} session */
function enter(session) {
  view.session = session;
  known = true;
  actAs(session);
  Object.assign(gate, { message: "", problem: "", busy: false });
  stopFollowing = follow("/api/v1/stream", {
    state(/** @type {import("./overview.js").Overview} */ overview) {
      const first = view.overview === null;
      view.overview = overview;
      view.heardAt = Date.now();
      view.link = "live";
      if (first) begin();
      draw();
      lookAgain(overview);
    },
    async lost() {
      view.link = "lost";
      draw();
      const { session, password } = view;
      if (password.busy) return; // a new password ends this session, and begins another one
      const answer = await ask("GET", "/api/v1/session");
      if (answer.status === 401 && session && view.session === session) leave(words.signIn.ended);
    },
  });
  draw();
}

/** @param {import("./overview.js").Overview["site"]} site */
const habitsOf = ({ timezone }) => ({ language: words.language, timezone });

const beforeEnd = 15; // minutes before its end from which a half-day can be confirmed
let lastSeen = "";
/**
 * The half-days are asked for again when somebody moved, and when one begins or can be confirmed: each look at
 * them is put on record.
 * @param {import("./overview.js").Overview} overview
 */
function lookAgain({ site, taps, present, sessions }) {
  const habits = habitsOf(site);
  const now = minutesOf(clockTime(habits, site.time));
  const { sheets } = view;
  const due = (sheets.list ?? []).map(({ start, end }) => [
    now >= minutesOf(start),
    now >= minutesOf(end) - beforeEnd,
  ]);
  const seen = JSON.stringify([taps[0], present.length, sessions, due]);
  if (seen === lastSeen) return;
  if (view.page === "inbox" && !view.waiting.busy) actions.waiting.refresh();
  else if (view.page === "sheets" && !sheets.busy && !sheets.signing) actions.sheets.refresh();
  else return;
  lastSeen = seen;
}

/** Nothing of what was seen stays. @param {string} message */
function leave(message) {
  stopFollowing();
  actAs(null);
  clearDesk(view.desk);
  actions.cards.look(null);
  Object.assign(view.sheets, newSheets());
  Object.assign(view.months, newMonths());
  Object.assign(view.accounts, newAccounts());
  Object.assign(view.record, newRecord());
  Object.assign(view.password, newPassword());
  Object.assign(view, { session: null, overview: null, link: "connecting", page: "now" });
  Object.assign(view.inbox, { done: "", problem: "", busy: false });
  Object.assign(view.waiting, newWaiting());
  Object.assign(view.many, newMany());
  Object.assign(view.evacuation, { list: null, problem: "" });
  view.search = "";
  known = true;
  gate.message = message;
  byCard.look();
  history.replaceState(null, "", "/");
  draw();
}

/**
 * @param {string} path
 * @param {object} fields
 * @param {(answer: import("./api.js").Answer) => string} refused
 */
async function come(path, fields, refused) {
  Object.assign(gate, { problem: "", busy: true });
  draw();
  const answer = await ask("POST", path, fields);
  gate.busy = false;
  if (answer.ok) {
    if (location.hash.startsWith(linkStart)) history.replaceState(null, "", "/");
    enter(answer.body);
    return;
  }
  gate.problem =
    answer.status === 429
      ? words.signIn.wait(answer.wait)
      : answer.status === 0 || answer.status >= 500
        ? words.signIn.noAnswer
        : refused(answer);
  draw();
}

/** @param {Record<string, string>} fields */
function signIn({ name, password }) {
  return come("/api/v1/session", { name: name.trim(), password }, () => words.signIn.wrong);
}

/** @param {Record<string, string>} fields */
function makeFirstManager({ name, password }) {
  const link = location.hash.slice(linkStart.length);
  const fields = { link, name: name.trim(), password };
  return come("/api/v1/first-manager", fields, (answer) => answer.body.detail);
}

const desk = deskActions(view.desk, words, draw);
const actions = {
  desk: {
    ...desk,
    /** @param {import("./overview.js").Found | null} person */
    choose(person) {
      actions.cards.look(person?.person ?? null);
      return desk.choose(person);
    },
    /** @param {string} person @param {string} date */
    async show(person, date) {
      await desk.show(person, date);
      actions.cards.look(view.desk.person?.person ?? null);
    },
  },
  cards: cardActions(view.cards, words, draw),
  sheets: sheetActions(view.sheets, words, draw, () => {
    const { site } = /** @type {import("./overview.js").Overview} */ (view.overview);
    const habits = habitsOf(site);
    return {
      actor: view.session?.actor ?? "",
      today: isoDay(habits, site.time),
      minute: minutesOf(clockTime(habits, site.time)),
    };
  }),
  many: manyActions(view.many, words, draw),
  evacuation: evacuationActions(view.evacuation, words, draw),
  waiting: waitingActions(view.waiting, words, draw, () => view.overview?.site.timezone),
  /** @param {string} text */
  search(text) {
    view.search = text;
    draw();
  },
  /** @param {"session" | "room"} by */
  groupBy(by) {
    view.by = by;
    draw();
  },
  months: monthActions(view.months, words, draw, () => {
    const { site } = /** @type {import("./overview.js").Overview} */ (view.overview);
    return isoDay(habitsOf(site), site.time);
  }),
  accounts: accountActions(view.accounts, words, draw),
  record: recordActions(view.record, words, draw),
  password: passwordActions(view.password, words, draw, (session) => {
    view.session = session;
    actAs(session);
  }),
  allTaps() {
    view.allTaps = !view.allTaps;
    draw();
  },
  async signOut() {
    await ask("DELETE", "/api/v1/session");
    leave("");
  },
  inbox: {
    /** @param {import("./overview.js").Notice} notice */
    close: (notice) =>
      settle("/api/v1/inbox/close", { id: notice.id }, () => words.inboxPage.closed),
    sendAgain: () =>
      settle("/api/v1/delivery/retry", {}, ({ events }) => words.inboxPage.sentAgain(events)),
    /** @param {import("./overview.js").Notice} notice */
    agree: (notice) =>
      settle("/api/v1/roster/removals", { source: notice.subject }, () => words.inboxPage.agreed),
    /** @param {import("./overview.js").Notice} notice */
    attach(notice) {
      clearDesk(view.desk);
      actions.cards.look(null);
      view.desk.card = notice.subject;
      location.hash = "#/desk";
    },
  },
};

/**
 * @param {string} path
 * @param {object} body
 * @param {(answer: any) => string} done
 */
async function settle(path, body, done) {
  Object.assign(view.inbox, { done: "", problem: "", busy: true });
  draw();
  const answer = await ask("POST", path, body);
  view.inbox.busy = false;
  if (answer.ok) view.inbox.done = done(answer.body);
  else view.inbox.problem = answer.body.detail ?? words.desk.noAnswer;
  draw();
}

const pages = /** @type {const} */ ([
  "now",
  "desk",
  "sheets",
  "months",
  "inbox",
  "many",
  "evacuation",
  "accounts",
  "record",
  "password",
]);

const named = () => location.hash.slice(2).split("/").map(decodeURIComponent);

/** Asks for what the page shows, once it is known which day it is here. */
function begin() {
  if (!view.session || !view.overview) return;
  const { page } = view;
  const [, one, two] = named();
  if (page === "sheets" && one && two) actions.sheets.show(one, two);
  else if (page === "sheets") actions.sheets.open();
  if (page === "inbox") actions.waiting.refresh();
  if (page === "evacuation") actions.evacuation.make();
  if (page === "many" && one) actions.many.open(one, two ?? "today");
  if (page === "desk" && one) {
    history.replaceState(null, "", "#/desk"); // whose day was looked at stays in no address
    actions.desk.show(one, two ?? "");
  }
  if (view.session.role !== "manager") return;
  if (page === "months") actions.months.refresh();
  if (page === "accounts") actions.accounts.refresh();
  if (page === "record") actions.record.look(view.record.filter);
}

/**
 * Which page the address names, and what of it; an anchor inside a page leaves it as it is. What was
 * typed, seen and said on the page before goes.
 */
function turn() {
  if (location.hash.startsWith("#/") || location.hash === "") {
    view.page = pages.find((page) => page === named()[0]) ?? "now";
    actions.cards.hideName();
    Object.assign(view.accounts, { made: null, done: "", problem: "" });
    Object.assign(view.password, { done: "", problem: "" });
    begin();
  }
  draw();
}

function alive() {
  if (!view.session || Date.now() - aliveAt < aliveEveryMs) return;
  aliveAt = Date.now();
  ask("GET", "/api/v1/session");
}

addEventListener("hashchange", turn);
addEventListener("pointerdown", alive);
addEventListener("keydown", alive);
setInterval(draw, 1000);
turn();
if (!location.hash.startsWith(linkStart)) {
  const answer = await ask("GET", "/api/v1/session");
  if (answer.ok) enter(answer.body);
  else leave("");
}
