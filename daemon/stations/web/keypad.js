// The keys for a code. What is typed stays on the page until the whole code is sent.
import { html } from "/lib/html.js";

/** @typedef {{ typed: string, press: (key: string) => void }} Typing */

/** What is typed after a key: a digit or "erase". @param {string} typed @param {string} key @param {number} count */
export function keyed(typed, key, count) {
  if (key === "erase") return typed.slice(0, -1);
  return /^[0-9]$/.test(key) && typed.length < count ? typed + key : typed;
}

/** A place for each digit, in groups of four. @param {{ typed: string, count: number }} props */
export function Digits({ typed, count }) {
  const places = Array.from({ length: count }, (_, index) => typed[index] ?? "");
  return html`<p class="digits">
    ${places.map((digit, index) => {
      const state = digit ? "filled" : index === typed.length ? "next" : "";
      return html`<span aria-hidden="true" class="place ${state}">${digit}</span>`;
    })}
    <span class="spoken" aria-live="polite">${typed.split("").join(" ")}</span>
  </p>`;
}

/** @param {{ digits: number, erase: string, done: string } & Typing} props */
export function Keypad({ digits, erase, done, typed, press }) {
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "done"];
  /** @type {Record<string, string>} */
  const words = { erase, done };
  return html`<div class="keypad">
    ${keys.map(
      (key) =>
        html`<button
          key=${key}
          type="button"
          class=${key === "done" ? "main" : key === "erase" ? "quiet" : "digit"}
          disabled=${key === "done" && typed.length < digits}
          onClick=${() => press(key)}
        >
          ${words[key] ?? key}
        </button>`,
    )}
  </div>`;
}
