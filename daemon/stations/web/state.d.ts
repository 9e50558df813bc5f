// What a kiosk page is told: each event of /kiosk/ID/stream is one of these, made by
// daemon/stations/page.cpp. The page holds no data of its own.

export type Kind =
  | "idle"
  | "code" // keys to type one
  | "arrived"
  | "left"
  | "recorded"
  | "repeat"
  | "see_desk"
  | "see_desk_first" // nothing was recorded
  | "one_card"
  | "not_working" // no reader
  | "offer"
  | "question"
  | "more_time"
  | "thank_you";

export interface Choice {
  id: string;
  text: string;
  style: "main" | "plain" | "quiet";
}

export interface State {
  screen: string; // names this showing; a choice says on which it was touched
  kind: Kind;
  language: string; // ISO 639-1, of title, detail and choices
  title: string;
  second: { language: string; text: string } | null; // the title once more
  detail: string; // "" = none
  choices: Choice[];
  progress: { number: number; count: number } | null; // of a question, from 1
  keypad: { digits: number; erase: string; done: string } | null; // of a code; sent as "code-12345678"
  languages: string[]; // to choose from, as "language-fr"; empty = there is no choice
  away: { title: string; detail: string }; // what to say while the daemon cannot be reached
}
