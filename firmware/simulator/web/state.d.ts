// What the simulated terminal's page receives and sends. Times are RFC 3339 in UTC.
//
// GET  /api/state       State
// GET  /api/stream      server-sent events, each a State, whenever it changes
// GET  /api/screen.png  the panel as it is now
// GET  /api/cards       Card[]
// POST /api/tap         {"card": string}     hold a card to the reader
// POST /api/touch       {"x": int, "y": int} finger on the panel, in panel pixels
// POST /api/cable       {"connected": bool}  pull or plug the cable to the host
// POST /api/window      {}                   open the provisioning window; 400 when it has a key
// POST /api/number      {"same": bool}       the numbers were compared; 400 when none is shown
// POST /api/power-cut   {}                   power off and on again; answers when it has started anew

export interface State {
  serial: string;
  connected: boolean; // a session with the host is open
  cable: boolean; // false: pulled on this page
  light: "green" | "amber" | "blue" | "none"; // as in firmware/terminal/feedback.hpp
  tone: string | null; // Feedback::name of the tune that sounded with `light`
  slot: string; // protocol::ScreenSlot in words: idle, arrived, recorded_offline, live ...
  outcome: string | null; // of the answer that is shown
  screen_version: number; // changes when the panel's picture changes
  panel: { width: number; height: number };
  queue: { waiting: number; capacity: number };
  enrolment: Enrolment;
  answers: Answer[]; // newest first, at most 20
}

export interface Enrolment {
  enrolled: boolean; // it has a key: it belongs to a site
  site: string; // id of the site, "" = none
  window: boolean; // the provisioning window is open
  number: string | null; // six digits to be compared with those at the host
  result: string | null; // firmware::EnrolResult of the last window in words, while none is open
}

export interface Answer {
  time: string;
  card: string; // as in Card
  light: State["light"];
  outcome: string;
}

export interface Card {
  card: string; // what /api/tap takes; the chip number in hex
  label: string; // words on the card, such as "Participant 07"
}
