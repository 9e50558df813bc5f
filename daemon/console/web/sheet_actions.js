// What the Sheets page does: asks the daemon, and puts into `sheets` what came of it.
import { fieldAspect } from "/lib/drawing.js";
import { ask } from "./api.js";
import { shownName } from "./desk.js";
import { ownNow } from "./sheets.js";

/**
 * @param {import("./sheets.js").Sheets} sheets
 * @param {import("./words.js").Words} words
 * @param {() => void} draw
 * @param {() => { actor: string, today: string, minute: number }} now who looks, the local day and minute of it
 * @returns {import("./sheets.js").SheetActions & { refresh: () => Promise<void>, open: () => Promise<void> }}
 */
export function sheetActions(sheets, words, draw, now) {
  const said = words.sheets;
  let asked = 0;
  let opening = false; // the page was opened: its trainer's half-day of now is to be seen

  const problemOf = (/** @type {import("./api.js").Answer} */ answer) =>
    answer.status === 0 ? said.noAnswer : (answer.body.detail ?? said.noAnswer);
  const path = (/** @type {{ session: string, day: string }} */ sheet) =>
    `/api/v1/sheets/${encodeURIComponent(sheet.session)}/${sheet.day}`;

  /** The day, and the sheet that is looked at, as they are now. */
  const refresh = async () => {
    const mine = ++asked;
    const chosen = sheets.sheet;
    const list = await ask("GET", `/api/v1/sheets${sheets.day ? `?day=${sheets.day}` : ""}`);
    const one = chosen ? await ask("GET", path(chosen)) : null;
    if (mine !== asked) return; // something else was asked for since
    if (list.ok) Object.assign(sheets, { list: list.body.sheets, day: list.body.day });
    else sheets.problem = problemOf(list);
    if (one?.ok) sheets.sheet = one.body;
    draw();
    if (opening && list.ok) await showOwn();
  };
  const showOwn = async () => {
    opening = false;
    const { actor, today, minute } = now();
    if (sheets.sheet || sheets.day !== today) return;
    const own = ownNow(sheets.list ?? [], actor, minute);
    const answer = own ? await ask("GET", path(own)) : null;
    if (!answer?.ok || sheets.sheet || sheets.day !== today) return; // or somebody chose since
    sheets.sheet = answer.body;
    draw();
  };

  /**
   * @param {string} where
   * @param {object} body
   * @param {(answer: any) => void} then
   */
  const change = async (where, body, then) => {
    if (sheets.busy) return;
    Object.assign(sheets, { busy: true, done: "", problem: "" });
    draw();
    const answer = await ask("POST", where, body);
    sheets.busy = false;
    if (answer.ok) then(answer.body);
    else sheets.problem = problemOf(answer);
    await refresh();
  };
  /** @param {string} act @param {object} body @param {(answer: any) => void} then */
  const onSheet = (act, body, then) => {
    if (sheets.sheet) return change(`${path(sheets.sheet)}/${act}`, body, then);
  };
  /** The person who is signing, and what is said when it is done. @param {string} act @param {object} body @param {(name: string) => string} told */
  const onLine = (act, body, told) => {
    const line = sheets.signing;
    if (!line) return;
    return onSheet(act, { person: line.person, ...body }, () => {
      Object.assign(sheets, { signing: null, strokes: [], done: told(shownName(line)) });
    });
  };

  return {
    refresh,
    open() {
      opening = true;
      return refresh();
    },
    showDay(day) {
      Object.assign(sheets, { day, sheet: null, list: null, minutes: {}, done: "", problem: "" });
      refresh();
    },
    show(session, day) {
      let name = session;
      try {
        name = decodeURIComponent(session);
      } catch {
        // It was typed by hand; the daemon says that there is no such half-day.
      }
      Object.assign(sheets, { day, sheet: null, list: null, minutes: {}, done: "", problem: "" });
      refresh();
      return this.choose({ session: name, day });
    },
    async choose(one) {
      Object.assign(sheets, { minutes: {}, done: "", problem: "" });
      const answer = await ask("GET", path(one));
      if (answer.ok) sheets.sheet = answer.body;
      else sheets.problem = problemOf(answer);
      draw();
    },
    count(line, minutes) {
      sheets.minutes = { ...sheets.minutes, [line.person]: minutes };
      draw();
    },
    confirm() {
      return onSheet("confirm", { minutes: sheets.minutes }, () => {
        Object.assign(sheets, { minutes: {}, done: said.isConfirmed });
      });
    },
    begin(line) {
      Object.assign(sheets, { signing: line, strokes: [], done: "", problem: "" });
      draw();
    },
    drawn(strokes) {
      sheets.strokes = strokes;
      draw();
    },
    sign() {
      const role = sheets.signing?.role ?? "participant";
      const form = { role, form: "drawn", strokes: sheets.strokes, aspect: fieldAspect };
      return onLine("sign", form, said.hasSignedNow);
    },
    witness(reason) {
      return onLine("sign", { form: "witnessed", reason }, said.hasSignedNow);
    },
    closeLine(why, reason) {
      return onLine("not-signed", { why, reason }, said.notSigned);
    },
    withdraw(event, name) {
      const body = { event, why: "wrong_half_day", reason: said.withdrawnText };
      return change("/api/v1/signatures/withdraw", body, () => {
        sheets.done = name === null ? said.confirmationWithdrawn : said.isWithdrawn(name);
      });
    },
    excuse(line, excused) {
      return onSheet("excuse", { person: line.person, excused }, () => {});
    },
    close() {
      return onSheet("close", {}, () => {
        sheets.done = said.isClosed;
      });
    },
  };
}
