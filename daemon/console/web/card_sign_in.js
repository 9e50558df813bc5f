// Signing in by card: name and PIN first, then the card at a reader of the site; the page asks once a second
// whether it came.
import { ask } from "./api.js";

/**
 * @typedef {import("./words.js").Words} Words
 *
 * @typedef {object} CardGate
 * @property {{ reader: string, room: string }[]} readers where a card can be shown; none = passwords alone
 * @property {boolean} chosen by card, in place of the password
 * @property {number | null} secondsLeft a card is waited for
 *
 * @typedef {object} CardGateActions
 * @property {() => Promise<void>} look asks where the readers are
 * @property {(chosen: boolean) => void} choose
 * @property {(fields: Record<string, string>) => Promise<void>} begin
 * @property {() => void} cancel
 */

const everyMs = 1000;

/** @returns {CardGate} */
export function newCardGate() {
  return { readers: [], chosen: false, secondsLeft: null };
}

/**
 * @param {import("./sign_in.js").Gate} gate
 * @param {Words} words
 * @param {() => void} draw
 * @param {(session: import("./overview.js").SignedIn) => void} enter
 * @returns {CardGateActions}
 */
export function cardGateActions(gate, words, draw, enter) {
  const { card } = gate;
  const said = words.signIn;
  let turn = 0; // of waiting; another one ends it
  let ticket = ""; // of the one that is under way

  /** @param {string} problem */
  const over = (problem) => {
    turn++;
    card.secondsLeft = null;
    Object.assign(gate, { busy: false, problem });
    draw();
  };

  /** @param {import("./api.js").Answer} answer @param {string} refused */
  const problemOf = (answer, refused) => {
    if (answer.status === 429) return said.wait(answer.wait);
    if (answer.status === 409) return card.readers.length > 0 ? said.waitedFor : answer.body.detail;
    return answer.status === 0 || answer.status >= 500 ? said.noAnswer : refused;
  };

  /** @param {number} mine */
  const wait = async (mine) => {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    if (turn !== mine) return;
    const answer = await ask("POST", "/api/v1/session/card/entry", { ticket });
    if (turn !== mine) return;
    if (answer.status === 202) {
      card.secondsLeft = answer.body.seconds_left;
      draw();
      return wait(mine);
    }
    if (!answer.ok) return over(problemOf(answer, said.noCard));
    over("");
    card.chosen = false;
    enter(answer.body);
  };

  return {
    async look() {
      const answer = await ask("GET", "/api/v1/session/card");
      if (answer.ok) card.readers = answer.body.readers;
      draw();
    },
    choose(chosen) {
      card.chosen = chosen;
      gate.problem = "";
      draw();
    },
    async begin({ name, pin }) {
      Object.assign(gate, { busy: true, problem: "", message: "" });
      draw();
      const fields = { name: name.trim(), pin: pin.trim() };
      const answer = await ask("POST", "/api/v1/session/card", fields);
      if (answer.status !== 202) return over(problemOf(answer, said.wrongPin));
      gate.busy = false;
      card.secondsLeft = answer.body.seconds_left;
      draw();
      ticket = answer.body.ticket;
      await wait(++turn);
    },
    cancel() {
      ask("POST", "/api/v1/session/card/cancel", { ticket });
      over("");
    },
  };
}
