// What the Desk page does with issued cards: asks the daemon, and puts into `cards` what came of it.
import { ask } from "./api.js";
import { endOf, newCards } from "./cards.js";

const lookAgainMs = 500; // while a card is waited for or written

/**
 * @param {import("./cards.js").Cards} cards
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @returns {import("./cards.js").CardActions & { look: (person: string | null) => Promise<void> }}
 */
export function cardActions(cards, words, draw) {
  let looked = 0; // for how many people
  /** @type {ReturnType<typeof setTimeout>} */
  let waiting;
  const problemOf = (/** @type {import("./api.js").Answer} */ answer) =>
    answer.body.detail ?? words.cards.noAnswer;

  /** @param {string} person */
  const list = async (person) => {
    const mine = looked;
    const answer = await ask("GET", `/api/v1/cards?person=${encodeURIComponent(person)}`);
    if (mine !== looked) return;
    if (answer.ok) cards.list = answer.body.cards;
    else cards.problem = problemOf(answer);
    draw();
  };

  /** Goes on until it is over, or somebody else is looked at. @param {string} person */
  const follow = async (person) => {
    const mine = looked;
    const answer = await ask("GET", "/api/v1/cards/issue");
    if (mine !== looked) return;
    if (!answer.ok && answer.status !== 0) {
      cards.problem = problemOf(answer);
      cards.issue = null;
    } else if (answer.ok && answer.body.person === person) {
      cards.issue = answer.body;
    }
    if (cards.issue && endOf(cards.issue.state)) await list(person);
    else if (cards.issue) waiting = setTimeout(follow, lookAgainMs, person);
    draw();
  };

  return {
    async look(person) {
      looked++;
      clearTimeout(waiting);
      Object.assign(cards, newCards());
      if (person !== null) await list(person);
    },
    async issue({ person }, serial, replaces, reason) {
      if (cards.busy) return;
      const mine = looked;
      Object.assign(cards, { busy: true, problem: "", issue: null });
      draw();
      const answer = await ask("POST", "/api/v1/cards/issue", {
        person,
        serial,
        replaces,
        reason,
      });
      if (mine !== looked) return;
      cards.busy = false;
      if (answer.ok) {
        cards.issue = answer.body;
        waiting = setTimeout(follow, lookAgainMs, person);
      } else {
        cards.problem = problemOf(answer);
      }
      draw();
    },
    async stop() {
      const answer = await ask("DELETE", "/api/v1/cards/issue");
      if (!answer.ok) cards.problem = problemOf(answer);
      draw();
    },
    async seeName({ person }, reason) {
      const mine = looked;
      Object.assign(cards, { busy: true, problem: "" });
      draw();
      const path = `/api/v1/people/${encodeURIComponent(person)}/name`;
      const answer = await ask("POST", path, { reason });
      if (mine !== looked) return;
      cards.busy = false;
      if (answer.ok) cards.name = answer.body.name;
      else cards.problem = problemOf(answer);
      draw();
    },
    hideName() {
      cards.name = null;
      cards.seen++;
      draw();
    },
  };
}
