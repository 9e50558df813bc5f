// The kiosk page, drawn from one state.
import { html } from "/lib/html.js";
import { Digits, Keypad } from "./keypad.js";
import { Pictogram } from "./pictograms.js";
import { Signing } from "./signing.js";

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Choice} Choice
 * @typedef {(id: string) => void} Choose
 * @typedef {import("./keypad.js").Typing} Typing
 * @typedef {import("./signing.js").Drawing} Drawing
 */

/** What is shown while the daemon cannot be reached. @param {State} last @returns {State} */
export function away(last) {
  return {
    ...last,
    screen: "away",
    kind: "not_working",
    title: last.away.title,
    detail: last.away.detail,
    second: null,
    choices: [],
    progress: null,
    keypad: null,
    signing: null,
    languages: [],
  };
}

/** @param {{ state: State, choose: Choose, typing: Typing, drawing: Drawing }} props */
export function Page({ state, choose, typing, drawing }) {
  const { kind, language, title, second, detail, choices, progress, keypad, languages } = state;
  if (state.signing) {
    return html`<main class="kiosk" data-kind=${kind} data-screen=${state.screen} lang=${language}>
      <${Signing} title=${title} signing=${state.signing} drawing=${drawing}>
        <${Choices} kind=${kind} choices=${choices} choose=${choose} />
      <//>
    </main>`;
  }
  return html`<main class="kiosk" data-kind=${kind} data-screen=${state.screen} lang=${language}>
    ${progress && html`<${Progress} ...${progress} />`}
    <div class="scene">
      ${kind !== "question" && !keypad && html`<${Pictogram} kind=${kind} />`}
      <div class="words">
        <div role="status">
          <h1 tabindex="-1">${title}</h1>
          ${second && html`<p class="second" lang=${second.language}>${second.text}</p>`}
          ${detail && html`<p class="detail">${detail}</p>`}
        </div>
        ${keypad && html`<${Digits} typed=${typing.typed} count=${keypad.digits} />`}
      </div>
      ${keypad && html`<${Keypad} ...${keypad} ...${typing} />`}
    </div>
    ${kind.startsWith("idle")
      ? html`<div class="ways">
          ${choices.length > 0 &&
          html`<${Choices} kind=${kind} choices=${choices} choose=${choose} />`}
          ${languages.length > 0 &&
          html`<${Languages} languages=${languages} spoken=${language} choose=${choose} />`}
        </div>`
      : choices.length > 0 && html`<${Choices} kind=${kind} choices=${choices} choose=${choose} />`}
  </main>`;
}

/** One segment for each question; those behind and the present one are filled. @param {{ number: number, count: number }} props */
function Progress({ number, count }) {
  const segments = Array.from({ length: count }, (_, index) => index < number);
  return html`<div
    class="progress"
    role="progressbar"
    aria-label="${number} / ${count}"
    aria-valuenow=${number}
    aria-valuemin="1"
    aria-valuemax=${count}
  >
    ${segments.map((filled) => html`<span class=${filled ? "filled" : ""}></span>`)}
  </div>`;
}

/** @param {{ kind: State["kind"], choices: Choice[], choose: Choose }} props */
function Choices({ kind, choices, choose }) {
  const layout = choices.length <= 3 && choices.length !== 2 ? "one-column" : "two-columns";
  return html`<div class="choices ${layout}">
    ${choices.map(
      ({ id, text, style }) =>
        html`<button key=${id} type="button" class=${style} onClick=${() => choose(id)}>
          ${id === "other-way" &&
          kind !== "sign" &&
          html`<${Pictogram} kind=${kind === "arrived" ? "left" : "coming"} />`}
          ${text}
        </button>`,
    )}
  </div>`;
}

/** @param {{ languages: string[], spoken: string, choose: Choose }} props */
function Languages({ languages, spoken, choose }) {
  return html`<div class="languages">
    ${languages.map(
      (language) =>
        html`<button
          key=${language}
          type="button"
          lang=${language}
          aria-pressed=${language === spoken ? "true" : "false"}
          onClick=${() => choose(`language-${language}`)}
        >
          ${ownName(language)}
        </button>`,
    )}
  </div>`;
}

/** "Français": what a language is called in itself. @param {string} language */
function ownName(language) {
  const name = new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
