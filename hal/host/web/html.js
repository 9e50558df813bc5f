// Preact and htm, bound together: html`<p>${text}</p>` makes an element, render() puts it in a page.
import { h, render } from "/lib/preact.js";
import htm from "/lib/htm.js";

export const html = htm.bind(h);
export { render };
