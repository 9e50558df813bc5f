// On the Inbox page: what of attendance waits for a person, with the answer in one touch.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { shownName } from "./desk.js";
import { clockTime, dayAndTime, longDay } from "./formats.js";
import { Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").Waiting} Waiting
 * @typedef {import("./overview.js").MissingExit} MissingExit
 * @typedef {import("./overview.js").UnprovenTap} UnprovenTap
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} WaitingState
 * @property {Waiting | null} list null = not asked for yet
 * @property {string} done
 * @property {string} problem
 * @property {boolean} busy
 *
 * @typedef {object} WaitingActions
 * @property {(exit: MissingExit, time: string) => void} leftAt time: "" = when the half-day ended
 * @property {(tap: UnprovenTap, was: "in" | "out" | "none") => void} was
 */

/** @returns {WaitingState} */
export const newWaiting = () => ({ list: null, done: "", problem: "", busy: false });

/** @param {{ state: WaitingState, scene: Scene, actions: WaitingActions }} props */
export function WaitingSection({ state, scene, actions }) {
  const words = scene.words.attendance;
  const { list } = state;
  if (!list) return null;
  const exits = list.missing_exits;
  const taps = list.unproven_taps;
  if (exits.length + taps.length === 0 && !state.done && !state.problem) return null;
  const props = { busy: state.busy, scene, actions };
  return html`<section class="card waiting" aria-labelledby="waiting-title">
    <h2 id="waiting-title">
      ${exits.length > 0 || taps.length === 0 ? words.exits : words.unprovenTaps}
    </h2>
    <div role="status">
      ${state.done &&
      html`<p class="done"><${Mark} name="recorded" tone="green" /><span>${state.done}</span></p>`}
    </div>
    <${Problem} problem=${state.problem} />
    ${exits.length > 0 && html`<p class="quiet hint">${words.exitsHint}</p>`}
    ${byHalfDay(exits).map(
      (group) =>
        html`<div class="group" key=${`${group[0].day} ${group[0].session}`}>
          <div class="group-head">
            <div>
              <h3>${group[0].title}</h3>
              <p class="quiet">${longDay(scene.habits, `${group[0].day}T12:00:00Z`)}</p>
            </div>
            <p class="count figure">${scene.words.number(group.length)}</p>
          </div>
          <ol class="rows matters">
            ${group.map((exit) => html`<${Exit} key=${exit.person} exit=${exit} ...${props} />`)}
          </ol>
        </div>`,
    )}
    ${taps.length > 0 &&
    html`${exits.length > 0 && html`<h2>${words.unprovenTaps}</h2>`}
      <p class="quiet hint">${words.unprovenHint}</p>
      <ol class="rows matters">
        ${taps.map((tap) => html`<${Tap} key=${tap.event} tap=${tap} ...${props} />`)}
      </ol>`}
    ${list.more && html`<p class="empty hint">${words.waitingMore}</p>`}
  </section>`;
}

/** @param {MissingExit[]} exits @returns {MissingExit[][]} */
function byHalfDay(exits) {
  /** @type {Map<string, MissingExit[]>} */
  const groups = new Map();
  for (const exit of exits) {
    const key = `${exit.day} ${exit.session}`;
    groups.set(key, [...(groups.get(key) ?? []), exit]);
  }
  return [...groups.values()];
}

/** @param {{ exit: MissingExit, busy: boolean, scene: Scene, actions: WaitingActions }} props */
function Exit({ exit, busy, scene, actions }) {
  const words = scene.words.attendance;
  const name = shownName(exit);
  const end = clockTime(scene.habits, exit.ended);
  const act = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    actions.leftAt(exit, String(fields.get("at") ?? ""));
  };
  return html`<li>
    <div>
      <p class="name">${name}</p>
      <p class="quiet">
        ${[exit.arrived && words.arrivedAt(clockTime(scene.habits, exit.arrived)), exit.room]
          .filter(Boolean)
          .join(" · ")}
        ${" · "}<a
          href="#/desk/${encodeURIComponent(exit.person)}/${exit.day}"
          aria-label="${words.lookAtDay}: ${name}"
          >${words.lookAtDay}</a
        >
      </p>
    </div>
    <div class="choices">
      <button
        class="button main"
        type="button"
        disabled=${busy}
        aria-label=${words.leftAtOf(name, end)}
        onClick=${() => actions.leftAt(exit, "")}
      >
        ${words.leftAt(end)}
      </button>
      <form class="inline" onSubmit=${act}>
        <input
          name="at"
          type="time"
          required
          disabled=${busy}
          aria-label="${words.anotherTime}: ${name}"
        />
        <button class="button" type="submit" disabled=${busy}>${words.record}</button>
      </form>
    </div>
  </li>`;
}

/** @param {{ tap: UnprovenTap, busy: boolean, scene: Scene, actions: WaitingActions }} props */
function Tap({ tap, busy, scene, actions }) {
  const words = scene.words.attendance;
  const { habits, now } = scene;
  const name = shownName(tap);
  const when =
    tap.not_before && tap.not_after
      ? words.between(
          dayAndTime(habits, tap.not_before, now),
          dayAndTime(habits, tap.not_after, now),
        )
      : words.received(dayAndTime(habits, tap.recorded, now));
  const ways = /** @type {const} */ (["in", "out", "none"]);
  return html`<li>
    <${Mark} name="attention" tone="amber" />
    <div>
      <p class="name">${name}</p>
      <p class="quiet">
        ${[tap.room, when].filter(Boolean).join(" · ")}${" · "}<a
          href="#/desk/${encodeURIComponent(tap.person)}/${tap.day}"
          aria-label="${words.lookAtDay}: ${name}"
          >${words.lookAtDay}</a
        >
      </p>
    </div>
    <div class="choices">
      ${ways
        .filter((way) => tap.dated || way === "none")
        .map(
          (way) =>
            html`<button
              key=${way}
              class="button"
              type="button"
              disabled=${busy}
              aria-label="${name}: ${words.was[way]}"
              onClick=${() => actions.was(tap, way)}
            >
              ${way === "none" ? words.noMovement : words.counts[way]}
            </button>`,
        )}
    </div>
  </li>`;
}
