// The Desk page: find a person, then what the desk can do for them. Components hold no state; what
// was found and said is in `Desk`, and `DeskActions` change it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { causes, Day } from "./day.js";
import { dayAndTime } from "./formats.js";
import { Problem } from "./sign_in.js";
import { WithReason } from "./with_reason.js";

/**
 * @typedef {import("./overview.js").Found} Found
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} Desk
 * @property {string} find what was typed
 * @property {Found[] | null} found null = nothing was looked for yet
 * @property {boolean} more there are others than those found
 * @property {Found | null} person the one chosen
 * @property {import("./overview.js").PersonDay | null} day of that person
 * @property {string} correcting id of the event that is being corrected; "" = none
 * @property {string} card token of the unknown card that was chosen; "" = none
 * @property {string} done what was done last
 * @property {string} problem what was refused last
 * @property {{ digits: string, expires: string | null } | null} code given out last
 * @property {boolean} busy an answer is awaited
 *
 * @typedef {object} DeskActions
 * @property {(text: string) => void} find
 * @property {(person: Found | null) => void} choose
 * @property {(cause: string) => void} assist
 * @property {(reason: string) => void} giveCode
 * @property {(state: "lost" | "revoked", reason: string) => void} withdrawCard
 * @property {(token: string, reason: string) => void} attach
 * @property {import("./day.js").DayActions} day
 */

const tokenStart = 8; // digits of a card token that name it to people

/** @returns {Desk} */
export function newDesk() {
  return {
    find: "",
    found: null,
    more: false,
    person: null,
    day: null,
    correcting: "",
    card: "",
    done: "",
    problem: "",
    code: null,
    busy: false,
  };
}

/** @param {{ name: string | null, person: string }} person */
export const shownName = (person) => person.name ?? person.person;

/**
 * `beside`: what else stands on a person's card, before what ends it and below everything.
 * @param {{ desk: Desk, scene: Scene, actions: DeskActions, beside: (person: Found) => [any, any] }} props
 */
export function DeskPage({ desk, scene, actions, beside }) {
  const { words } = scene;
  return html`<main class="work">
    <section class="card" aria-labelledby="find-title">
      <h2 id="find-title">${words.desk.find}</h2>
      <label class="out-of-sight" for="find">${words.desk.findLabel}</label>
      <input
        id="find"
        class="search"
        type="search"
        autocomplete="off"
        spellcheck=${false}
        placeholder=${words.desk.findLabel}
        value=${desk.find}
        onInput=${(/** @type {Event} */ event) =>
          actions.find(/** @type {HTMLInputElement} */ (event.target).value)}
      />
      <${Results} desk=${desk} scene=${scene} actions=${actions} />
    </section>
    <div class="column">
      <div role="status">
        ${desk.done &&
        html`<p class="done"><${Mark} name="recorded" tone="green" /><span>${desk.done}</span></p>`}
      </div>
      <${Problem} problem=${desk.problem} />
      ${desk.card &&
      !desk.person &&
      html`<p class="hint">${words.desk.whoseCard(desk.card.slice(0, tokenStart))}</p>`}
      ${desk.person
        ? html`<${Person}
              desk=${desk}
              person=${desk.person}
              scene=${scene}
              actions=${actions}
              beside=${beside}
            />
            ${desk.day &&
            html`<${Day}
              day=${desk.day}
              correcting=${desk.correcting}
              busy=${desk.busy}
              scene=${scene}
              actions=${actions.day}
            />`}`
        : html`<p class="empty hint">${words.desk.nobodyChosen}</p>`}
    </div>
  </main>`;
}

/** @param {{ desk: Desk, scene: Scene, actions: DeskActions }} props */
function Results({ desk, scene: { words }, actions }) {
  if (desk.found === null) return html`<p class="quiet hint">${words.desk.findHint}</p>`;
  if (desk.found.length === 0) return html`<p class="empty hint">${words.desk.nobodyFound}</p>`;
  return html`<ul class="found" aria-label=${words.desk.foundLabel}>
      ${desk.found.map(
        (person) =>
          html`<li key=${person.person}>
            <button
              type="button"
              aria-pressed=${desk.person?.person === person.person}
              onClick=${() => actions.choose(person)}
            >
              <span class="name">${shownName(person)}</span>
              <span class="quiet"
                >${[person.name && person.person, words.roles[person.role]]
                  .filter(Boolean)
                  .join(" · ")}</span
              >
              <span class=${person.here ? "presence here" : "presence"}
                >${person.here ? words.desk.here : words.desk.notHere}</span
              >
            </button>
          </li>`,
      )}
    </ul>
    ${desk.more && html`<p class="quiet hint">${words.desk.moreFound}</p>`}`;
}

/** @param {{ desk: Desk, person: Found, scene: Scene, actions: DeskActions, beside: (person: Found) => [any, any] }} props */
function Person({ desk, person, scene, actions, beside }) {
  const { words } = scene;
  const [cards, name] = beside(person);
  return html`<section class="card person" aria-labelledby="person-title">
    <div class="person-head">
      <div>
        <h2 id="person-title">${shownName(person)}</h2>
        <p class="quiet">${person.person}</p>
      </div>
      <span class=${person.here ? "presence here" : "presence"}
        >${person.here ? words.desk.here : words.desk.notHere}</span
      >
    </div>
    <fieldset disabled=${desk.busy}>
      <legend>${person.here ? words.desk.left : words.desk.arrived}</legend>
      <div class="choices">
        ${causes.map(
          (cause) =>
            html`<button
              key=${cause}
              class=${cause === "no_card" ? "button main" : "button"}
              type="button"
              onClick=${() => actions.assist(cause)}
            >
              ${words.desk.causes[cause]}
            </button>`,
        )}
      </div>
    </fieldset>
    <${WithReason}
      key=${`code ${person.person}`}
      title=${words.desk.code}
      label=${words.desk.reason}
      reason=${words.desk.codeReason}
      busy=${desk.busy}
      buttons=${[{ says: words.desk.giveCode, does: actions.giveCode }]}
    />
    ${desk.code &&
    html`<div class="code" role="status">
      <p class="digits">${desk.code.digits.slice(0, 4)} ${desk.code.digits.slice(4)}</p>
      <p class="quiet">${words.desk.codeOnce}</p>
    </div>`}
    <${UnknownCards} desk=${desk} person=${person} scene=${scene} actions=${actions} />
    ${cards}
    <${WithReason}
      key=${`card ${person.person}`}
      title=${words.desk.card}
      label=${words.desk.reason}
      reason=""
      busy=${desk.busy}
      buttons=${[
        {
          says: words.desk.lost,
          does: (/** @type {string} */ why) => actions.withdrawCard("lost", why),
        },
        {
          says: words.desk.revoke,
          does: (/** @type {string} */ why) => actions.withdrawCard("revoked", why),
        },
      ]}
    />
    ${name}
  </section>`;
}

/** @param {{ desk: Desk, person: Found, scene: Scene, actions: DeskActions }} props */
function UnknownCards({ desk, person, scene, actions }) {
  const { overview, words, habits, now } = scene;
  const cards = overview.inbox.filter(({ kind }) => kind === "unknown-card");
  if (cards.length === 0) return null;
  const wanted = cards.some(({ subject }) => subject === desk.card) ? desk.card : cards[0].subject;
  const chosen = () =>
    /** @type {HTMLInputElement | null} */ (document.querySelector('input[name="card"]:checked'))
      ?.value ?? wanted;
  return html`<${WithReason}
    key=${`attach ${person.person} ${desk.card}`}
    title=${words.desk.attach}
    label=${words.desk.reason}
    reason=${words.desk.attachReason}
    busy=${desk.busy}
    buttons=${[
      {
        says: words.desk.attachTo(shownName(person)),
        does: (/** @type {string} */ why) => actions.attach(chosen(), why),
      },
    ]}
  >
    <ul class="cards">
      ${cards.map(
        (card) =>
          html`<li key=${card.id}>
            <label>
              <input
                type="radio"
                name="card"
                value=${card.subject}
                defaultChecked=${card.subject === wanted}
              />
              <span>${words.cardNumber(card.subject.slice(0, tokenStart))}</span>
              <span class="time">${dayAndTime(habits, card.created, now)}</span>
            </label>
          </li>`,
      )}
    </ul>
  <//>`;
}
