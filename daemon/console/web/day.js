// A person's day on the Desk page: what was tapped and entered, what it counts for, who corrected it when and why;
// and what staff can say about it. Components hold no state; it is in `Desk`.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { clockTime, dayAndTime } from "./formats.js";
import { WithReason } from "./with_reason.js";

/**
 * @typedef {import("./overview.js").PersonDay} PersonDay
 * @typedef {import("./overview.js").DayEntry} DayEntry
 * @typedef {import("./overview.js").DayCorrection} DayCorrection
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} DayActions
 * @property {(date: string) => void} showDay
 * @property {(event: string) => void} open the correction of this entry, or close it
 * @property {(event: string, was: "in" | "out" | "none", reason: string) => void} correct
 * @property {(direction: "in" | "out", at: string, cause: string, reason: string) => void} enter
 */

export const causes = /** @type {const} */ ([
  "no_card",
  "card_unreadable",
  "forgotten",
  "terminal_down",
  "help_wanted",
  "drop_in",
  "off_site",
  "other",
]);

/** @param {{ day: PersonDay, correcting: string, busy: boolean, scene: Scene, actions: DayActions }} props */
export function Day({ day, correcting, busy, scene, actions }) {
  const words = scene.words.attendance;
  const open = day.day >= day.first_day;
  return html`<section class="card their-day" aria-labelledby="day-title">
    <div class="person-head">
      <h2 id="day-title">${words.title}</h2>
      <label>
        <span class="out-of-sight">${words.day}</span>
        <input
          type="date"
          max=${day.today}
          value=${day.day}
          onChange=${(/** @type {Event} */ event) =>
            actions.showDay(/** @type {HTMLInputElement} */ (event.target).value)}
        />
      </label>
    </div>
    <ul class="day-sessions">
      ${day.sessions.map((one) => html`<${Session} key=${one.id} session=${one} words=${words} />`)}
    </ul>
    ${day.entries.length === 0 && html`<p class="empty">${words.nothing}</p>`}
    ${!open && html`<p class="hint quiet">${words.tooLongAgo}</p>`}
    <ol class="rows entries">
      ${day.entries.map(
        (entry) =>
          html`<${Entry}
            key=${entry.event}
            entry=${entry}
            day=${day}
            open=${open}
            correcting=${correcting === entry.event}
            busy=${busy}
            scene=${scene}
            actions=${actions}
          />`,
      )}
    </ol>
    ${day.others.length > 0 &&
    html`<h3>${words.history}</h3>
      <${Corrections} all=${day.others} day=${day} scene=${scene} />`}
    ${open &&
    html`<${Enter}
      key=${`enter ${day.person} ${day.day}`}
      busy=${busy}
      scene=${scene}
      actions=${actions}
    />`}
  </section>`;
}

/** @param {{ session: PersonDay["sessions"][number], words: any }} props */
function Session({ session, words }) {
  const says = session.present
    ? [
        words.minutes(session.minutes),
        session.unproven_minutes > 0 && words.unproven(session.unproven_minutes),
      ]
    : [words.absent];
  if (session.confirmed) says.push(words.confirmed);
  return html`<li>
    <span class="time">${session.start}–${session.end}</span>
    <span class="name">${session.title}</span>
    <span class="quiet">${says.filter(Boolean).join(" · ")}</span>
  </li>`;
}

/** When it was, as far as anybody knows. @param {DayEntry} entry @param {Scene} scene */
function timeOf(entry, { words: { attendance: words }, habits }) {
  if (entry.time) return clockTime(habits, entry.time);
  if (entry.not_before && entry.not_after)
    return words.between(clockTime(habits, entry.not_before), clockTime(habits, entry.not_after));
  return words.unknownTime;
}

/**
 * @param {{ entry: DayEntry, day: PersonDay, open: boolean, correcting: boolean, busy: boolean, scene: Scene,
 *   actions: DayActions }} props
 */
function Entry({ entry, day, open, correcting, busy, scene, actions }) {
  const words = scene.words.attendance;
  const { habits } = scene;
  const direction = entry.counts?.direction ?? "none";
  const says = `${timeOf(entry, scene)} · ${words.counts[entry.stands ? direction : before(entry)]}`;
  const session = day.sessions.find(({ id }) => id === entry.counts?.session);
  const about = [
    entry.room,
    entry.kind === "tap" ? words[entry.method ?? "card"] : words.entered(entry.actor ?? ""),
    entry.kind === "entered" && scene.words.desk.causes[entry.cause ?? "other"],
    session?.title ?? entry.counts?.session,
  ].filter(Boolean);
  return html`<li class=${entry.stands ? "" : "fallen"}>
    <${Mark}
      name=${direction === "in" ? "arrived" : direction === "out" ? "left" : "never"}
      tone=${direction === "none" || !entry.stands ? "quiet" : "green"}
    />
    <div>
      <p class="name">${says}</p>
      <p class="quiet">${about.join(" · ")}</p>
      ${entry.reason && html`<p class="quiet">${entry.reason}</p>`}
      ${!entry.stands && html`<p>${entry.kind === "tap" ? words.setAside : words.takenBack}</p>`}
      ${entry.stands &&
      entry.stated &&
      html`<p>
        ${(entry.stated.by === "staff" ? words.staffSaid : words.personSaid)[entry.stated.was]}
      </p>`}
      ${entry.closed &&
      html`<p class="doubtful">${words.closed(clockTime(habits, entry.closed))}</p>`}
      <${Corrections} all=${entry.corrections} day=${day} scene=${scene} />
      ${correcting &&
      html`<${WithReason}
        title=${words.correctOf(says)}
        label=${words.reason}
        reason=""
        busy=${busy}
        buttons=${choices(entry, direction, words, actions)}
      />`}
    </div>
    ${open &&
    entry.can &&
    html`<button
      class="button small"
      type="button"
      aria-expanded=${correcting}
      aria-label=${words.correctOf(says)}
      onClick=${() => actions.open(entry.event)}
    >
      ${words.correct}
    </button>`}
  </li>`;
}

/** What it was taken for, of one that no longer stands. @param {DayEntry} entry @returns {"in" | "out" | "none"} */
function before({ direction, answered }) {
  if (direction) return direction;
  return answered === "arrived" ? "in" : answered === "left" ? "out" : "none";
}

/**
 * What can be said of it. @param {DayEntry} entry @param {"in" | "out" | "none"} direction @param {any} words
 * @param {DayActions} actions
 */
function choices(entry, direction, words, actions) {
  const say = (/** @type {"in" | "out" | "none"} */ was) => (/** @type {string} */ reason) =>
    actions.correct(entry.event, was, reason);
  if (entry.kind === "entered") return [{ says: words.takeBack, does: say("none") }];
  const ways = /** @type {const} */ (["in", "out", "none"]);
  return ways
    .filter((was) => was !== direction)
    .map((was) => ({ says: words.was[was], does: say(was) }));
}

/** @param {{ all: DayCorrection[], day: PersonDay, scene: Scene }} props */
function Corrections({ all, day, scene }) {
  if (all.length === 0) return null;
  const words = scene.words.attendance;
  return html`<ul class="corrections" aria-label=${words.history}>
    ${all.map(
      (one) =>
        html`<li key=${one.event}>
          <span>${words.changed(told(one.old, day, scene), told(one.new, day, scene))}</span>
          <span class="quiet"
            >${dayAndTime(scene.habits, one.at, scene.now)} · ${one.actor} · ${one.reason}</span
          >
        </li>`,
    )}
  </ul>`;
}

/** A conclusion, or the part of it that changed, in words. @param {DayCorrection["old"]} stated @param {PersonDay} day @param {Scene} scene */
function told(stated, day, { words: { attendance: words }, habits }) {
  if (!stated) return words.nothingBefore;
  const parts = [];
  if (stated.direction) parts.push(words.counts[stated.direction]);
  if (stated.wall) parts.push(clockTime(habits, stated.wall));
  if (stated.session)
    parts.push(day.sessions.find(({ id }) => id === stated.session)?.title ?? stated.session);
  if (stated.ended_by) parts.push(words.noExit);
  return parts.join(", ") || words.otherChange;
}

/** @param {{ busy: boolean, scene: Scene, actions: DayActions }} props */
function Enter({ busy, scene, actions }) {
  const words = scene.words.attendance;
  const act = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const text = (/** @type {string} */ name) => String(fields.get(name) ?? "").trim();
    actions.enter(
      text("direction") === "out" ? "out" : "in",
      text("at"),
      text("cause"),
      text("reason"),
    );
  };
  return html`<details class="enter">
    <summary>${words.enter}</summary>
    <p class="quiet">${words.enterHint}</p>
    <form class="act" onSubmit=${act}>
      <fieldset disabled=${busy}>
        <legend class="out-of-sight">${words.enter}</legend>
        <${Directions} words=${words} name="direction" checked="out" />
        <div class="fields">
          <label>
            <span>${words.at}</span>
            <input name="at" type="time" required />
          </label>
          <${Causes} scene=${scene} chosen="forgotten" />
        </div>
        <label>
          <span>${words.reason}</span>
          <input name="reason" type="text" maxlength="150" required autocomplete="off" />
        </label>
        <div class="choices">
          <button class="button main" type="submit">${words.record}</button>
        </div>
      </fieldset>
    </form>
  </details>`;
}

/** @param {{ words: any, name: string, checked: "in" | "out", onChoose?: (direction: "in" | "out") => void }} props */
export function Directions({ words, name, checked, onChoose }) {
  const ways = /** @type {const} */ (["in", "out"]);
  return html`<div class="ways">
    ${ways.map(
      (way) =>
        html`<label key=${way}>
          <input
            type="radio"
            name=${name}
            value=${way}
            defaultChecked=${way === checked}
            onChange=${() => onChoose?.(way)}
          />
          <span>${way === "in" ? words.came : words.went}</span>
        </label>`,
    )}
  </div>`;
}

/** @param {{ scene: Scene, chosen: string, onChoose?: (cause: string) => void }} props */
export function Causes({ scene: { words }, chosen, onChoose }) {
  return html`<label>
    <span>${words.attendance.because}</span>
    <select
      name="cause"
      onChange=${(/** @type {Event} */ event) =>
        onChoose?.(/** @type {HTMLSelectElement} */ (event.target).value)}
    >
      ${causes.map(
        (cause) =>
          html`<option key=${cause} value=${cause} selected=${cause === chosen}>
            ${words.desk.causes[cause]}
          </option>`,
      )}
    </select>
  </label>`;
}
