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

// GET /api/v1/attendance/{person}/{day}
export interface PersonDay {
  person: string;
  name: string | null;
  role: Role;
  day: string; // ISO date
  today: string;
  first_day: string; // the earliest that can be corrected
  sessions: {
    id: string;
    title: string;
    room: string;
    start: string;
    end: string;
    present: boolean;
    minutes: number;
    unproven_minutes: number;
    missing_arrival: boolean;
    missing_exit: boolean;
    confirmed: boolean;
  }[];
  entries: DayEntry[]; // in order of time
  others: DayCorrection[]; // of conclusions that rest on none of them
}

export interface DayEntry {
  event: string;
  kind: "tap" | "entered";
  time: string | null; // null: between not_before and not_after, where these are known
  not_before?: string | null;
  not_after?: string | null;
  room: string;
  method?: "card" | "code"; // of a tap
  answered?: Outcome; // of a tap: what the terminal showed
  direction?: "in" | "out"; // as it was entered
  cause?: string;
  reason?: string | null;
  actor?: string;
  counts: { direction: "in" | "out"; session: string | null; rule: string; why: string } | null;
  closed: string | null; // when the stay that it began was ended by rule
  stated?: { was: "in" | "out" | "none"; by: "person" | "staff" } | null;
  stands: boolean; // false: set aside, or taken back
  recorded: string;
  can: boolean; // be corrected
  corrections: DayCorrection[];
}

export interface Revision {
  direction?: "in" | "out" | null;
  wall?: string | null;
  session?: string | null;
  ended_by?: string | null;
}

export interface DayCorrection {
  event: string;
  at: string;
  actor: string;
  kind: string;
  reason: string;
  old: Revision | null; // null: there was no conclusion
  new: Revision | null; // null: it is withdrawn
}

// GET /api/v1/attendance/waiting
export interface Waiting {
  missing_exits: MissingExit[];
  unproven_taps: UnprovenTap[];
  more: boolean;
}

export interface MissingExit {
  person: string;
  name: string | null;
  day: string;
  session: string;
  title: string;
  arrived: string | null;
  ended: string; // by rule
  room: string;
}

export interface UnprovenTap {
  person: string;
  name: string | null;
  event: string;
  terminal: string;
  room: string;
  day: string;
  not_before: string | null;
  not_after: string | null;
  recorded: string;
  dated: boolean; // known well enough to say that it was an arrival or an exit
}

// GET /api/v1/attendance/group/{session}/{day}
export interface Group {
  session: string;
  day: string;
  title: string;
  room: string;
  start: string;
  end: string;
  cancelled: boolean;
  people: {
    person: string;
    name: string | null;
    state: "expected" | "here" | "left" | "no_exit";
    arrived: string | null;
    left: string | null;
  }[];
}

// GET /api/v1/evacuation
export interface Evacuation {
  site: Overview["site"];
  made: string; // "2026-03-02 10:42"
  counts: { inside: number; in_doubt: number; unknown_cards: number };
  rooms: {
    room: string;
    people: {
      person: string;
      name: string | null;
      role: Role;
      title: string | null;
      since: string | null;
      doubt: string | null;
    }[];
    cards: { card: string; last: string | null }[];
  }[];
  away: { serial: string; room: string; last_seen: string | null }[];
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
  month_sent: boolean; // then a closed sheet can only be corrected
  sheet: string | null; // UUID, once it was confirmed
  version: number;
  digest: string | null;
  confirmed: { by: string; name: string | null; at: string; event: string } | null;
  trainer_signature: SheetSignature | null;
  people: SheetLine[];
  versions: {
    version: number;
    event: string;
    by: string;
    name: string | null;
    day: string;
    at: string;
    digest: string;
  }[]; // newest first
  withdrawn: {
    person: string;
    name: string | null;
    signed: string;
    withdrawn: string;
    by: string;
    reason: string;
  }[];
}

// GET /api/v1/sheets/check
export interface Finding {
  kind: string;
  severity: "rejected" | "doubtful";
  sheet: string;
  session: string;
  day: string; // ISO date
  half_day: "am" | "pm" | "eve";
  person: string | null; // null: the sheet as a whole
  name: string | null;
  clause: string; // what is wrong and what to do
  text: string;
}

export interface Month {
  month: string; // "2026-03"
  sheets: SheetInShort[];
  findings: Finding[];
}

// GET /api/v1/people/{person}/certificates
export interface Certificates {
  person: string;
  from: string; // ISO dates
  to: string;
  courses: {
    course: string;
    id: string;
    first: string;
    last: string;
    modules: {
      title: string;
      minutes: number; // that count
      planned_minutes: number;
      attended: number; // half-days
      held: number;
    }[];
  }[];
  left_out: { session: string; day: string }[]; // held, and nobody confirmed them
}

// One of GET /api/v1/accounts
export interface Account {
  account: string; // id
  name: string; // to sign in with
  role: SignedIn["role"];
  person: string | null; // pseudonym of whom it acts for
  pin: boolean; // whether it has one
  created: string;
  disabled: string | null;
}

// One of GET /api/v1/audit
export interface RecordRow {
  id: number;
  time: string;
  account: string | null; // the name that it signs in with
  actor: string;
  role: string;
  action: string; // method and path of the route
  subject: string | null;
  detail: string;
  status: number | null; // null: not known to have ended
}

// One of GET /api/v1/cards
export interface IssuedCard {
  person: string;
  card: string;
  state: "issued" | "lost" | "revoked" | "replaced";
  issued: string;
  since: string;
  by: string;
  reason: string;
}

// GET /api/v1/cards/issue
export interface Issue {
  serial: string;
  person: string;
  state:
    | "waiting_for_card"
    | "issuing"
    | "storing"
    | "done"
    | "taken"
    | "refused"
    | "card_gone"
    | "expired"
    | "cancelled"
    | "failed";
  reason: string | null; // of `failed`
  seconds_left: number;
}

// GET /api/v1/months/{month}
export interface MonthState {
  month: string;
  over: boolean;
  closed: { session: string; day: string; sheet: string; version: number; digest: string }[];
  open: { session: string; day: string }[];
  lapsed: { session: string; day: string }[];
  sent: { version: number; at: string; digest: string } | null;
  changed: boolean; // since it was sent
}
