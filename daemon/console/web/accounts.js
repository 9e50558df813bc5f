// The Accounts page: who may sign in, for managers. Components hold no state; it is in
// `AccountsState`, and `AccountActions` change it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { shortDate } from "./formats.js";
import { onSubmit, Problem } from "./sign_in.js";

/**
 * @typedef {import("./overview.js").Account} Account
 * @typedef {import("./overview.js").SignedIn["role"]} Role
 * @typedef {import("./view.js").Scene} Scene
 *
 * @typedef {object} AccountsState
 * @property {Account[] | null} list null = not asked for yet
 * @property {{ is: string, secret: string, once: string } | null} made a password or PIN that was made last
 * @property {number} added how many were added: a form that was used is a new one
 * @property {string} done what was done last
 * @property {string} problem what was refused last
 * @property {boolean} busy an answer is awaited
 *
 * @typedef {object} AccountActions
 * @property {(fields: Record<string, string>) => void} add
 * @property {(account: Account, role: string) => void} role
 * @property {(account: Account) => void} password
 * @property {(account: Account) => void} pin
 * @property {(account: Account) => void} noPin
 * @property {(account: Account, enabled: boolean) => void} enable
 */

const roles = /** @type {Role[]} */ (["viewer", "desk", "trainer", "manager"]);

/** @returns {AccountsState} */
export function newAccounts() {
  return { list: null, made: null, added: 0, done: "", problem: "", busy: false };
}

/** @param {{ state: AccountsState, scene: Scene, actions: AccountActions }} props */
export function AccountsPage({ state, scene, actions }) {
  const words = scene.words.manager.accounts;
  return html`<main class="work">
    <section class="card" aria-labelledby="accounts-title">
      <h2 id="accounts-title">${words.title}</h2>
      <ul class="rows accounts">
        ${state.list?.map(
          (account) =>
            html`<${One}
              key=${account.account}
              account=${account}
              state=${state}
              scene=${scene}
              actions=${actions}
            />`,
        )}
      </ul>
    </section>
    <div class="column">
      <div role="status">
        ${state.done &&
        html`<p class="done">
          <${Mark} name="recorded" tone="green" /><span>${state.done}</span>
        </p>`}
        ${state.made &&
        html`<div class="card code">
          <p>${state.made.is}</p>
          <p class="digits made">${state.made.secret}</p>
          <p class="quiet">${state.made.once}</p>
        </div>`}
      </div>
      <${Problem} problem=${state.problem} />
      <${Add} key=${state.added} state=${state} scene=${scene} actions=${actions} />
    </div>
  </main>`;
}

/** @param {{ account: Account, state: AccountsState, scene: Scene, actions: AccountActions }} props */
function One({ account, state, scene: { words, habits }, actions }) {
  const said = words.manager.accounts;
  const { name, role, person, pin, created, disabled } = account;
  /** @param {string} text @param {string} label @param {() => void} then */
  const button = (text, label, then) =>
    html`<button
      class="button"
      type="button"
      disabled=${state.busy}
      aria-label=${label}
      onClick=${then}
    >
      ${text}
    </button>`;
  return html`<li>
    <div>
      <p class="name">${name}</p>
      <p class="quiet">
        ${[person ?? account.account, said.since(shortDate(habits, created)), pin && said.hasPin]
          .filter(Boolean)
          .join(" · ")}
      </p>
      ${disabled && html`<p><span class="presence waits">${said.off}</span></p>`}
    </div>
    <div class="choices">
      <label>
        <span class="out-of-sight">${said.roleOf(name)}</span>
        <select
          value=${role}
          disabled=${state.busy}
          onChange=${(/** @type {Event} */ event) =>
            actions.role(account, /** @type {HTMLSelectElement} */ (event.target).value)}
        >
          ${roles.map(
            (one) =>
              html`<option key=${one} value=${one} selected=${one === role}>
                ${words.accountRoles[one]}
              </option>`,
          )}
        </select>
      </label>
      ${button(said.password, said.passwordOf(name), () => actions.password(account))}
      ${person && button(said.pin, said.pinOf(name), () => actions.pin(account))}
      ${pin && button(said.noPin, said.noPinOf(name), () => actions.noPin(account))}
      ${button(
        disabled ? said.enable : said.disable,
        disabled ? said.enableOf(name) : said.disableOf(name),
        () => actions.enable(account, disabled !== null),
      )}
    </div>
  </li>`;
}

/** @param {{ state: AccountsState, scene: Scene, actions: AccountActions }} props */
function Add({ state, scene: { words }, actions }) {
  const said = words.manager.accounts;
  return html`<section class="card" aria-labelledby="add-title">
    <h2 id="add-title">${said.add}</h2>
    <form class="form" onSubmit=${onSubmit(actions.add)}>
      <label>
        <span>${said.name}</span>
        <input
          name="name"
          type="text"
          autocomplete="off"
          autocapitalize="none"
          spellcheck=${false}
          aria-describedby="name-hint"
          required
        />
      </label>
      <p class="quiet" id="name-hint">${said.nameHint}</p>
      <fieldset class="roles">
        <legend>${said.role}</legend>
        <div>
          ${roles.map(
            (one) =>
              html`<label key=${one}>
                <input type="radio" name="role" value=${one} required />
                <span
                  ><span class="name">${words.accountRoles[one]}</span> ${" "}<span class="quiet"
                    >${said.may[one]}</span
                  ></span
                >
              </label>`,
          )}
        </div>
      </fieldset>
      <label>
        <span>${said.actsAs}</span>
        <input
          name="person"
          type="text"
          autocomplete="off"
          autocapitalize="none"
          spellcheck=${false}
          aria-describedby="acts-hint"
        />
      </label>
      <p class="quiet" id="acts-hint">${said.actsAsLabel}</p>
      <button class="button main" type="submit" disabled=${state.busy}>${said.make}</button>
    </form>
  </section>`;
}
