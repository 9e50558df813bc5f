// What the page of a month does: asks the daemon, and puts into `months` what came of it.
import { ask } from "./api.js";

/** "2026-03" so many months on. @param {string} month @param {number} by */
export function monthAfter(month, by) {
  const [year, number] = month.split("-").map(Number);
  const at = new Date(Date.UTC(year, number - 1 + by, 1));
  return at.toISOString().slice(0, 7);
}

/** @param {string} month */
const lastDay = (month) => {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
};

/**
 * @param {import("./months.js").Months} months
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @param {() => string} today local date of the site
 * @returns {import("./months.js").MonthActions & { refresh: () => Promise<void> }}
 */
export function monthActions(months, words, draw, today) {
  let asked = 0;
  const problemOf = (/** @type {import("./api.js").Answer} */ answer) =>
    answer.body.detail ?? words.months.noAnswer;

  const refresh = async () => {
    const mine = ++asked;
    if (!months.month) {
      months.month = today().slice(0, 7);
      months.period = { from: `${months.month}-01`, to: lastDay(months.month) };
    }
    const query = new URLSearchParams({ month: months.month, language: words.language });
    const answer = await ask("GET", `/api/v1/sheets/check?${query}`);
    if (mine !== asked) return; // another month was asked for since
    months.problem = answer.ok ? "" : problemOf(answer);
    months.read = answer.ok ? answer.body : null;
    draw();
    const state = await ask("GET", `/api/v1/months/${months.month}`);
    if (mine !== asked) return;
    if (state.ok) months.state = state.body;
    else months.problem = problemOf(state);
    draw();
  };

  const certificates = async () => {
    const { person, period } = months;
    months.certificates = null;
    if (!person || !period.from || !period.to) return draw();
    const query = new URLSearchParams(period);
    const path = `/api/v1/people/${encodeURIComponent(person.person)}/certificates?${query}`;
    const answer = await ask("GET", path);
    if (person !== months.person || period !== months.period) return;
    months.problem = answer.ok ? "" : problemOf(answer);
    months.certificates = answer.ok ? answer.body : null;
    draw();
  };

  return {
    refresh,
    turn(by) {
      months.month = monthAfter(months.month || today().slice(0, 7), by);
      months.period = { from: `${months.month}-01`, to: lastDay(months.month) };
      Object.assign(months, { read: null, state: null, certificates: null, problem: "" });
      draw();
      refresh();
      certificates();
    },
    async send() {
      months.busy = true;
      draw();
      const answer = await ask("POST", `/api/v1/months/${months.month}/send`, {});
      months.busy = false;
      await refresh();
      if (!answer.ok) months.problem = problemOf(answer);
      draw();
    },
    async find(text) {
      Object.assign(months, { find: text, found: null, person: null, certificates: null });
      const answer = await ask("GET", `/api/v1/people?find=${encodeURIComponent(text)}`);
      months.problem = answer.ok ? "" : problemOf(answer);
      months.found = answer.ok ? answer.body.people : null;
      draw();
    },
    choose(person) {
      months.person = person;
      certificates();
    },
    within(period) {
      months.period = { ...months.period, ...period };
      certificates();
    },
  };
}
