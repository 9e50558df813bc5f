// The pages in front of the console: signing in, and making the first manager.
import { html } from "/lib/html.js";

/**
 * @typedef {import("./words.js").Words} Words
 *
 * @typedef {object} Gate
 * @property {string} message why the page is here again; "" = nothing to say
 * @property {string} problem what went wrong; "" = nothing
 * @property {boolean} busy an answer is awaited
 * @property {import("./card_sign_in.js").CardGate} card
 */

export const shortestPassword = 12; // characters

/** @param {{ words: Words, title: string, children?: any }} props */
function Alone({ words, title, children }) {
  return html`<main class="alone gate">
    <img src="/lib/mark.svg" alt="" width="56" height="56" />
    <h1>${title}</h1>
    ${children}
    <p class="quiet">${words.signIn.help}</p>
  </main>`;
}

/** @param {{ problem: string }} props */
export function Problem({ problem }) {
  return html`<div role="alert">${problem && html`<p class="problem">${problem}</p>`}</div>`;
}

/**
 * Calls `then` with what was typed.
 * @param {(fields: Record<string, string>) => void} then
 */
export function onSubmit(then) {
  return (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const fields = /** @type {[string, string][]} */ ([...new FormData(form)]);
    then(Object.fromEntries(fields));
  };
}

/** @param {{ words: Words }} props */
function NameField({ words }) {
  return html`<label>
    <span>${words.signIn.name}</span>
    <input
      name="name"
      type="text"
      autocomplete="username"
      autocapitalize="none"
      spellcheck=${false}
      required
      autofocus
    />
  </label>`;
}

/**
 * @param {{ words: Words, gate: Gate, onSignIn: (fields: Record<string, string>) => void,
 *   byCard: import("./card_sign_in.js").CardGateActions }} props
 */
export function SignIn({ words, gate, onSignIn, byCard }) {
  const { card } = gate;
  return html`<${Alone} words=${words} title="Rollcall">
    ${gate.message && html`<p role="status">${gate.message}</p>`}
    ${card.awaited
      ? html`<${HoldCard} words=${words} awaited=${card.awaited} onCancel=${byCard.cancel} />`
      : card.chosen
        ? html`<${ByCard} words=${words} gate=${gate} onBegin=${byCard.begin} />`
        : html`<${ByPassword} words=${words} gate=${gate} onSignIn=${onSignIn} />`}
    ${card.rooms.length > 0 &&
    !card.awaited &&
    html`<button
      class="button"
      type="button"
      disabled=${gate.busy}
      onClick=${() => byCard.choose(!card.chosen)}
    >
      ${card.chosen ? words.signIn.byPassword : words.signIn.byCard}
    </button>`}
  <//>`;
}

/**
 * Name, what its children ask for, and a button.
 * @param {{ words: Words, gate: Gate, submit: string, onDone: (fields: Record<string, string>) => void,
 *   children?: any }} props
 */
function GateForm({ words, gate, submit, onDone, children }) {
  return html`<form class="form" onSubmit=${onSubmit(onDone)}>
    <${NameField} words=${words} />
    ${children}
    <${Problem} problem=${gate.problem} />
    <button class="button main" type="submit" disabled=${gate.busy}>${submit}</button>
  </form>`;
}

/** @param {{ words: Words, gate: Gate, onSignIn: (fields: Record<string, string>) => void }} props */
function ByPassword({ words, gate, onSignIn }) {
  return html`<${GateForm}
    words=${words}
    gate=${gate}
    submit=${words.signIn.signIn}
    onDone=${onSignIn}
  >
    <label>
      <span>${words.signIn.password}</span>
      <input name="password" type="password" autocomplete="current-password" required />
    </label>
  <//>`;
}

/** @param {{ words: Words, gate: Gate, onBegin: (fields: Record<string, string>) => void }} props */
function ByCard({ words, gate, onBegin }) {
  return html`<${GateForm}
    words=${words}
    gate=${gate}
    submit=${words.signIn.goOn}
    onDone=${onBegin}
  >
    <label>
      <span>${words.signIn.pin}</span>
      <input
        name="pin"
        type="password"
        inputmode="numeric"
        pattern="[0-9 ]*"
        autocomplete="off"
        required
      />
    </label>
  <//>`;
}

/**
 * @param {{ words: Words, awaited: { rooms: string[], secondsLeft: number }, onCancel: () => void }} props
 */
function HoldCard({ words, awaited, onCancel }) {
  return html`<div class="form">
    <p role="status" class="hold-card">${words.signIn.holdCard(awaited.rooms)}</p>
    <p class="quiet" aria-hidden="true">${words.signIn.left(awaited.secondsLeft)}</p>
    <button class="button" type="button" onClick=${onCancel}>${words.signIn.cancel}</button>
  </div>`;
}

/** @param {{ words: Words, gate: Gate, onMake: (fields: Record<string, string>) => void }} props */
export function FirstManager({ words, gate, onMake }) {
  return html`<${Alone} words=${words} title=${words.signIn.firstTitle}>
    <p>${words.signIn.firstIntro}</p>
    <${GateForm} words=${words} gate=${gate} submit=${words.signIn.make} onDone=${onMake}>
      <p class="quiet">${words.signIn.nameHint}</p>
      <label>
        <span>${words.signIn.newPassword}</span>
        <input
          name="password"
          type="password"
          autocomplete="new-password"
          minlength=${shortestPassword}
          required
        />
      </label>
      <p class="quiet">${words.signIn.passwordHint}</p>
    <//>
  <//>`;
}
