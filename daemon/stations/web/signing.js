// What somebody signs, large; and how: with a finger in the field, or with the card that began it.
import { Field } from "/lib/drawing.js";
import { html } from "/lib/html.js";
import { Pictogram } from "./pictograms.js";

/** @typedef {import("/lib/drawing.js").Strokes} Strokes */
/** @typedef {{ strokes: Strokes, drawn: (strokes: Strokes) => void, sign: () => void }} Drawing */

/** @param {{ title: string, signing: import("./state.js").Signing, drawing: Drawing, children?: any }} props children: the ways out of it */
export function Signing({ title, signing, drawing, children }) {
  const { when, hours, how, field } = signing;
  return html`<div class="stated" role="status">
      <h1 tabindex="-1">${title}</h1>
      <p class="when">${when}</p>
      <p class="hours">${hours}</p>
    </div>
    ${field
      ? html`<div class="room">
          <${Field} strokes=${drawing.strokes} label=${field.label} onDrawn=${drawing.drawn} />
        </div>`
      : html`<div class="by-card"><${Pictogram} kind="idle" /></div>`}
    ${how && html`<p class="how">${how}</p>`}
    <div class="ends">
      ${children} ${field && html`<${Keys} field=${field} drawing=${drawing} />`}
    </div>`;
}

/** @param {{ field: { erase: string, done: string }, drawing: Drawing }} props */
function Keys({ field, drawing }) {
  const empty = drawing.strokes.length === 0;
  return html`<div class="choices">
    <button type="button" disabled=${empty} onClick=${() => drawing.drawn([])}>
      ${field.erase}
    </button>
    <button type="button" class="main" disabled=${empty} onClick=${drawing.sign}>
      ${field.done}
    </button>
  </div>`;
}
