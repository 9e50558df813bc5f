// What the Desk page does: asks the daemon, and puts into `desk` what came of it.
import { ask } from "./api.js";
import { newDesk, shownName } from "./desk.js";

/** @typedef {import("./desk.js").Desk} Desk @typedef {import("./desk.js").Found} Found */

const shortestSearch = 2;
const typingPauseMs = 300;

const isThat = (/** @type {string} */ person) => (/** @type {Found} */ one) =>
  one.person === person;

/**
 * @param {Desk} desk
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @returns {import("./desk.js").DeskActions & { show: (person: string, date: string) => Promise<void> }}
 */
export function deskActions(desk, words, draw) {
  /** @type {ReturnType<typeof setTimeout>} */
  let typing;
  let searches = 0;

  const search = async (/** @type {string} */ text) => {
    const mine = ++searches;
    const answer = await ask("GET", `/api/v1/people?find=${encodeURIComponent(text)}`);
    if (mine !== searches) return; // somebody has typed on
    desk.problem = answer.ok ? "" : problemOf(answer);
    desk.found = answer.ok ? answer.body.people : [];
    desk.more = answer.ok && answer.body.more;
    draw();
  };

  const problemOf = (/** @type {import("./api.js").Answer} */ answer) =>
    answer.status === 0 ? words.desk.noAnswer : (answer.body.detail ?? words.desk.noAnswer);

  let looks = 0;
  /** The day of the person who is chosen; without a date today. @param {string} date */
  const look = async (date) => {
    const mine = ++looks;
    const person = desk.person?.person;
    if (!person) return;
    const path = `/api/v1/attendance/${encodeURIComponent(person)}/${date || "today"}`;
    const answer = await ask("GET", path);
    if (mine !== looks || desk.person?.person !== person) return; // somebody has gone on
    if (answer.ok) desk.day = answer.body;
    else desk.problem = problemOf(answer);
    draw();
  };

  /**
   * @param {string} path
   * @param {object} body
   * @param {(answer: any) => void} then
   */
  const change = async (path, body, then) => {
    if (desk.busy || !desk.person) return;
    Object.assign(desk, { busy: true, done: "", problem: "", code: null });
    draw();
    const answer = await ask("POST", path, { person: desk.person.person, ...body });
    desk.busy = false;
    if (answer.ok) then(answer.body);
    else desk.problem = problemOf(answer);
    draw();
    if (answer.ok) await look(desk.day?.day ?? "");
  };

  /** Whether somebody is here has changed with their day. */
  const lookForPerson = async () => {
    const chosen = desk.person;
    if (!chosen) return;
    const answer = await ask("GET", `/api/v1/people?find=${encodeURIComponent(chosen.person)}`);
    const now = answer.ok && answer.body.people.find(isThat(chosen.person));
    if (!now || desk.person?.person !== chosen.person) return;
    desk.person = now;
    desk.found = desk.found?.map((one) => (one.person === now.person ? now : one)) ?? null;
    draw();
  };

  return {
    find(text) {
      desk.find = text;
      clearTimeout(typing);
      searches++;
      if (text.trim().length < shortestSearch) desk.found = null;
      else typing = setTimeout(search, typingPauseMs, text.trim());
      draw();
    },
    choose(person) {
      Object.assign(desk, { person, day: null, correcting: "", done: "", problem: "", code: null });
      draw();
      return look("");
    },
    async show(person, date) {
      clearDesk(desk);
      const answer = await ask("GET", `/api/v1/people?find=${encodeURIComponent(person)}`);
      desk.person = answer.ok ? (answer.body.people.find(isThat(person)) ?? null) : null;
      if (!answer.ok) desk.problem = problemOf(answer);
      draw();
      await look(date);
    },
    assist(cause) {
      const person = /** @type {Found} */ (desk.person);
      const direction = person.here ? "out" : "in";
      return change("/api/v1/attendance/assist", { direction, cause }, () => {
        const now = { ...person, here: direction === "in" };
        desk.person = now;
        desk.found = desk.found?.map((one) => (one.person === now.person ? now : one)) ?? null;
        desk.done = (now.here ? words.desk.hasArrived : words.desk.hasLeft)(shownName(person));
      });
    },
    giveCode(reason) {
      return change("/api/v1/codes", { kind: "day", reason }, (answer) => {
        desk.code = { digits: answer.code, expires: answer.expires };
      });
    },
    withdrawCard(state, reason) {
      const name = shownName(/** @type {Found} */ (desk.person));
      return change("/api/v1/cards/withdraw", { state, reason }, () => {
        desk.done = words.desk.cardEnded(name);
      });
    },
    attach(token, reason) {
      const name = shownName(/** @type {Found} */ (desk.person));
      return change("/api/v1/cards/attach", { token, reason }, (answer) => {
        desk.card = "";
        desk.done = words.desk.attached(name, answer.earlier_taps);
      });
    },
    day: {
      showDay(date) {
        desk.correcting = "";
        return look(date);
      },
      open(event) {
        desk.correcting = desk.correcting === event ? "" : event;
        draw();
      },
      async correct(event, was, reason) {
        const name = shownName(/** @type {Found} */ (desk.person));
        await change("/api/v1/attendance/correct", { event, was, reason }, ({ changed }) => {
          desk.correcting = "";
          desk.done = changed ? words.attendance.corrected(name) : words.attendance.unchanged;
        });
        await lookForPerson();
      },
      async enter(direction, at, cause, reason) {
        const name = shownName(/** @type {Found} */ (desk.person));
        const day = desk.day?.day;
        const body = { direction, at, cause, day, reason };
        await change("/api/v1/attendance/assist", body, () => {
          desk.done = (direction === "in" ? words.desk.hasArrived : words.desk.hasLeft)(name);
        });
        await lookForPerson();
      },
    },
  };
}

/** Forgets who was chosen and found. @param {Desk} desk */
export function clearDesk(desk) {
  Object.assign(desk, newDesk());
}
