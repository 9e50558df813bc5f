// One person signs one half-day: what is signed stands large, above the field to sign in.
import { html } from "/lib/html.js";
import { shownName } from "./desk.js";
import { longDay } from "./formats.js";
import { Problem } from "./sign_in.js";

export const fieldAspect = 3; // width of the field over its height
const nearest = 0.004; // points nearer to the one before are left out
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
      <${Field} strokes=${sheets.strokes} label=${words.drawHere} onDrawn=${actions.drawn} />
      <p class="choices">
        <button class="button" type="button" onClick=${() => actions.begin(null)}>
          ${words.cancel}
        </button>
        <button class="button" type="button" disabled=${empty} onClick=${() => actions.drawn([])}>
          ${words.clear}
        </button>
        <button
          class="button main"
          type="button"
          disabled=${empty || sheets.busy}
          onClick=${actions.sign}
        >
          ${words.done}
        </button>
      </p>
    </section>
    ${line.role !== "trainer" &&
    html`<${Otherwise} words=${words} sheets=${sheets} actions=${actions} />`}
  </main>`;
}

/** @param {{ strokes: [number, number][][], label: string, onDrawn: (strokes: [number, number][][]) => void }} props */
function Field({ strokes, label, onDrawn }) {
  const at = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    const within = (/** @type {number} */ v) =>
      Math.round(Math.min(1, Math.max(0, v)) * 1000) / 1000;
    return /** @type {[number, number]} */ ([
      within((event.clientX - box.left) / box.width),
      within((event.clientY - box.top) / box.height),
    ]);
  };
  return html`<svg
    class="field ink"
    viewBox="0 0 ${100 * fieldAspect} 100"
    role="img"
    aria-label=${label}
    onPointerDown=${(/** @type {PointerEvent} */ event) => {
      /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
      onDrawn([...strokes, [at(event)]]);
    }}
    onPointerMove=${(/** @type {PointerEvent} */ event) => {
      const last = strokes.at(-1);
      if (event.buttons === 0 || !last) return;
      const point = at(event);
      const before = last[last.length - 1];
      if (Math.hypot(point[0] - before[0], point[1] - before[1]) < nearest) return;
      onDrawn([...strokes.slice(0, -1), [...last, point]]);
    }}
  >
    ${strokes.length === 0 && html`<text x="50%" y="52%" text-anchor="middle">${label}</text>`}
    <line x1="5%" x2="95%" y1="80" y2="80" />
    ${strokes.map(
      (stroke) =>
        html`<polyline
          points=${stroke.map(([x, y]) => `${x * 100 * fieldAspect},${y * 100}`).join(" ")}
        />`,
    )}
  </svg>`;
}

/** Who cannot draw: with a witness, or closed without a signature. @param {{ words: any, sheets: import("./sheets.js").Sheets, actions: import("./sheets.js").SheetActions }} props */
function Otherwise({ words, sheets, actions }) {
  const reason = () =>
    /** @type {HTMLInputElement} */ (document.getElementById("sign-reason")).value.trim();
  return html`<details class="card">
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
