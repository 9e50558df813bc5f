// What the Accounts page does: asks the daemon, and puts into `state` what came of it.
import { ask } from "./api.js";

/**
 * @param {import("./accounts.js").AccountsState} state
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @returns {import("./accounts.js").AccountActions & { refresh: () => Promise<void> }}
 */
export function accountActions(state, words, draw) {
  const said = words.manager.accounts;
  const refresh = async () => {
    const answer = await ask("GET", "/api/v1/accounts");
    if (answer.ok) state.list = answer.body.accounts;
    else state.problem = answer.body.detail ?? words.manager.noAnswer;
    draw();
  };
  /** @param {string} path @param {object} body @param {(answer: any) => void} then */
  const change = async (path, body, then) => {
    if (state.busy) return;
    Object.assign(state, { busy: true, done: "", problem: "", made: null });
    draw();
    const answer = await ask("POST", path, body);
    state.busy = false;
    if (answer.ok) then(answer.body);
    else state.problem = answer.body.detail ?? words.manager.noAnswer;
    await refresh();
  };
  const pathOf = (/** @type {{ name: string }} */ { name }, /** @type {string} */ what) =>
    `/api/v1/accounts/${encodeURIComponent(name)}/${what}`;
  const made = (/** @type {{ name: string, password: string }} */ { name, password }) => {
    state.made = { is: said.isPassword(name), secret: password, once: said.once };
  };

  return {
    refresh,
    add({ name, role, person }) {
      const body = { name: name.trim(), role, person: person.trim() || null };
      return change("/api/v1/accounts", body, (answer) => {
        made(answer);
        state.added++;
      });
    },
    role(account, role) {
      return change(pathOf(account, "role"), { role, person: account.person }, () => {
        state.done = said.roleChanged(account.name);
      });
    },
    password(account) {
      return change(pathOf(account, "password"), {}, made);
    },
    pin(account) {
      return change(pathOf(account, "pin"), {}, ({ name, new_pin }) => {
        state.made = { is: said.isPin(name), secret: new_pin, once: said.oncePin };
      });
    },
    noPin(account) {
      return change(pathOf(account, "pin/remove"), {}, () => {
        state.done = said.pinRemoved(account.name);
      });
    },
    enable(account, enabled) {
      return change(pathOf(account, "enabled"), { enabled }, () => {
        state.done = (enabled ? said.enabled : said.disabled)(account.name);
      });
    },
  };
}
