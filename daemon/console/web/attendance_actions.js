// What the pages for many people do: recording for a session, the list for an evacuation, what waits in the inbox.
import { ask } from "./api.js";
import { shownName } from "./desk.js";
import { clockTime } from "./formats.js";
import { meant, newMany } from "./group.js";

/** @typedef {import("./words.js").Words} Words @typedef {import("./api.js").Answer} Answer */

/** @param {Answer} answer @param {Words} words @returns {string} */
const problemOf = (answer, words) =>
  answer.status === 0 ? words.desk.noAnswer : (answer.body.detail ?? words.desk.noAnswer);

/**
 * @param {import("./group.js").Many} many
 * @param {Words} words
 * @param {() => void} draw
 * @returns {import("./group.js").ManyActions & { open: (session: string, day: string) => Promise<void> }}
 */
export function manyActions(many, words, draw) {
  const look = async (/** @type {string} */ session, /** @type {string} */ day) => {
    const path = `/api/v1/attendance/group/${encodeURIComponent(session)}/${encodeURIComponent(day)}`;
    const answer = await ask("GET", path);
    if (answer.ok) many.group = answer.body;
    else many.problem = problemOf(answer, words);
    if (many.group) many.ticked = meant(many.group, many.direction);
  };
  const planned = () => (many.direction === "in" ? many.group?.start : many.group?.end) ?? "";

  return {
    async open(session, day) {
      Object.assign(many, newMany());
      draw();
      await look(session, day);
      many.at = planned();
      draw();
    },
    turn(direction) {
      many.direction = direction;
      if (many.group) many.ticked = meant(many.group, direction);
      many.at = planned();
      draw();
    },
    tick(person) {
      if (!many.ticked.delete(person)) many.ticked.add(person);
      draw();
    },
    tickAll(all) {
      many.ticked = new Set(all ? many.group?.people.map(({ person }) => person) : []);
      draw();
    },
    fill(fields) {
      Object.assign(many, fields);
      draw();
    },
    ask(sure) {
      Object.assign(many, { sure, done: "", left: [], problem: "" });
      draw();
    },
    async record() {
      const { group, direction, at, cause, reason } = many;
      if (!group || many.busy) return;
      many.busy = true;
      draw();
      const people = [...many.ticked];
      const { session, day } = group;
      const body = { people, session, day, direction, at, cause, reason };
      const answer = await ask("POST", "/api/v1/attendance/assist-many", body);
      Object.assign(many, { busy: false, sure: false });
      if (answer.ok) {
        many.done = words.attendance.recorded(answer.body.recorded);
        many.left = answer.body.people.filter(
          (/** @type {{ recorded: boolean }} */ one) => !one.recorded,
        );
        await look(session, day);
      } else {
        many.problem = problemOf(answer, words);
      }
      draw();
    },
  };
}

/**
 * @param {import("./evacuation.js").EvacuationState} state
 * @param {Words} words
 * @param {() => void} draw
 * @returns {import("./evacuation.js").EvacuationActions}
 */
export function evacuationActions(state, words, draw) {
  return {
    async make() {
      const answer = await ask("GET", "/api/v1/evacuation");
      if (answer.ok) Object.assign(state, { list: answer.body, problem: "" });
      else state.problem = state.list ? words.attendance.stillOld : problemOf(answer, words);
      draw();
    },
    print: () => print(),
  };
}

/**
 * @param {import("./waiting.js").WaitingState} state
 * @param {Words} words
 * @param {() => void} draw
 * @param {() => string | undefined} timezone
 * @returns {import("./waiting.js").WaitingActions & { refresh: () => Promise<void> }}
 */
export function waitingActions(state, words, draw, timezone) {
  const said = words.attendance;
  const refresh = async () => {
    const answer = await ask("GET", "/api/v1/attendance/waiting");
    if (answer.ok) state.list = answer.body;
    draw();
  };
  const change = async (
    /** @type {string} */ path,
    /** @type {object} */ body,
    /** @type {string} */ told,
  ) => {
    if (state.busy) return;
    Object.assign(state, { busy: true, done: "", problem: "" });
    draw();
    const answer = await ask("POST", path, body);
    state.busy = false;
    if (answer.ok) state.done = told;
    else state.problem = problemOf(answer, words);
    await refresh();
  };
  return {
    refresh,
    leftAt(exit, time) {
      const habits = { language: words.language, timezone: timezone() };
      const body = {
        person: exit.person,
        direction: "out",
        cause: "forgotten",
        day: exit.day,
        at: time || clockTime(habits, exit.ended),
        reason: said.forgotExit,
      };
      return change("/api/v1/attendance/assist", body, said.exitGiven(shownName(exit)));
    },
    was(tap, was) {
      const body = { event: tap.event, was, reason: said.timeUnknown };
      return change("/api/v1/attendance/correct", body, said.tapStated(shownName(tap)));
    },
  };
}
