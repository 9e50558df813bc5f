// Recording an arrival or a departure for many people of one session at once: an outage, an excursion, a terminal
// that was down. Components hold no state; it is in `Many`.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { Causes, Directions } from "./day.js";
import { shownName } from "./desk.js";
import { clockTime, longDay } from "./formats.js";
import { Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").Group} Group
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} Many
 * @property {Group | null} group null = not asked for yet
 * @property {"in" | "out"} direction
 * @property {Set<string>} ticked pseudonyms
 * @property {string} at "09:00"
 * @property {string} cause
 * @property {string} reason
 * @property {boolean} sure the one question before it is done
 * @property {string} done
 * @property {{ person: string, why: string }[]} left who could not be recorded
 * @property {string} problem
 * @property {boolean} busy
 *
 * @typedef {object} ManyActions
 * @property {(direction: "in" | "out") => void} turn
 * @property {(person: string) => void} tick
 * @property {(all: boolean) => void} tickAll
 * @property {(fields: { at?: string, cause?: string, reason?: string }) => void} fill
 * @property {(sure: boolean) => void} ask
 * @property {() => void} record
 */

/** @returns {Many} */
export function newMany() {
  return {
    group: null,
    direction: "in",
    ticked: new Set(),
    at: "",
    cause: "terminal_down",
    reason: "",
    sure: false,
    done: "",
    left: [],
    problem: "",
    busy: false,
  };
}

/** Who is meant when nobody has been ticked by hand. @param {Group} group @param {"in" | "out"} direction */
export function meant(group, direction) {
  const fits = direction === "in" ? ["expected"] : ["here", "no_exit"];
  return new Set(group.people.filter(({ state }) => fits.includes(state)).map((one) => one.person));
}

/** @param {{ many: Many, scene: Scene, actions: ManyActions }} props */
export function ManyPage({ many, scene, actions }) {
  const words = scene.words.attendance;
  const { group } = many;
  return html`<main class="work single many">
    <section class="card" aria-labelledby="many-title">
      <h2 id="many-title">${words.groupTitle}</h2>
      ${group &&
      html`<p class="when">
        ${group.title} · ${longDay(scene.habits, `${group.day}T12:00:00Z`)} ·
        ${" "}${group.start}–${group.end}${group.room && ` · ${group.room}`}
      </p>`}
      <div role="status">
        ${many.done &&
        html`<p class="done"><${Mark} name="recorded" tone="green" /><span>${many.done}</span></p>`}
      </div>
      ${many.left.length > 0 && html`<${Left} many=${many} words=${words} />`}
      <${Problem} problem=${many.problem} />
      ${group &&
      (group.people.length === 0
        ? html`<p class="empty">${words.nobodyExpected}</p>`
        : html`<${Form} many=${many} group=${group} scene=${scene} actions=${actions} />`)}
      <p><a href="#/now">${words.groupBack}</a></p>
    </section>
  </main>`;
}

/** @param {{ many: Many, words: any }} props */
function Left({ many, words }) {
  const name = (/** @type {string} */ id) =>
    many.group?.people.find(({ person }) => person === id)?.name ?? id;
  return html`<div class="state">
    <p>${words.notRecorded(many.left.length)}</p>
    <ul>
      ${many.left.map(
        ({ person, why }) =>
          html`<li key=${person}>
            <span class="name">${name(person)}</span> <span class="quiet" lang="en">${why}</span>
          </li>`,
      )}
    </ul>
  </div>`;
}

/** @param {{ many: Many, group: Group, scene: Scene, actions: ManyActions }} props */
function Form({ many, group, scene, actions }) {
  const words = scene.words.attendance;
  const review = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    actions.ask(true);
  };
  const typed = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  const count = many.ticked.size;
  return html`<form class="act" onSubmit=${review}>
      <fieldset disabled=${many.busy || many.sure}>
        <legend class="out-of-sight">${words.groupTitle}</legend>
        <${Directions}
          words=${words}
          name="many"
          checked=${many.direction}
          onChoose=${actions.turn}
        />
        <div class="fields">
          <label>
            <span>${words.at}</span>
            <input
              type="time"
              required
              value=${many.at}
              onInput=${(/** @type {Event} */ event) => actions.fill({ at: typed(event) })}
            />
          </label>
          <${Causes}
            scene=${scene}
            chosen=${many.cause}
            onChoose=${(/** @type {string} */ cause) => actions.fill({ cause })}
          />
        </div>
        <label>
          <span>${words.reason}</span>
          <input
            type="text"
            maxlength="150"
            required
            autocomplete="off"
            value=${many.reason}
            onInput=${(/** @type {Event} */ event) => actions.fill({ reason: typed(event) })}
          />
        </label>
      </fieldset>
      <fieldset disabled=${many.busy || many.sure}>
        <legend>${words.who}</legend>
        <div class="choices">
          <button class="button small" type="button" onClick=${() => actions.tickAll(true)}>
            ${words.all}
          </button>
          <button class="button small" type="button" onClick=${() => actions.tickAll(false)}>
            ${words.none}
          </button>
        </div>
        <ul class="ticks">
          ${group.people.map(
            (one) =>
              html`<li key=${one.person}>
                <label>
                  <input
                    type="checkbox"
                    checked=${many.ticked.has(one.person)}
                    onChange=${() => actions.tick(one.person)}
                  />
                  <span class="name">${shownName(one)}</span>
                  <span class="quiet"
                    >${[
                      words.states[one.state],
                      one.state !== "expected" &&
                        one.arrived &&
                        clockTime(scene.habits, one.arrived),
                    ]
                      .filter(Boolean)
                      .join(" · ")}</span
                  >
                </label>
              </li>`,
          )}
        </ul>
        <button class="button main" type="submit" disabled=${count === 0}>
          ${words.review(count, many.direction === "in")}
        </button>
      </fieldset>
    </form>
    ${many.sure && html`<${Sure} many=${many} group=${group} scene=${scene} actions=${actions} />`}`;
}

/** The keyboard goes on from this button, unless it is at another of the same question. @param {HTMLElement | null} button */
function beginHere(button) {
  if (!button?.closest(".sure")?.contains(document.activeElement)) button?.focus();
}

/** @param {{ many: Many, group: Group, scene: Scene, actions: ManyActions }} props */
function Sure({ many, group, scene, actions }) {
  const words = scene.words.attendance;
  const day = longDay(scene.habits, `${group.day}T12:00:00Z`);
  return html`<div class="state sure" role="alertdialog" aria-labelledby="sure-title">
    <p id="sure-title" class="state-name">
      ${words.sure(many.ticked.size, many.direction === "in", day, many.at)}
    </p>
    <p class="quiet">${scene.words.desk.causes[many.cause]} · ${many.reason}</p>
    <div class="choices">
      <button
        class="button main"
        type="button"
        disabled=${many.busy}
        ref=${beginHere}
        onClick=${actions.record}
      >
        ${words.yes}
      </button>
      <button
        class="button"
        type="button"
        disabled=${many.busy}
        onClick=${() => actions.ask(false)}
      >
        ${words.no}
      </button>
    </div>
  </div>`;
}
