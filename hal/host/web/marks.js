// Small pictures. None carries a meaning of its own: the words next to it do.
import { html } from "/lib/html.js";

/** @type {Record<string, string>} */
const paths = {
  arrived: "M4 10h8M9 6.5 12.5 10 9 13.5M12 4h3.5v12H12",
  left: "M16 10H8M13 6.5 16.5 10 13 13.5M8 4H4.5v12H8",
  recorded: "M5 10.5 8.5 14 15 6.5",
  repeat: "M15 8.5A5.5 5.5 0 0 0 5 8M5 4.5V8h3.5M5 11.5A5.5 5.5 0 0 0 15 12M15 15.5V12h-3.5",
  attention: "M10 5.5v5.5M10 14.2v.3",
  online: "M5 10.5 8.5 14 15 6.5",
  offline: "M6 6l8 8M14 6l-8 8",
  never: "M6 10h8",
  waiting: "M10 5.5V10l3 2",
};

/**
 * `tone` gives colour and outline: a round mark for green, a diamond for amber, a ring for quiet, so
 * that colour is never the only difference.
 * @param {{ name: string, tone: "green" | "amber" | "quiet" }} props
 */
export function Mark({ name, tone }) {
  const outline =
    tone === "amber"
      ? html`<rect
          class="mark-back"
          x="3.4"
          y="3.4"
          width="13.2"
          height="13.2"
          rx="2.5"
          transform="rotate(45 10 10)"
        />`
      : html`<circle class="mark-back" cx="10" cy="10" r="9.25" />`;
  return html`<svg class="mark mark-${tone}" viewBox="0 0 20 20" aria-hidden="true">
    ${outline}
    <path d=${paths[name]} />
  </svg>`;
}
