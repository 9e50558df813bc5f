// What a kiosk page is told: each event of /kiosk/ID/stream is one of these, made by
// daemon/stations/page.cpp. The page holds no data of its own.

export type Kind =
  | "idle"
  | "idle_code" // the same at a scanner of codes
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
  | "thank_you"
  | "sign" // a half-day
  | "signed"
  | "ask_trainer";

export interface Choice {
  id: string;
  text: string;
  style: "main" | "plain" | "quiet";
}

// What is signed stands in title, when and hours.
export interface Signing {
  when: string; // "Monday 2 March, morning"
  hours: string;
  how: string; // to sign by card; "" = not
  field: { label: string; erase: string; done: string } | null; // to draw in; sent to /kiosk/ID/signature
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
  signing: Signing | null;
  languages: string[]; // to choose from, as "language-fr"; empty = there is no choice
  away: { title: string; detail: string }; // what to say while the daemon cannot be reached
}
