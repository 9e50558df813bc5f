// What the console page receives: GET /api/v1/overview, and each event of GET /api/v1/stream.
//
// An event is sent when something changes (at most four a second) and at least every 10 s, so that a
// page that hears nothing for 30 s knows that the connection is gone. Times are RFC 3339 in UTC.
// A field that is not known yet may be missing or null; the page leaves it out.

export interface Overview {
  site: {
    id: string;
    name: string;
    organisation: string;
    time: string; // the host's clock now
    clock: "synced" | "drifting" | "unproven";
    timezone?: string; // IANA name; times are shown there
  };
  present: Present[];
  sessions: Session[]; // of today, in order of start
  taps: Tap[]; // newest first, at most 50
  terminals: Terminal[];
  delivery: Delivery;
  inbox: Notice[]; // open ones, oldest first
  counts: {
    present: number;
    taps_today: number;
    repeats_today: number; // taps within the double-tap window
    assessments_today?: number; // completed
    inbox: number; // open, also those that do not fit in `inbox`
  };
}

export type Role = "participant" | "guardian" | "child" | "trainer" | "staff";

export interface Present {
  person: string; // pseudonym
  name: string | null; // null: protected, or not known here; the page shows the pseudonym
  role: Role;
  room: string;
  session: string | null; // id of an entry of `sessions`
  title: string | null; // of that session
  since: string;
}

export interface Session {
  id: string;
  title: string;
  room: string;
  start: string; // "09:00", local time
  end: string;
  present: number;
  enrolled: number;
}

export type Outcome = "arrived" | "left" | "recorded" | "repeat" | "see_staff" | "not_recorded";

export interface Tap {
  time: string | null; // null: the terminal had no time; see `reason`
  terminal: string; // serial
  room: string;
  outcome: Outcome;
  person: string | null;
  name: string | null;
  live: boolean; // false: came later, from the terminal's own queue
  reason: string | null;
}

export interface Terminal {
  serial: string;
  room: string;
  mode: "training" | "childcare" | "work_site";
  state: "online" | "offline" | "never";
  last_seen: string | null;
  firmware: string | null;
  waiting: number; // taps in its queue that this host has not acknowledged, as last reported
  capacity?: number; // of that queue; at 80 % the page says so
  page?: string; // address of the simulated terminal's own page; its display is api/screen.png under it
  reader?: string; // of a card reader of this machine: its name, or why it is away
  kiosk?: string; // likewise: path of its kiosk page
}

export interface Delivery {
  // current: everything has its receipt; sending: on its way; waiting: the case system does not
  // answer; off: no address is configured.
  state: "current" | "sending" | "waiting" | "off";
  waiting: number; // events without a receipt
  rejected: number; // events the case system did not accept, waiting for staff
  reasons?: Record<string, number>; // rejected events by reason of the contract's closed list
  last_receipt: string | null; // when
  last_error: string | null; // of the last attempt, when it failed
}

export interface Notice {
  id: number;
  kind: string; // unknown-card, identity-reused, restored, rejected, ...
  subject: string;
  detail: string; // one sentence, no names
  created: string;
}

// GET /api/v1/session
export interface SignedIn {
  name: string; // that the account signs in with
  role: "viewer" | "desk" | "trainer" | "manager";
  actor: string;
  token: string; // for X-Rollcall-Token
  seconds_left: number;
}

// One of GET /api/v1/people
export interface Found {
  person: string;
  name: string | null;
  role: Role;
  here: boolean;
}

// GET /api/v1/sheets
export interface SheetInShort {
  session: string;
  day: string; // ISO date
  half_day: "am" | "pm" | "eve";
  title: string;
  room: string | null;
  trainer: string | null; // pseudonym
  trainer_name: string | null;
  start: string; // "09:00", local time
  end: string;
  state: "to_come" | "open" | "confirmed" | "outdated" | "closed" | "cancelled" | "holiday";
  expected: number;
  present: number;
  done: number; // of those present: signed, or closed as not signed
}

export interface SheetSignature {
  event: string;
  at: string;
  form: "drawn" | "card" | "witnessed";
  strokes?: [number, number][][]; // of a drawn one, from 0 to 1
  aspect?: number; // width over height
  reason?: string; // of a witnessed one
}

export interface SheetLine {
  person: string;
  name: string | null;
  role?: "participant" | "trainer";
  mark: "present" | "late" | "left_early" | "excused" | "absent";
  arrived: string | null;
  left: string | null;
  minutes: number | null; // that count
  possible_minutes: number | null; // with those of a stay with an end that nobody saw
  no_exit_tap: boolean;
  assisted: boolean;
  here: boolean;
  draws: boolean; // may sign by drawing
  signature: SheetSignature | null;
  not_signed: { why: "left_early" | "unable" | "refused" | "absent"; reason: string } | null;
}

// GET /api/v1/sheets/{session}/{day}
export interface Sheet extends SheetInShort {
  waits_because: string | null; // why it cannot be confirmed or signed now
  sheet: string | null; // UUID, once it was confirmed
  version: number;
  digest: string | null;
  confirmed: { by: string; name: string | null; at: string; event: string } | null;
  trainer_signature: SheetSignature | null;
  people: SheetLine[];
  withdrawn: {
    person: string;
    name: string | null;
    signed: string;
    withdrawn: string;
    by: string;
    reason: string;
  }[];
}
