// The Record page: who looked at what and changed what, for managers. Components hold no state; it
// is in `RecordState`, and `RecordActions` change it.
import { html } from "/lib/html.js";
import { ask } from "./api.js";
import { dateAndTime } from "./formats.js";
import { onSubmit, Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").RecordRow} RecordRow
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} RecordState
 * @property {Record<string, string>} filter subject, actor, day; those that are empty are not asked for
 * @property {RecordRow[] | null} rows null = not asked for yet
 * @property {number | null} next where older ones begin; null = there are none
 * @property {string} problem what was refused last
 *
 * @typedef {object} RecordActions
 * @property {(filter: Record<string, string>) => void} look
 * @property {() => void} older
 */

/** @returns {RecordState} */
export function newRecord() {
  return { filter: {}, rows: null, next: null, problem: "" };
}

/**
 * @param {RecordState} state
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @returns {RecordActions}
 */
export function recordActions(state, words, draw) {
  let asked = 0;
  const read = async () => {
    const mine = ++asked;
    const given = Object.entries(state.filter).filter(([, value]) => value !== "");
    const query = new URLSearchParams(given);
    if (state.next !== null) query.set("before", String(state.next));
    const answer = await ask("GET", `/api/v1/audit?${query}`);
    if (mine !== asked) return; // something else was asked for since
    if (answer.ok) {
      state.rows = [...(state.rows ?? []), ...answer.body.rows];
      state.next = answer.body.next;
    } else {
      state.problem = answer.body.detail ?? words.manager.noAnswer;
    }
    draw();
  };
  return {
    look(filter) {
      Object.assign(state, newRecord(), { filter });
      return read();
    },
    older: read,
  };
}

/** @param {{ state: RecordState, scene: Scene, actions: RecordActions }} props */
export function RecordPage({ state, scene, actions }) {
  const words = scene.words.manager.record;
  const { filter, rows } = state;
  const field = (/** @type {string} */ name, /** @type {string} */ label, type = "text") =>
    html`<label>
      <span>${label}</span>
      <input
        name=${name}
        type=${type}
        autocomplete="off"
        autocapitalize="none"
        spellcheck=${false}
        defaultValue=${filter[name] ?? ""}
      />
    </label>`;
  return html`<main class="work single sheets">
    <section class="card" aria-labelledby="record-title">
      <h2 id="record-title">${words.title}</h2>
      <p class="quiet">${words.hint}</p>
      <form
        class="line-of-fields"
        key=${JSON.stringify(filter)}
        onSubmit=${onSubmit((fields) =>
          actions.look(
            Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()])),
          ),
        )}
      >
        ${field("subject", words.subject)} ${field("actor", words.actor)}
        ${field("day", words.day, "date")}
        <button class="button main" type="submit">${words.look}</button>
        <button class="button" type="button" onClick=${() => actions.look({})}>${words.all}</button>
      </form>
      <${Problem} problem=${state.problem} />
      <div role="status">
        ${rows?.length === 0 && html`<p class="empty hint">${words.none}</p>`}
      </div>
      ${rows && rows.length > 0 && html`<${Rows} rows=${rows} scene=${scene} actions=${actions} />`}
      ${state.next !== null &&
      html`<p class="hint">
        <button class="button" type="button" onClick=${actions.older}>${words.older}</button>
      </p>`}
    </section>
  </main>`;
}

/** @param {{ rows: RecordRow[], scene: Scene, actions: RecordActions }} props */
function Rows({ rows, scene, actions }) {
  const words = scene.words.manager.record;
  /** Everything about, or by, this one. @param {"subject" | "actor"} what @param {string} code */
  const link = (what, code) =>
    html`<button class="link" type="button" onClick=${() => actions.look({ [what]: code })}>
      ${code}
    </button>`;
  return html`<table role="table" class="record">
    <thead role="rowgroup">
      <tr role="row">
        ${[words.time, words.who, words.what, words.about, words.answer].map(
          (head) => html`<th key=${head} role="columnheader" scope="col">${head}</th>`,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) =>
          html`<tr key=${row.id} role="row">
            <td role="cell" class="time">${dateAndTime(scene.habits, row.time)}</td>
            <td role="cell">
              ${link("actor", row.account ?? row.actor)} ${" "}
              <span class="quiet"
                >${row.role === "local" ? words.local : roleIn(scene, row.role)}</span
              >
            </td>
            <th role="rowheader" scope="row">
              ${words.actions[row.action] ?? row.action}
              ${row.detail &&
              row.detail !== row.subject &&
              html`<br /><span class="quiet"><bdi>${row.detail}</bdi></span>`}
            </th>
            <td role="cell">${row.subject && link("subject", row.subject)}</td>
            <td role="cell">${result(row.status, words)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** @param {Scene} scene @param {string} role */
function roleIn({ words }, role) {
  const known = /** @type {Record<string, string>} */ (words.accountRoles);
  return known[role] ?? role;
}

/** @param {number | null} status of the answer @param {{ done: string, refused: string, open: string }} words */
function result(status, words) {
  if (status === null) return words.open;
  return status === 200 || status === 202 ? words.done : `${words.refused} (${status})`;
}
