// The pictures of the screens, as daemon/screens/pictograms.hpp names them: one for each kind, so
// that a screen is understood without its words.
import { html } from "/lib/html.js";

const person = "M50 36a13 13 0 1 0 0-26 13 13 0 0 0 0 26ZM26 64c1-14 9-20 24-20s23 6 24 20";
const desk = "M10 66h80v22H10Z";
const sheet = "M22 10h40l16 16v64H22Z";

const signature = "M40 62l4-16 32-34 14 14-34 34ZM64 24l14 14M8 86l10-16 6 16 10-10 10 10h48";

// "coming" is no tick, which would ask for agreement.
/** @typedef {import("./state.js").Kind | "coming"} Picture */
/** @type {Record<Picture, string>} */
const paths = {
  idle: "M14 32h46a6 6 0 0 1 6 6v28a6 6 0 0 1-6 6H14a6 6 0 0 1-6-6V38a6 6 0 0 1 6-6ZM18 60h16M76 40c5 7 5 17 0 24M86 30c9 13 9 31 0 44",
  idle_code: "M12 12h28v28H12ZM60 12h28v28H60ZM12 60h28v28H12ZM26 26h.1M74 26h.1M26 74h.1M60 60h6v8M84 60v10M74 78h-14M60 88h.1M76 88h12v-4",
  code: "M30 10h40v80H30ZM42 28h1M50 28h1M58 28h1M42 44h1M50 44h1M58 44h1M42 60h1M50 60h1M58 60h1",
  arrived: "M50 92a42 42 0 1 0 0-84 42 42 0 0 0 0 84ZM30 52l14 14 27-30",
  left: "M56 14H18v72h38M40 50h48M70 32l18 18-18 18",
  coming: "M44 14h38v72H44M10 50h48M40 32l18 18-18 18",
  recorded: `${sheet}M36 58l10 10 19-23`,
  repeat: "M8 54l18 18 32-38M44 62l10 10 38-42",
  see_desk: `${person}${desk}`,
  see_desk_first: `${person}${desk}M4 30h18M13 20l10 10-10 10`,
  one_card: "M30 34v-8a6 6 0 0 1 6-6h48a6 6 0 0 1 6 6v28a6 6 0 0 1-6 6h-8M16 40h48a6 6 0 0 1 6 6v28a6 6 0 0 1-6 6H16a6 6 0 0 1-6-6V46a6 6 0 0 1 6-6ZM20 68h14",
  not_working: "M50 92a42 42 0 1 0 0-84 42 42 0 0 0 0 84ZM40 34v32M60 34v32",
  offer: `${sheet}M38 44c0-8 6-12 12-12s12 4 12 11c0 9-12 10-12 20M50 74v1`,
  question: `${sheet}M38 44c0-8 6-12 12-12s12 4 12 11c0 9-12 10-12 20M50 74v1`,
  more_time: "M26 10h48M26 90h48M32 10c0 22 14 28 18 40-4 12-18 18-18 40M68 10c0 22-14 28-18 40 4 12 18 18 18 40M42 80h16",
  thank_you: "M50 86C18 62 10 46 10 34a19 19 0 0 1 40-6 19 19 0 0 1 40 6c0 12-8 28-40 52Z",
  sign: signature,
  signed: signature,
  ask_trainer: "M32 46a12 12 0 1 0 0-24 12 12 0 0 0 0 24ZM8 84c2-18 11-26 24-26s22 8 24 26M54 14h38v42H66M66 28h14M66 42h8",
}; // prettier-ignore

/** @param {{ kind: Picture }} props */
export function Pictogram({ kind }) {
  return html`<svg class="pictogram" viewBox="0 0 100 100" aria-hidden="true">
    <path d=${paths[kind]} />
  </svg>`;
}
