// A part of the Now page with its title; links of the page lead to it.
import { html } from "/lib/html.js";

/** @param {{ id: string, title: string, children?: any }} props */
export function Section({ id, title, children }) {
  return html`<section id=${id} class="card" aria-labelledby="${id}-title" tabindex="-1">
    <h2 id="${id}-title">${title}</h2>
    ${children}
  </section>`;
}
