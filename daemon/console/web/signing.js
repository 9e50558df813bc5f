// One person signs one half-day: what is signed stands large, above the field to sign in.
import { Field } from "/lib/drawing.js";
import { html } from "/lib/html.js";
import { shownName } from "./desk.js";
import { longDay } from "./formats.js";
import { Problem } from "./sign_in.js";

const whys = /** @type {const} */ (["left_early", "unable", "refused", "absent"]);

/** @param {{ sheets: import("./sheets.js").Sheets, sheet: import("./overview.js").Sheet, scene: import("./view.js").Scene, actions: import("./sheets.js").SheetActions }} props */
export function Signing({ sheets, sheet, scene, actions }) {
  const words = scene.words.sheets;
  const line = /** @type {import("./overview.js").SheetLine} */ (sheets.signing);
  const empty = sheets.strokes.length === 0;
  return html`<main class="signing" aria-labelledby="signing-title">
    <section class="card">
      <h2 id="signing-title">${shownName(line)}</h2>
      <p class="quiet">${words.youSign}</p>
      <p class="module">${sheet.title}</p>
      <p class="half-day">
        ${longDay(scene.habits, `${sheet.day}T12:00:00Z`)}<br />${words.halfDays[sheet.half_day]},
        ${" "}${sheet.start}–${sheet.end}
      </p>
      <${Problem} problem=${sheets.problem} />
      ${line.draws
        ? html`<${Field}
            strokes=${sheets.strokes}
            label=${words.drawHere}
            onDrawn=${actions.drawn}
          />`
        : html`<p>${words.doesNotDraw}</p>`}
      <p class="choices">
        <button class="button" type="button" onClick=${() => actions.begin(null)}>
          ${words.cancel}
        </button>
        ${line.draws &&
        html`<button
            class="button"
            type="button"
            disabled=${empty}
            onClick=${() => actions.drawn([])}
          >
            ${words.clear}
          </button>
          <button
            class="button main"
            type="button"
            disabled=${empty || sheets.busy}
            onClick=${actions.sign}
          >
            ${words.done}
          </button>`}
      </p>
    </section>
    ${line.role !== "trainer" &&
    html`<${Otherwise} words=${words} sheets=${sheets} actions=${actions} open=${!line.draws} />`}
  </main>`;
}

/** Who cannot draw: with a witness, or closed without a signature. @param {{ words: any, sheets: import("./sheets.js").Sheets, actions: import("./sheets.js").SheetActions, open: boolean }} props */
function Otherwise({ words, sheets, actions, open }) {
  const reason = () =>
    /** @type {HTMLInputElement} */ (document.getElementById("sign-reason")).value.trim();
  return html`<details class="card" open=${open}>
    <summary>${words.otherwise}</summary>
    <label>
      <span>${words.reason}</span>
      <input id="sign-reason" type="text" maxlength="300" autocomplete="off" />
    </label>
    <p class="choices">
      <button
        class="button"
        type="button"
        disabled=${sheets.busy}
        onClick=${() => actions.witness(reason())}
      >
        ${words.witness}
      </button>
      ${whys.map(
        (why) =>
          html`<button
            class="button"
            type="button"
            key=${why}
            disabled=${sheets.busy}
            onClick=${() => actions.closeLine(why, reason())}
          >
            ${words.why[why]}
          </button>`,
      )}
    </p>
  </details>`;
}
