// The list for an evacuation: who may be inside, by room, to be printed and ticked off at the assembly point.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { shownName } from "./desk.js";
import { longDay } from "./formats.js";
import { Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").Evacuation} Evacuation
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} EvacuationState
 * @property {Evacuation | null} list null = not asked for yet
 * @property {string} problem
 *
 * @typedef {object} EvacuationActions
 * @property {() => void} make asks for the list as it is now
 * @property {() => void} print
 */

/** @param {{ state: EvacuationState, scene: Scene, actions: EvacuationActions }} props */
export function EvacuationPage({ state, scene, actions }) {
  const words = scene.words.attendance;
  const { list } = state;
  return html`<main class="work single evacuation">
    <section class="card" aria-labelledby="evacuation-title">
      <div class="sheet-head">
        <div>
          <h2 id="evacuation-title">${words.evacuationTitle}</h2>
          ${list && html`<p class="when">${list.site.name}</p>`}
        </div>
        <p class="choices not-printed">
          <button class="button" type="button" onClick=${actions.make}>${words.makeAgain}</button>
          <button class="button main" type="button" disabled=${!list} onClick=${actions.print}>
            ${words.print}
          </button>
        </p>
      </div>
      <${Problem} problem=${state.problem} />
      ${list && html`<${List} list=${list} scene=${scene} />`}
    </section>
  </main>`;
}

/** @param {{ list: Evacuation, scene: Scene }} props */
function List({ list, scene }) {
  const words = scene.words.attendance;
  const { inside, in_doubt: inDoubt, unknown_cards: unknown } = list.counts;
  const [day, time] = list.made.split(" ");
  const rooms = [
    ...list.rooms.filter(({ room }) => room !== ""),
    ...list.rooms.filter(({ room }) => room === ""),
  ];
  return html`<p class="made">
      ${words.made(`${longDay(scene.habits, `${day}T12:00:00Z`)}, ${time}`)}
    </p>
    <p class="totals">
      <span><strong>${inside}</strong> ${words.inside}</span>
      ${inDoubt > 0 && html`<span><strong>${inDoubt}</strong> ${words.inDoubt}</span>`}
      ${unknown > 0 && html`<span><strong>${unknown}</strong> ${words.unknownCards}</span>`}
    </p>
    ${(list.away.length > 0 || list.site.clock === "unproven") &&
    html`<ul class="warnings">
      ${list.site.clock === "unproven" &&
      html`<li><${Mark} name="attention" tone="amber" /><span>${words.clockDoubt}</span></li>`}
      ${list.away.map(
        ({ serial, room, last_seen: since }) =>
          html`<li key=${serial}>
            <${Mark} name="attention" tone="amber" />
            <span>${since ? words.away(room, serial, since) : words.awayNever(room, serial)}</span>
          </li>`,
      )}
    </ul>`}
    ${rooms.length === 0 && html`<p class="empty">${words.nobodyInside}</p>`}
    <div class="rooms">
      ${rooms.map((room) => html`<${Room} key=${room.room} room=${room} scene=${scene} />`)}
    </div>`;
}

/** @param {{ room: Evacuation["rooms"][number], scene: Scene }} props */
function Room({ room, scene }) {
  const words = scene.words.attendance;
  const tick = (/** @type {string} */ name) =>
    html`<input type="checkbox" aria-label="${words.counted}: ${name}" />`;
  return html`<section class="room" aria-label=${room.room || words.noRoom}>
    <h3>
      ${room.room || words.noRoom}
      <span class="quiet">${room.people.length + room.cards.length}</span>
    </h3>
    <ul>
      ${room.people.map(
        (person) =>
          html`<li key=${person.person}>
            ${tick(shownName(person))}
            <div>
              <p class="name">${shownName(person)}</p>
              <p class="quiet">
                ${[
                  scene.words.roles[person.role],
                  person.title,
                  person.since && words.since(person.since),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
              ${person.doubt &&
              html`<p class="doubtful">${words.doubts[person.doubt] ?? person.doubt}</p>`}
            </div>
          </li>`,
      )}
      ${room.cards.map(
        ({ card, last }) =>
          html`<li key=${card}>
            ${tick(words.unknownCard(card))}
            <div>
              <p class="name nobody">${words.unknownCard(card)}</p>
              <p class="quiet">${last && words.lastTap(last)}</p>
            </div>
          </li>`,
      )}
    </ul>
  </section>`;
}
