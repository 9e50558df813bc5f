// A person's issued cards on the Desk page, the next one while it is written, and for managers the
// name of a person who is shown without. Components hold no state; it is in `Cards`, and
// `CardActions` change it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { shortDate } from "./formats.js";
import { onSubmit, Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").IssuedCard} IssuedCard
 * @typedef {import("./overview.js").Issue} Issue
 * @typedef {import("./overview.js").Found} Found
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} Cards
 * @property {IssuedCard[] | null} list of the person who is looked at; null = not asked for yet
 * @property {Issue | null} issue the one that was begun here, until another person is looked at
 * @property {string | null} name that was seen, for a reason
 * @property {number} seen how often a name was seen: a form that was used is a new one
 * @property {string} problem what was refused last
 * @property {boolean} busy an answer is awaited
 *
 * @typedef {object} CardActions
 * @property {(person: Found, place: string, replaces: boolean, reason: string) => void} issue
 * @property {() => void} stop
 * @property {(person: Found, reason: string) => void} seeName
 * @property {() => void} hideName
 */

const numberStart = 8; // digits of a card's number that name it to people

/** @returns {Cards} */
export function newCards() {
  return { list: null, issue: null, name: null, seen: 0, problem: "", busy: false };
}

const ends = /** @type {const} */ ([
  "done",
  "taken",
  "refused",
  "card_gone",
  "expired",
  "cancelled",
  "failed",
]);
/** How it ended; nothing while it goes on. @param {Issue["state"]} state */
export const endOf = (state) => ends.find((end) => end === state);

/** @param {{ cards: Cards, person: Found, scene: Scene, actions: CardActions }} props */
export function PersonCards({ cards, person, scene, actions }) {
  return html`<section class="act" aria-labelledby="issued-title">
    <h3 id="issued-title">${scene.words.cards.title}</h3>
    <${List} cards=${cards} scene=${scene} />
    <${Progress} cards=${cards} scene=${scene} actions=${actions} />
    <${Problem} problem=${cards.problem} />
    <${IssueForm} cards=${cards} person=${person} scene=${scene} actions=${actions} />
  </section>`;
}

/** @param {{ cards: Cards, scene: Scene }} props */
function List({ cards, scene: { words, habits } }) {
  if (cards.list === null) return null;
  if (cards.list.length === 0) return html`<p class="quiet">${words.cards.none}</p>`;
  return html`<ul class="rows">
    ${cards.list.map(
      (one) =>
        html`<li key=${one.card}>
          <div>
            <p>
              <span class="name">${words.cardNumber(one.card.slice(0, numberStart))}</span> ${" "}
              <span class="presence ${one.state === "issued" ? "here" : ""}"
                >${words.cards.state(
                  words.cards.states[one.state],
                  shortDate(habits, one.since),
                )}</span
              >
            </p>
            <p class="quiet">${words.cards.by(one.by)} · <bdi>${one.reason}</bdi></p>
          </div>
        </li>`,
    )}
  </ul>`;
}

/** @param {{ cards: Cards, scene: Scene, actions: CardActions }} props */
function Progress({ cards: { issue }, scene: { words, overview }, actions }) {
  const said = words.cards;
  const end = issue && endOf(issue.state);
  const waiting = issue?.state === "waiting_for_card";
  const room =
    overview.terminals.find(({ serial }) => serial === issue?.serial)?.room ?? issue?.serial ?? "";
  return html`<div role="status">
    ${issue &&
    !end &&
    html`<div class="state">
      <p>${waiting ? said.hold(room, issue.seconds_left) : said.writing}</p>
      ${waiting &&
      html`<button class="button" type="button" onClick=${actions.stop}>${said.stop}</button>`}
    </div>`}
    ${end === "done" &&
    html`<p class="done">
      <${Mark} name="recorded" tone="green" /><span>${said.ends.done}</span>
    </p>`}
    ${end && end !== "done" && html`<p class="problem">${said.ends[end]} ${said.nobodys}</p>`}
    ${issue?.reason && html`<p class="quiet" lang="en">${issue.reason}</p>`}
  </div>`;
}

/** @param {{ cards: Cards, person: Found, scene: Scene, actions: CardActions }} props */
function IssueForm({ cards, person, scene, actions }) {
  const { words, overview } = scene;
  const said = words.cards;
  const replaces = cards.list?.some(({ state }) => state === "issued") ?? false;
  const places = overview.terminals.filter(({ state }) => state === "online");
  const goesOn = cards.issue !== null && !endOf(cards.issue.state);
  if (cards.list === null || goesOn) return null;
  if (places.length === 0) return html`<p class="quiet">${said.nowhere}</p>`;
  return html`<form
    class="act"
    key=${`issue ${person.person} ${replaces}`}
    onSubmit=${onSubmit(({ place, reason }) =>
      actions.issue(person, place, replaces, reason.trim()),
    )}
  >
    <fieldset disabled=${cards.busy}>
      <legend>${replaces ? said.replace : said.issue}</legend>
      <label>
        <span>${said.where}</span>
        <select name="place">
          ${places.map(
            ({ serial, room }) =>
              html`<option key=${serial} value=${serial}>${room} · ${serial}</option>`,
          )}
        </select>
      </label>
      <${Reason} words=${said} fallback=${replaces ? said.replaceReason : said.issueReason} />
      <div class="choices">
        <button class="button" type="submit">${replaces ? said.replace : said.issue}</button>
      </div>
    </fieldset>
  </form>`;
}

/** @param {{ words: Scene["words"]["cards"], fallback: string }} props */
function Reason({ words, fallback }) {
  return html`<label>
    <span>${words.reasonLabel}</span>
    <input
      name="reason"
      type="text"
      maxlength="150"
      required
      autocomplete="off"
      defaultValue=${fallback}
    />
  </label>`;
}

/** @param {{ cards: Cards, person: Found, scene: Scene, actions: CardActions }} props */
export function HiddenName({ cards, person, scene: { words, role }, actions }) {
  if (role !== "manager" || person.name !== null) return null;
  const said = words.cards;
  return html`<form
    class="act"
    key=${`name ${person.person} ${cards.seen}`}
    onSubmit=${onSubmit(({ reason }) => actions.seeName(person, reason.trim()))}
  >
    <fieldset disabled=${cards.busy}>
      <legend>${said.hiddenName}</legend>
      <p class="quiet">${said.hiddenHint}</p>
      <div role="status">
        ${cards.name !== null &&
        html`<p>
          ${said.isName(person.person)} <strong><bdi>${cards.name}</bdi></strong>
        </p>`}
      </div>
      ${cards.name === null
        ? html`<${Reason} words=${said} fallback="" />
            <div class="choices">
              <button class="button" type="submit">${said.seeName}</button>
            </div>`
        : html`<div class="choices">
            <button class="button" type="button" onClick=${actions.hideName}>
              ${said.hideName}
            </button>
          </div>`}
    </fieldset>
  </form>`;
}
