// Who is here, by session or by room, all of them or those who fit what was typed.
import { html } from "/lib/html.js";
import { dayAndTime } from "./formats.js";
import { Section } from "./section.js";

/**
 * @typedef {import("./overview.js").Overview} Overview
 * @typedef {import("./words.js").Words} Words
 * @typedef {import("./view.js").View} View
 * @typedef {import("./view.js").Scene} Scene
 */

/** @param {{ view: View, scene: Scene, actions: import("./view.js").Actions }} props */
export function Here({ view, scene, actions }) {
  const { overview, words } = scene;
  const groups = groupPresent(overview, words, view.by, view.search);
  const shown = new Set(overview.present.map(({ session }) => session));
  const others = overview.sessions.filter((session) => !shown.has(session.id));
  const maySayWhoCame = view.session?.role === "desk" || view.session?.role === "manager";
  return html`<${Section} id="here" title=${words.here}>
    <${HereTools} view=${view} words=${words} actions=${actions} />
    ${groups.length === 0 &&
    html`<p class="empty">
      ${overview.present.length === 0 ? words.nobody : words.attendance.nobodyLike}
    </p>`}
    ${groups.map(
      (group) =>
        html`<${Group} key=${group.key} group=${group} many=${maySayWhoCame} scene=${scene} />`,
    )}
    ${others.length > 0 &&
    html`<div class="others">
      <h3>${words.otherSessions}</h3>
      <ul>
        ${others.map(
          (session) =>
            html`<li key=${session.id}>
              <span class="time">${session.start}–${session.end}</span>
              <span>${session.title}</span>
              <span class="quiet">${session.room}</span>
              ${maySayWhoCame &&
              html`<${ManyLink} session=${session.id} title=${session.title} words=${words} />`}
            </li>`,
        )}
      </ul>
    </div>`}
  <//>`;
}

/** @param {{ session: string, title: string, words: Words }} props */
function ManyLink({ session, title, words }) {
  return html`<a
    class="many-link"
    href="#/many/${encodeURIComponent(session)}"
    aria-label=${words.attendance.groupOpen(title)}
    >${words.attendance.groupTitle}</a
  >`;
}

/** @param {{ view: View, words: Words, actions: import("./view.js").Actions }} props */
function HereTools({ view, words, actions }) {
  const said = words.attendance;
  const ways = /** @type {const} */ (["session", "room"]);
  return html`<div class="here-tools">
    <label class="out-of-sight" for="who-is-here">${said.searchLabel}</label>
    <input
      id="who-is-here"
      type="search"
      autocomplete="off"
      spellcheck=${false}
      placeholder=${said.search}
      value=${view.search}
      onInput=${(/** @type {Event} */ event) =>
        actions.search(/** @type {HTMLInputElement} */ (event.target).value)}
    />
    <div class="by" role="group" aria-label=${said.by}>
      ${ways.map(
        (way) =>
          html`<button
            key=${way}
            class="button"
            type="button"
            aria-pressed=${view.by === way}
            onClick=${() => actions.groupBy(way)}
          >
            ${way === "session" ? said.bySession : said.byRoom}
          </button>`,
      )}
    </div>
    <a class="button evacuate" href="#/evacuation">${said.evacuation}</a>
  </div>`;
}

/**
 * @typedef {object} PresentGroup people of one session, or of one room outside any session
 * @property {string} key
 * @property {string} title
 * @property {string} where
 * @property {string} count
 * @property {number | null} share of those enrolled who are here, 0 to 1
 * @property {import("./overview.js").Present[]} people trainers and staff first, then by name
 * @property {string | null} session
 */

/**
 * @param {Overview} overview
 * @param {Words} words
 * @param {"session" | "room"} by
 * @param {string} search letters of a name, a pseudonym, a room or a session
 * @returns {PresentGroup[]} sessions in order of start, then rooms
 */
function groupPresent(overview, words, by, search) {
  /** @type {Map<string, import("./overview.js").Present[]>} */
  const people = new Map();
  for (const person of overview.present) {
    if (!fits(person, search, words)) continue;
    const key = (by === "session" && person.session) || `room ${person.room}`;
    people.set(key, [...(people.get(key) ?? []), person]);
  }
  const collator = new Intl.Collator(words.language);
  const rank = (/** @type {string} */ role) => (role === "trainer" || role === "staff" ? 0 : 1);
  for (const group of people.values()) {
    group.sort(
      (a, b) =>
        rank(a.role) - rank(b.role) || collator.compare(a.name ?? a.person, b.name ?? b.person),
    );
  }
  /** @type {PresentGroup[]} */
  const groups = [];
  for (const session of overview.sessions) {
    const group = people.get(session.id);
    if (!group) continue;
    people.delete(session.id);
    groups.push({
      key: session.id,
      title: session.title,
      where: `${session.room} · ${session.start}–${session.end}`,
      count: words.ofEnrolled(session.present, session.enrolled),
      share: session.enrolled > 0 ? Math.min(1, session.present / session.enrolled) : null,
      people: group,
      session: session.id,
    });
  }
  for (const [key, group] of people) {
    const title = by === "session" ? group[0].title : null;
    groups.push({
      key,
      title: title ?? (group[0].room || words.noRoom),
      where: title ? group[0].room : by === "session" ? words.noSession : "",
      count: words.peopleHere(group.length),
      share: null,
      people: group,
      session: null,
    });
  }
  if (by === "room") groups.sort((a, b) => collator.compare(a.title, b.title));
  return groups;
}

/** Without regard to case and accents. @param {string} text */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** @param {import("./overview.js").Present} person @param {string} search @param {Words} words */
function fits(person, search, words) {
  const wanted = plain(search.trim());
  if (!wanted) return true;
  const { name, person: id, room, title, role } = person;
  return [name, id, room, title, words.roles[role]].some(
    (text) => text && plain(text).includes(wanted),
  );
}

/** @param {{ group: PresentGroup, many: boolean, scene: Scene }} props */
function Group({ group, many, scene: { words, habits, now } }) {
  return html`<div class="group">
    <div class="group-head">
      <div>
        <h3>${group.title}</h3>
        <p class="quiet">${group.where}</p>
        ${many &&
        group.session &&
        html`<${ManyLink} session=${group.session} title=${group.title} words=${words} />`}
      </div>
      <p class="count figure">${group.count}</p>
    </div>
    ${group.share !== null &&
    html`<div class="share" aria-hidden="true">
      <div style=${{ inlineSize: `${group.share * 100}%` }}></div>
    </div>`}
    <ul class="people">
      ${group.people.map(
        (person) =>
          html`<li key=${person.person}>
            <span class="name">${person.name ?? person.person}</span>
            ${words.roles[person.role] &&
            html`<span class="role">${words.roles[person.role]}</span>`}
            <span class="since time"
              ><span class="out-of-sight">${words.since("")}</span>${dayAndTime(
                habits,
                person.since,
                now,
              )}</span
            >
          </li>`,
      )}
    </ul>
  </div>`;
}
