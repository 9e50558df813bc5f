// The Sheets page: the half-days of a day, and one of them with its people: confirmed by the trainer, signed, closed.
// Components hold no state; it is in `Sheets`, and `SheetActions` change it.
import { html } from "/lib/html.js";
import { Mark } from "/lib/marks.js";
import { shownName } from "./desk.js";
import { longDay, minutesOf } from "./formats.js";
import { Problem } from "./sign_in.js";
import { Signing } from "./signing.js";

/**
 * @typedef {import("./overview.js").SheetInShort} SheetInShort
 * @typedef {import("./overview.js").Sheet} Sheet
 * @typedef {import("./overview.js").SheetLine} SheetLine
 * @typedef {import("./view.js").Scene} Scene
 * @typedef {import("./words.js").Words["sheets"]} Words
 *
 * @typedef {object} Sheets
 * @property {string} day ISO date; "" = today
 * @property {SheetInShort[] | null} list null = not asked for yet
 * @property {Sheet | null} sheet the one chosen
 * @property {SheetLine | null} signing who signs now
 * @property {[number, number][][]} strokes drawn so far, from 0 to 1
 * @property {Record<string, number>} minutes what the trainer counts, by pseudonym
 * @property {string} done what was done last
 * @property {string} problem what was refused last
 * @property {boolean} busy an answer is awaited
 *
 * @typedef {object} SheetActions
 * @property {(day: string) => void} showDay
 * @property {(session: string, day: string) => void} show as an address names it
 * @property {(sheet: { session: string, day: string }) => void} choose
 * @property {(line: SheetLine, minutes: number) => void} count
 * @property {() => void} confirm
 * @property {(line: SheetLine | null) => void} begin signing by this person; null = back
 * @property {(strokes: [number, number][][]) => void} drawn
 * @property {() => void} sign
 * @property {(reason: string) => void} witness
 * @property {(why: string, reason: string) => void} closeLine
 * @property {(event: string, name: string | null) => void} withdraw name: null = the confirmation
 * @property {(line: SheetLine, excused: boolean) => void} excuse
 * @property {() => void} close
 */

/** @returns {Sheets} */
export function newSheets() {
  return {
    day: "",
    list: null,
    sheet: null,
    signing: null,
    strokes: [],
    minutes: {},
    done: "",
    problem: "",
    busy: false,
  };
}

/** @param {string} clause */
const sentence = (clause) => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

const around = 60; // minutes before its start and after its end in which a half-day is what its trainer works on

/**
 * The half-day that a trainer works on now: the one that runs, else the one that has just ended or is about to begin,
 * else the last one that is over and waits.
 * @param {SheetInShort[]} list those of today
 * @param {string} trainer pseudonym
 * @param {number} now minutes of the day
 */
export function ownNow(list, trainer, now) {
  const own = list.filter(
    (one) => one.trainer === trainer && !["cancelled", "holiday", "closed"].includes(one.state),
  );
  const within = (/** @type {number} */ minutes) =>
    own.find(
      ({ start, end }) => now >= minutesOf(start) - minutes && now < minutesOf(end) + minutes,
    );
  return within(0) ?? within(around) ?? own.filter(({ end }) => now >= minutesOf(end)).at(-1);
}

const wasThere = (/** @type {SheetLine} */ line) => !["absent", "excused"].includes(line.mark);

/** @param {{ sheets: Sheets, scene: Scene, actions: SheetActions }} props */
export function SheetsPage({ sheets, scene, actions }) {
  const words = scene.words.sheets;
  const { sheet } = sheets;
  if (sheet && sheets.signing) {
    return html`<${Signing} sheets=${sheets} sheet=${sheet} scene=${scene} actions=${actions} />`;
  }
  const list = sheets.list ?? [];
  const own = list.filter((one) => one.trainer === scene.actor);
  const others = list.filter((one) => !own.includes(one));
  return html`<main class="work sheets">
    <section class="card" aria-labelledby="days-title">
      <h2 id="days-title">${words.title}</h2>
      <label>
        <span>${words.day}</span>
        <input
          type="date"
          value=${sheets.day}
          onChange=${(/** @type {Event} */ event) =>
            actions.showDay(/** @type {HTMLInputElement} */ (event.target).value)}
        />
      </label>
      ${sheets.list?.length === 0 && html`<p class="empty hint">${words.none}</p>`}
      ${own.length > 0 && others.length > 0
        ? html`<h3>${words.yours}</h3>
            <${Choice} list=${own} sheet=${sheet} words=${words} actions=${actions} />
            <h3>${words.others}</h3>
            <${Choice} list=${others} sheet=${sheet} words=${words} actions=${actions} />`
        : html`<${Choice} list=${list} sheet=${sheet} words=${words} actions=${actions} />`}
    </section>
    <div class="column">
      <div role="status">
        ${sheets.done &&
        html`<p class="done">
          <${Mark} name="recorded" tone="green" /><span>${sheets.done}</span>
        </p>`}
      </div>
      <${Problem} problem=${sheets.problem} />
      ${sheet
        ? html`<${OneSheet} sheets=${sheets} sheet=${sheet} scene=${scene} actions=${actions} />`
        : html`<p class="empty hint">${words.choose}</p>`}
    </div>
  </main>`;
}

/** @param {{ list: SheetInShort[], sheet: Sheet | null, words: Words, actions: SheetActions }} props */
function Choice({ list, sheet, words, actions }) {
  return html`<ul class="found">
    ${list.map(
      (one) =>
        html`<li key=${one.session}>
          <button
            type="button"
            aria-pressed=${sheet?.session === one.session}
            onClick=${() => actions.choose(one)}
          >
            <span class="name">${one.title}</span>
            <span class="quiet">${words.halfDays[one.half_day]} · ${one.start}–${one.end}</span>
            <span
              class="presence ${one.state === "outdated" || one.state === "open" ? "waits" : ""}"
              >${words.states[one.state]}</span
            >
          </button>
        </li>`,
    )}
  </ul>`;
}

/** @param {{ sheets: Sheets, sheet: Sheet, scene: Scene, actions: SheetActions }} props */
function OneSheet({ sheets, sheet, scene, actions }) {
  const words = scene.words.sheets;
  const path = `/api/v1/sheets/${encodeURIComponent(sheet.session)}/${sheet.day}`;
  const open = sheet.state === "confirmed" || sheet.state === "outdated";
  return html`<section class="card" aria-labelledby="sheet-title">
    <div class="sheet-head">
      <div>
        <h2 id="sheet-title">${sheet.title}</h2>
        <p class="when">
          ${longDay(scene.habits, `${sheet.day}T12:00:00Z`)} · ${words.halfDays[sheet.half_day]} ·
          ${" "}${sheet.start}–${sheet.end}
        </p>
        <p class="quiet">
          ${[
            sheet.room,
            sheet.trainer_name ?? sheet.trainer,
            words.there(sheet.present, sheet.expected),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      </div>
      <a
        class="button"
        href="${path}/pdf?language=${scene.words.language}"
        target="_blank"
        rel="noopener"
        >${words.print}</a
      >
    </div>
    <${State} sheet=${sheet} words=${words} sheets=${sheets} actions=${actions} />
    <div class="wide">
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">${words.person}</th>
            <th role="columnheader" scope="col">${words.presence}</th>
            <th role="columnheader" scope="col">${words.time}</th>
            <th role="columnheader" scope="col" class="number">${words.minutes}</th>
            <th role="columnheader" scope="col">${words.signature}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${[
            ...sheet.people.filter(wasThere),
            ...sheet.people.filter((line) => !wasThere(line)),
          ].map(
            (line) =>
              html`<${Line}
                key=${line.person}
                line=${line}
                sheets=${sheets}
                sheet=${sheet}
                words=${words}
                actions=${actions}
              />`,
          )}
        </tbody>
      </table>
    </div>
    ${open &&
    html`<${TrainerLine} sheets=${sheets} sheet=${sheet} words=${words} actions=${actions} />`}
    ${sheet.versions.length > 1 && html`<${Versions} sheet=${sheet} path=${path} scene=${scene} />`}
    ${sheet.withdrawn.length > 0 &&
    html`<details>
      <summary>${words.withdrawnTitle} (${sheet.withdrawn.length})</summary>
      <ul class="rows">
        ${sheet.withdrawn.map(
          (one) =>
            html`<li>
              <span>${words.withdrawnLine(shownName(one), one.signed, one.withdrawn)}</span>
              <span class="quiet">${one.reason}</span>
            </li>`,
        )}
      </ul>
    </details>`}
  </section>`;
}

/** What was confirmed before stays on record, to be printed as it was. @param {{ sheet: Sheet, path: string, scene: Scene }} props */
function Versions({ sheet, path, scene }) {
  const words = scene.words.sheets;
  return html`<details>
    <summary>${words.versionsTitle} (${sheet.versions.length})</summary>
    <ul class="rows">
      ${sheet.versions.map(
        (one) =>
          html`<li key=${one.event}>
            <span
              >${words.version(
                one.version,
                shownName({ name: one.name, person: one.by }),
                longDay(scene.habits, `${one.day}T12:00:00Z`),
                one.at,
              )}</span
            >
            <span class="quiet">${one.digest.slice(0, 16)}</span>
            <a
              href="${path}/pdf?version=${one.version}&language=${scene.words.language}"
              target="_blank"
              rel="noopener"
              >${words.printVersion(one.version)}</a
            >
          </li>`,
      )}
    </ul>
  </details>`;
}

/** What the sheet waits for, and the one thing to do about it. @param {{ sheet: Sheet, sheets: Sheets, words: any, actions: SheetActions }} props */
function State({ sheet, sheets, words, actions }) {
  const again = sheet.state === "outdated";
  const canConfirm = (sheet.state === "open" || again) && sheet.waits_because === null;
  return html`<div class="state">
    <p class="state-name">
      ${words.states[sheet.state]}${sheet.confirmed &&
      html`<span class="quiet"
        >${` · ${words.confirmed(sheet.confirmed.name ?? sheet.confirmed.by, sheet.confirmed.at)}`}</span
      >`}
    </p>
    ${again && html`<p>${words.outdated}</p>`}
    ${sheet.waits_because &&
    sheet.state === "open" &&
    html`<p class="quiet" lang="en">${sentence(sheet.waits_because)}</p>`}
    ${canConfirm &&
    html`<button
      class="button main"
      type="button"
      disabled=${sheets.busy}
      onClick=${actions.confirm}
    >
      ${again ? words.confirmAgain : words.confirm}
    </button>`}
  </div>`;
}

/** @param {{ line: SheetLine, sheet: Sheet, sheets: Sheets, words: any, actions: SheetActions }} props */
function Line({ line, sheet, sheets, words, actions }) {
  const name = shownName(line);
  const notes = [
    line.here && words.here,
    line.no_exit_tap && words.noExit,
    line.assisted && words.assisted,
  ].filter(Boolean);
  return html`<tr role="row">
    <th role="rowheader" scope="row">${name}</th>
    <td role="cell">
      <span class="mark-${line.mark}">${words.marks[line.mark]}</span>
      ${notes.length > 0 && html`<span class="quiet"> ${notes.join(", ")}</span>`}
    </td>
    <td role="cell" class="time">
      ${wasThere(line) ? `${line.arrived ?? ""} – ${line.left ?? ""}` : ""}
    </td>
    <td role="cell" class="number">
      <${Minutes} line=${line} sheet=${sheet} sheets=${sheets} words=${words} actions=${actions} />
    </td>
    <td role="cell">
      <${LineEnd} line=${line} sheet=${sheet} sheets=${sheets} words=${words} actions=${actions} />
    </td>
  </tr>`;
}

/** What was seen; and, of a stay with an end that nobody saw, what the trainer may count. @param {{ line: SheetLine, sheet: Sheet, sheets: Sheets, words: any, actions: SheetActions }} props */
function Minutes({ line, sheet, sheets, words, actions }) {
  const counted = sheets.minutes[line.person];
  if (line.minutes === null) return "";
  if (counted !== undefined) return html`${counted} <span class="quiet">${words.counted}</span>`;
  const more = line.possible_minutes ?? 0;
  const canCount =
    (sheet.state === "open" || sheet.state === "outdated") && !line.here && more > line.minutes;
  return html`${line.minutes}${canCount &&
  html` <button class="button small" type="button" onClick=${() => actions.count(line, more)}>
    ${words.countAll(more)}
  </button>`}`;
}

/** @param {{ line: SheetLine, sheet: Sheet, sheets: Sheets, words: any, actions: SheetActions }} props */
function LineEnd({ line, sheet, sheets, words, actions }) {
  const name = shownName(line);
  if (!wasThere(line)) {
    if (sheet.state !== "open" && sheet.state !== "outdated") return "";
    const excused = line.mark === "excused";
    return html`<button
      class="button small"
      type="button"
      disabled=${sheets.busy}
      aria-label=${excused ? `${words.notExcused}: ${name}` : words.excuseOf(name)}
      onClick=${() => actions.excuse(line, !excused)}
    >
      ${excused ? words.notExcused : words.excuse}
    </button>`;
  }
  const { signature } = line;
  if (signature) {
    return html`<span class="signed">
      <${Signature} signature=${signature} words=${words} />
      ${!(sheet.state === "closed" && sheet.month_sent) &&
      html`<button
        class="button small"
        type="button"
        disabled=${sheets.busy}
        aria-label=${words.withdrawOf(name)}
        onClick=${() => actions.withdraw(signature.event, name)}
      >
        ${words.withdraw}
      </button>`}
    </span>`;
  }
  if (line.not_signed) {
    return html`<span
      >${words.why[line.not_signed.why]}<br /><span class="quiet"
        >${line.not_signed.reason}</span
      ></span
    >`;
  }
  if (sheet.state !== "confirmed") return "";
  return html`<button
    class="button"
    type="button"
    aria-label=${words.signFor(name)}
    onClick=${() => actions.begin(line)}
  >
    ${words.sign}
  </button>`;
}

/** @param {{ signature: import("./overview.js").SheetSignature, words: any }} props */
function Signature({ signature, words }) {
  if (signature.form !== "drawn" || !signature.strokes?.length)
    return html`<span>${words.signedBy[signature.form]}, ${signature.at}</span>`;
  const width = 40 * (signature.aspect ?? 3);
  return html`<svg
    class="ink"
    viewBox="0 0 ${width} 40"
    width=${width}
    height="40"
    role="img"
    aria-label="${words.signedBy.drawn}, ${signature.at}"
  >
    ${signature.strokes.map(
      (stroke) =>
        html`<polyline points=${stroke.map(([x, y]) => `${x * width},${y * 40}`).join(" ")} />`,
    )}
  </svg>`;
}

/** The trainer's own signature, and the end. @param {{ sheet: Sheet, sheets: Sheets, words: any, actions: SheetActions }} props */
function TrainerLine({ sheet, sheets, words, actions }) {
  const signed = sheet.trainer_signature;
  const name = sheet.trainer_name ?? sheet.trainer;
  const left = sheet.present - sheet.done;
  return html`<div class="sheet-end">
    ${sheet.trainer &&
    html`<p>
      <span class="name">${words.trainerSignature}: ${name}</span>
      ${signed
        ? html`<${Signature} signature=${signed} words=${words} />`
        : sheet.state === "confirmed" &&
          html`<button
            class="button"
            type="button"
            aria-label=${words.signFor(name)}
            onClick=${() => actions.begin(trainerLine(sheet))}
          >
            ${words.sign}
          </button>`}
    </p>`}
    <p class="quiet">${words.hasSigned(sheet.done, sheet.present)}</p>
    <p class="choices">
      <button
        class="button"
        type="button"
        disabled=${sheets.busy}
        onClick=${() => actions.withdraw(sheet.confirmed?.event ?? "", null)}
      >
        ${words.withdrawConfirmation}
      </button>
      <button
        class="button main"
        type="button"
        disabled=${sheets.busy || left > 0 || sheet.state !== "confirmed"}
        onClick=${actions.close}
      >
        ${words.close}
      </button>
    </p>
  </div>`;
}

/** The trainer as a line of the sheet. @param {Sheet} sheet @returns {SheetLine} */
function trainerLine(sheet) {
  return {
    person: sheet.trainer ?? "",
    name: sheet.trainer_name,
    role: "trainer",
    mark: "present",
    arrived: null,
    left: null,
    minutes: null,
    possible_minutes: null,
    no_exit_tap: false,
    assisted: false,
    here: false,
    draws: true,
    signature: null,
    not_signed: null,
  };
}
