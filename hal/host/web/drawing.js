// A field to draw in with a finger, a pen or a mouse. Only points are kept: how fast somebody writes is nobody's
// business.
import { html } from "./html.js";

/** @typedef {[number, number][][]} Strokes lines of points [x, y], from 0 to 1 */

export const fieldAspect = 3; // width of the field over its height
const nearest = 0.004; // points nearer to the one before are left out

/** @param {{ strokes: Strokes, label: string, onDrawn: (strokes: Strokes) => void }} props */
export function Field({ strokes, label, onDrawn }) {
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
      if (!event.isPrimary) return;
      /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
      onDrawn([...strokes, [at(event)]]);
    }}
    onPointerMove=${(/** @type {PointerEvent} */ event) => {
      const last = strokes.at(-1);
      if (event.buttons === 0 || !event.isPrimary || !last) return;
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
