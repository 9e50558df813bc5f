// The page of a month: every sheet with its state, what an audit would object to, and certificates
// of one person. Components hold no state; it is in `Months`, and `MonthActions` change it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { shownName } from "./desk.js";
import { hours, monthName, shortDay } from "./formats.js";
import { Sending } from "./sending.js";
import { Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").Month} Month
 * @typedef {import("./overview.js").Finding} Finding
 * @typedef {import("./overview.js").SheetInShort} SheetInShort
 * @typedef {import("./overview.js").Certificates} Certificates
 * @typedef {import("./overview.js").Found} Found
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} Months
 * @property {string} month "2026-03"; "" = this one
 * @property {Month | null} read null = not asked for yet
 * @property {string} find what was typed to find a person
 * @property {Found[] | null} found null = nothing was looked for yet
 * @property {Found | null} person the one chosen
 * @property {{ from: string, to: string }} period
 * @property {Certificates | null} certificates of the person in that period
 * @property {import("./overview.js").MonthState | null} state what is closed and sent; null = not asked for yet
 * @property {boolean} busy an answer is awaited
 * @property {string} problem what was refused last
 *
 * @typedef {object} MonthActions
 * @property {() => void} send
 * @property {(by: number) => void} turn by so many months
 * @property {(text: string) => void} find
 * @property {(person: Found) => void} choose
 * @property {(period: { from?: string, to?: string }) => void} within
 */

/** @returns {Months} */
export function newMonths() {
  return {
    month: "",
    read: null,
    find: "",
    found: null,
    person: null,
    period: { from: "", to: "" },
    certificates: null,
    state: null,
    busy: false,
    problem: "",
  };
}

/** Where the half-day is opened. @param {{ session: string, day: string }} sheet */
const pageOf = ({ session, day }) => `#/sheets/${encodeURIComponent(session)}/${day}`;

/** @param {{ months: Months, scene: Scene, actions: MonthActions }} props */
export function MonthsPage({ months, scene, actions }) {
  const words = scene.words.months;
  const { read } = months;
  return html`<main class="work single sheets">
    <section class="card" aria-labelledby="month-title">
      <h2 id="month-title">${words.title}</h2>
      <div class="month-choice">
        <button class="button" type="button" onClick=${() => actions.turn(-1)}>
          ${words.before}
        </button>
        <p class="name" role="status">${months.month && monthName(scene.habits, months.month)}</p>
        <button class="button" type="button" onClick=${() => actions.turn(1)}>
          ${words.after}
        </button>
      </div>
      <${Problem} problem=${months.problem} />
      ${read && html`<${Tally} sheets=${read.sheets} scene=${scene} />`}
    </section>
    ${read &&
    html`<section class="card" aria-labelledby="findings-title">
        <h2 id="findings-title">${words.findings}</h2>
        ${read.findings.length === 0
          ? html`<p class="empty">${words.noFindings}</p>`
          : html`<ol class="rows findings">
              ${read.findings.map(
                (one, index) =>
                  html`<${OneFinding} key=${index} finding=${one} read=${read} scene=${scene} />`,
              )}
            </ol>`}
      </section>
      ${months.state &&
      html`<${Sending}
        state=${months.state}
        busy=${months.busy}
        titleOf=${(/** @type {{ session: string, day: string }} */ one) =>
          titleIn(one, read.sheets, scene)}
        pageOf=${pageOf}
        onSend=${actions.send}
        scene=${scene}
      />`}
      <${Certificate} months=${months} scene=${scene} actions=${actions} />
      <section class="card" aria-labelledby="list-title">
        <h2 id="list-title">${words.list}</h2>
        ${read.sheets.length === 0
          ? html`<p class="empty">${words.none}</p>`
          : html`<${List} sheets=${read.sheets} scene=${scene} />`}
      </section>`}
  </main>`;
}

/** How many sheets are in which state. @param {{ sheets: SheetInShort[], scene: Scene }} props */
function Tally({ sheets, scene: { words } }) {
  const states = /** @type {const} */ ([
    "open",
    "outdated",
    "confirmed",
    "closed",
    "to_come",
    "cancelled",
    "holiday",
  ]);
  const counts = states
    .map((state) => ({ state, n: sheets.filter((one) => one.state === state).length }))
    .filter(({ n }) => n > 0);
  return html`<ul class="tally">
    ${counts.map(
      ({ state, n }) =>
        html`<li key=${state} class="presence ${waits(state) ? "waits" : ""}">
          ${words.months.tally(n, words.sheets.states[state])}
        </li>`,
    )}
  </ul>`;
}

const waits = (/** @type {SheetInShort["state"]} */ state) =>
  state === "open" || state === "outdated" || state === "confirmed";

/** "Mon 2 Mar, morning". @param {{ day: string, half_day: SheetInShort["half_day"] }} one @param {Scene} scene */
const whenInWords = ({ day, half_day }, { words, habits }) =>
  `${shortDay(habits, day)}, ${words.sheets.halfDays[half_day].toLowerCase()}`;

/** @param {{ session: string, day: string, half_day: SheetInShort["half_day"] }} one @param {SheetInShort[]} sheets @param {Scene} scene */
function inWords(one, sheets, scene) {
  const { session, day } = one;
  const title = sheets.find((sheet) => sheet.session === session && sheet.day === day)?.title;
  return `${whenInWords(one, scene)} · ${title ?? session}`;
}

/** A half-day that is named by its session alone. @param {{ session: string, day: string }} one @param {SheetInShort[]} sheets @param {Scene} scene */
function titleIn(one, sheets, scene) {
  const sheet = sheets.find(({ session, day }) => session === one.session && day === one.day);
  return sheet
    ? inWords(sheet, sheets, scene)
    : `${shortDay(scene.habits, one.day)} · ${one.session}`;
}

/** @param {string} clause @param {boolean} begins a sentence */
const sentence = (clause, begins) =>
  `${begins ? clause.charAt(0).toUpperCase() : clause.charAt(0)}${clause.slice(1)}.`;

/** @param {{ finding: Finding, read: Month, scene: Scene }} props */
function OneFinding({ finding, read, scene }) {
  const words = scene.words.months;
  return html`<li>
    <${Mark} name="attention" tone=${finding.severity === "rejected" ? "amber" : "quiet"} />
    <div>
      <p class="name">
        <a href=${pageOf(finding)}>${inWords(finding, read.sheets, scene)}</a>
      </p>
      <p>
        ${finding.person && html`<bdi>${shownName({ ...finding, person: finding.person })}</bdi>: `}
        ${sentence(finding.clause, finding.person === null)}
      </p>
      <p class="quiet">${words.severity[finding.severity]}</p>
    </div>
  </li>`;
}

/** @param {{ sheets: SheetInShort[], scene: Scene }} props */
function List({ sheets, scene }) {
  const words = scene.words.months;
  return html`<table role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${[words.day, words.module, words.state, words.present, words.done, words.paper].map(
          (head) => html`<th key=${head} role="columnheader" scope="col">${head}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${sheets.map((one) => {
        const what = inWords(one, sheets, scene);
        const path = `/api/v1/sheets/${encodeURIComponent(one.session)}/${one.day}/pdf`;
        return html`<tr key=${`${one.session} ${one.day}`} role="row">
          <th role="rowheader" scope="row">${whenInWords(one, scene)}</th>
          <td role="cell">
            <a href=${pageOf(one)} aria-label=${words.open(what)}>${one.title}</a>
          </td>
          <td role="cell">
            <span class="presence ${waits(one.state) ? "waits" : ""}"
              >${scene.words.sheets.states[one.state]}</span
            >
          </td>
          <td role="cell" class="time" data-label=${words.present}>
            ${words.of(one.present, one.expected)}
          </td>
          <td role="cell" class="time" data-label=${words.done}>
            ${words.of(one.done, one.present)}
          </td>
          <td role="cell">
            <a
              class="button"
              href="${path}?language=${scene.words.language}"
              target="_blank"
              rel="noopener"
              aria-label=${words.printOf(what)}
              >${scene.words.sheets.print}</a
            >
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** @param {{ months: Months, scene: Scene, actions: MonthActions }} props */
function Certificate({ months, scene, actions }) {
  const words = scene.words.months;
  const { found, person, period } = months;
  const look = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    actions.find(String(new FormData(form).get("find") ?? "").trim());
  };
  return html`<section class="card" aria-labelledby="certificate-title">
    <h2 id="certificate-title">${words.certificate}</h2>
    <p class="quiet">${words.certificateHint}</p>
    <form class="line-of-fields" onSubmit=${look}>
      <label class="grows">
        <span>${words.person}</span>
        <input
          name="find"
          type="search"
          autocomplete="off"
          spellcheck=${false}
          minlength="2"
          required
          defaultValue=${months.find}
        />
      </label>
      <button class="button" type="submit">${words.look}</button>
    </form>
    ${found?.length === 0 && html`<p class="empty hint">${words.nobody}</p>`}
    ${found &&
    found.length > 0 &&
    html`<ul class="found" aria-label=${words.people}>
      ${found.map(
        (one) =>
          html`<li key=${one.person}>
            <button
              type="button"
              aria-pressed=${person?.person === one.person}
              onClick=${() => actions.choose(one)}
            >
              <span class="name"><bdi>${shownName(one)}</bdi></span>
              <span class="quiet">${one.name && one.person}</span>
            </button>
          </li>`,
      )}
    </ul>`}
    ${person &&
    html`<div class="line-of-fields">
        <label>
          <span>${words.from}</span>
          <input
            type="date"
            value=${period.from}
            onChange=${(/** @type {Event} */ event) =>
              actions.within({
                from: /** @type {HTMLInputElement} */ (event.target).value,
              })}
          />
        </label>
        <label>
          <span>${words.to}</span>
          <input
            type="date"
            value=${period.to}
            onChange=${(/** @type {Event} */ event) =>
              actions.within({
                to: /** @type {HTMLInputElement} */ (event.target).value,
              })}
          />
        </label>
      </div>
      <${Courses} months=${months} scene=${scene} />`}
  </section>`;
}

/** What can be certified. @param {{ months: Months, scene: Scene }} props */
function Courses({ months: { certificates, read }, scene }) {
  const words = scene.words.months;
  if (!certificates) return null;
  const { person, from, to, courses, left_out } = certificates;
  const path = `/api/v1/people/${encodeURIComponent(person)}/certificates/pdf`;
  const leftOut = (/** @type {{ session: string, day: string }} */ { session, day }) => {
    const title = read?.sheets.find((sheet) => sheet.session === session)?.title;
    return `${shortDay(scene.habits, day)} · ${title ?? session}`;
  };
  return html`<div role="status">
    ${courses.length === 0 && html`<p class="empty">${words.nothing}</p>`}
    <ul class="rows courses">
      ${courses.map(
        (course) =>
          html`<li key=${course.course}>
            <div>
              ${course.modules.map(
                (one) =>
                  html`<p key=${one.title}>
                    <span class="name">${one.title}</span><br />
                    <span class="quiet"
                      >${[
                        words.hours(hours(one.minutes), hours(one.planned_minutes)),
                        words.halfDays(one.attended, one.held),
                      ].join(" · ")}</span
                    >
                  </p>`,
              )}
            </div>
            <a
              class="button"
              href="${path}?${new URLSearchParams({
                from,
                to,
                course: course.course,
                language: scene.words.language,
              })}"
              target="_blank"
              rel="noopener"
              >${words.printCertificate(course.course)}</a
            >
          </li>`,
      )}
    </ul>
    ${left_out.length > 0 &&
    html`<p class="quiet">${words.leftOut(left_out.length)}</p>
      <ul class="tally">
        ${left_out.map(
          (one) =>
            html`<li key=${`${one.session} ${one.day}`}>
              <a href=${pageOf(one)}>${leftOut(one)}</a>
            </li>`,
        )}
      </ul>`}
  </div>`;
}
