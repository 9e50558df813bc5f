// The page for one's own password.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { ask } from "./api.js";
import { onSubmit, Problem, shortestPassword } from "./sign_in.js";

/**
 * @typedef {object} OwnPassword
 * @property {number} changed how often it was changed here: a form that was used is a new one
 * @property {string} done what was done last
 * @property {string} problem what was refused last
 * @property {boolean} busy an answer is awaited
 *
 * @typedef {{ change: (fields: Record<string, string>) => void }} PasswordActions
 */

/** @returns {OwnPassword} */
export function newPassword() {
  return { changed: 0, done: "", problem: "", busy: false };
}

/**
 * @param {OwnPassword} state
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @param {(session: import("./overview.js").SignedIn) => void} goOn with the session that begins
 * @returns {PasswordActions}
 */
export function passwordActions(state, words, draw, goOn) {
  const said = words.manager.own;
  return {
    async change({ old, fresh, again }) {
      if (state.busy) return;
      Object.assign(state, { done: "", problem: fresh === again ? "" : said.differ });
      if (state.problem) return draw();
      state.busy = true;
      draw();
      const answer = await ask("POST", "/api/v1/session/password", { old, new: fresh });
      state.busy = false;
      if (answer.ok) {
        state.done = said.changed;
        state.changed++;
        goOn(answer.body);
      } else if (answer.status === 401) {
        state.problem = said.wrong;
      } else if (answer.status === 429) {
        state.problem = words.signIn.wait(answer.wait);
      } else {
        state.problem = answer.body.detail ?? words.manager.noAnswer;
      }
      draw();
    },
  };
}

/** @param {{ state: OwnPassword, name: string, scene: import("./view.js").Scene, actions: PasswordActions }} props */
export function PasswordPage({ state, name, scene: { words }, actions }) {
  const said = words.manager.own;
  return html`<main class="work single narrow">
    <section class="card" aria-labelledby="password-title">
      <h2 id="password-title">${said.title}</h2>
      <div role="status">
        ${state.done &&
        html`<p class="done">
          <${Mark} name="recorded" tone="green" /><span>${state.done}</span>
        </p>`}
      </div>
      <form class="form" key=${state.changed} onSubmit=${onSubmit(actions.change)}>
        <input type="text" name="name" value=${name} autocomplete="username" readonly hidden />
        <label>
          <span>${said.old}</span>
          <input name="old" type="password" autocomplete="current-password" required />
        </label>
        <label>
          <span>${said.new}</span>
          <input
            name="fresh"
            type="password"
            autocomplete="new-password"
            minlength=${shortestPassword}
            aria-describedby="password-hint"
            required
          />
        </label>
        <p class="quiet" id="password-hint">${said.hint}</p>
        <label>
          <span>${said.again}</span>
          <input name="again" type="password" autocomplete="new-password" required />
        </label>
        <${Problem} problem=${state.problem} />
        <button class="button main" type="submit" disabled=${state.busy}>${said.change}</button>
      </form>
    </section>
  </main>`;
}
