// A few buttons that need a reason in words.
import { html } from "/lib/html.js";

/**
 * @param {{ title: string, label: string, reason: string, busy: boolean,
 *   buttons: { says: string, does: (reason: string) => void }[], children?: any }} props
 */
export function WithReason({ title, label, reason, busy, buttons, children }) {
  const act = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const which = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const typed = /** @type {HTMLInputElement} */ (form.elements.namedItem("reason")).value;
    buttons[Number(which?.value ?? 0)].does(typed.trim());
  };
  return html`<form class="act" onSubmit=${act}>
    <fieldset disabled=${busy}>
      <legend>${title}</legend>
      ${children}
      <label>
        <span>${label}</span>
        <input
          name="reason"
          type="text"
          maxlength="150"
          required
          autocomplete="off"
          defaultValue=${reason}
        />
      </label>
      <div class="choices">
        ${buttons.map(
          ({ says }, index) =>
            html`<button key=${says} class="button" type="submit" value=${index}>${says}</button>`,
        )}
      </div>
    </fieldset>
  </form>`;
}
