// Signing in by card: name and PIN first, then the card at a reader of the site; the page asks once a second
// whether it came.
import { actAs, ask } from "./api.js";

/**
 * @typedef {import("./words.js").Words} Words
 *
 * @typedef {object} CardGate
 * @property {string[]} rooms where a card can be shown; none = passwords alone
 * @property {boolean} chosen by card, in place of the password
 * @property {{ rooms: string[], secondsLeft: number } | null} awaited a card, there
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
  return { rooms: [], chosen: false, awaited: null };
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

  /** @param {import("./api.js").Answer} answer @param {string} refused */
  const problemOf = (answer, refused) => {
    if (answer.status === 429) return said.wait(answer.wait);
    if (answer.status === 409) return said.waitedFor;
    if (answer.status === 404) return said.noReader;
    return answer.status === 0 || answer.status >= 500 ? said.noAnswer : refused;
  };

  /** Nobody waits any more, not at the daemon either. @param {string} problem */
  const over = (problem) => {
    turn++;
    if (ticket) {
      // Perhaps the page is on its way out.
      fetch("/api/v1/session/card/cancel", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ticket }),
        keepalive: true,
      }).catch(() => {});
    }
    ticket = "";
    card.awaited = null;
    Object.assign(gate, { busy: false, problem });
    draw();
  };

  /** The card came as the wait was cancelled. @param {import("./overview.js").SignedIn} session */
  const leaveAgain = async (session) => {
    actAs(session);
    await ask("DELETE", "/api/v1/session");
    actAs(null);
  };

  /** @param {number} mine @param {number} end ms since the epoch */
  const wait = async (mine, end) => {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    if (turn !== mine) return;
    const answer = await ask("POST", "/api/v1/session/card/entry", { ticket });
    if (turn !== mine) {
      if (answer.status === 200) await leaveAgain(answer.body);
      return;
    }
    const unheard = answer.status === 0 || answer.status >= 500;
    if (card.awaited && (answer.status === 202 || (unheard && Date.now() < end))) {
      card.awaited.secondsLeft = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      draw();
      return wait(mine, end);
    }
    if (!answer.ok) return over(problemOf(answer, said.noCard));
    ticket = "";
    over("");
    card.chosen = false;
    enter(answer.body);
  };

  addEventListener("pagehide", () => over(""));

  return {
    async look() {
      const answer = await ask("GET", "/api/v1/session/card");
      if (answer.ok) card.rooms = answer.body.rooms;
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
      const fields = { name: name.trim(), pin: pin.replaceAll(" ", "") };
      const answer = await ask("POST", "/api/v1/session/card", fields);
      if (answer.status !== 202) return over(problemOf(answer, said.wrongPin));
      gate.busy = false;
      const { rooms, seconds_left: secondsLeft } = answer.body;
      ticket = answer.body.ticket;
      card.awaited = { rooms, secondsLeft };
      draw();
      await wait(++turn, Date.now() + secondsLeft * 1000);
    },
    cancel: () => over(""),
  };
}
