// Overviews for the console page: a believable morning, and the same site in trouble.

/** @typedef {import("../../../daemon/console/web/overview.js").Overview} Overview */

const day = "2026-03-02";
/** Brussels is one hour ahead of UTC in March. @param {string} local "08:05" */
const at = (local) => {
  const [hours, minutes] = local.split(":").map(Number);
  return `${day}T${String(hours - 1).padStart(2, "0")}:${String(minutes).padStart(2, "0")}:12.000Z`;
};

const learners = [
  "Amina Haddad", "Bruno Peeters", "Chantal Mukendi", "Daniela Popescu", "Elias Vandamme",
  "Fatou Diallo", "Georgi Ivanov", "Hawa Traoré", "Ilse De Smet", "Jamal Bensaïd",
  "Karima El Amrani", "Luis Fernández", "Mariana Costa", "Nadia Kowalska", "Omar Youssef",
  "Petra Janssens", "Rachid Ouali", "Sofia Lindqvist", "Tesfaye Bekele", "Yusuf Demir",
  "Zeynep Kaya", "Oksana Shevchenko", "Pauline Lambert", "Samir Naciri",
]; // prettier-ignore

/** @returns {Overview} */
export function morning() {
  /** @type {Overview["present"]} */
  const present = [
    person("t-01", "Véronique Maes", "trainer", "Atelier 1", "s-ict-am", "08:31"),
    person("t-02", "Koen Willems", "trainer", "Atelier 2", "s-fr-am", "08:40"),
    person("g-07", "Leïla Mansouri", "guardian", "Maison des enfants", null, "08:12"),
    person("k-03", "Ruth Adeyemi", "staff", "Maison des enfants", null, "07:28"),
    person("p-0931", null, "participant", "Atelier 2", "s-fr-am", "08:52"),
  ];
  learners.forEach((name, index) => {
    const first = index < 15;
    present.push(
      person(
        `p-${index}`,
        name,
        "participant",
        first ? "Atelier 1" : "Atelier 2",
        first ? "s-ict-am" : "s-fr-am",
        `08:${String(41 + ((index * 7) % 19)).padStart(2, "0")}`,
      ),
    );
  });
  return {
    site: {
      id: "brussels-01",
      name: "Centre de formation Molenbeek",
      organisation: "Bruxelles Formation — partenaires",
      time: at("09:14"),
      clock: "synced",
      timezone: "Europe/Brussels",
    },
    present,
    sessions: [
      session("s-ict-am", "ICT basics, module 2", "Atelier 1", "09:00", "12:00", 15, 18),
      session("s-fr-am", "French for work, A2", "Atelier 2", "09:00", "12:00", 10, 14),
      session("s-guide-pm", "Guidance interviews", "Atelier 1", "13:30", "16:30", 0, 12),
    ],
    taps: [
      tap("09:13", "T-0101", "Atelier 1", "arrived", "p-14", "Omar Youssef"),
      tap("09:11", "T-0102", "Atelier 2", "see_staff", null, null),
      tap("09:06", "T-0101", "Atelier 1", "repeat", "p-8", "Ilse De Smet"),
      tap("09:06", "T-0101", "Atelier 1", "arrived", "p-8", "Ilse De Smet"),
      tap("09:04", "T-0102", "Atelier 2", "arrived", "p-0931", null),
      { ...tap("08:58", "T-0201", "Maison des enfants", "recorded", "g-03", "Ana Ferreira"), live: false },
      { ...tap("08:57", "T-0201", "Maison des enfants", "recorded", "g-09", "Tom Claes"), live: false },
      tap("08:56", "T-0101", "Atelier 1", "left", "p-31", "Viktor Horvat"),
      ...learners.slice(0, 14).map((name, index) =>
        tap(`08:${55 - index}`, index % 2 ? "T-0102" : "T-0101", index % 2 ? "Atelier 2" : "Atelier 1", "arrived", `p-${index}`, name),
      ),
    ],
    terminals: [
      { serial: "T-0101", room: "Atelier 1", mode: "training", state: "online", last_seen: at("09:14"), firmware: "0.1.0", waiting: 0, capacity: 20000, page: "http://127.0.0.1:8491/" },
      { serial: "T-0102", room: "Atelier 2", mode: "training", state: "online", last_seen: at("09:14"), firmware: "0.1.0", waiting: 0, capacity: 20000, page: "http://127.0.0.1:8492/" },
      { serial: "T-0201", room: "Maison des enfants", mode: "childcare", state: "online", last_seen: at("09:14"), firmware: "0.1.0", waiting: 0, capacity: 20000 },
    ],
    delivery: { state: "current", waiting: 0, rejected: 0, last_receipt: at("09:14"), last_error: null },
    inbox: [
      { id: 4, kind: "unknown-card", subject: "9f31c04be17a6d20", detail: "A card that nobody knows was tapped in Atelier 2. The time is kept; attach the card to a person when you know whose it is.", created: at("09:11") },
    ],
    counts: { present: present.length, taps_today: 47, repeats_today: 3, assessments_today: 2, inbox: 1 },
  }; // prettier-ignore
}

/** Two terminals away, the case system away, its refusals, doubtful time. @returns {Overview} */
export function trouble() {
  const overview = morning();
  overview.site.clock = "unproven";
  overview.terminals[1] = { ...overview.terminals[1], state: "offline", last_seen: at("08:47"), waiting: 0 };
  overview.terminals[2] = { ...overview.terminals[2], state: "offline", last_seen: "2026-02-27T16:02:00Z", waiting: 16400 };
  overview.terminals.push({ serial: "T-0301", room: "Hall", mode: "work_site", state: "never", last_seen: null, firmware: null, waiting: 0 });
  overview.delivery = {
    state: "waiting",
    waiting: 143,
    rejected: 21,
    reasons: { "unknown-person": 20, "unknown-session": 1 },
    last_receipt: at("07:59"),
    last_error: "https://case.example.org answered 503; next attempt in 40 s",
  };
  overview.inbox = [
    { id: 1, kind: "rejected", subject: "batch", detail: "20 records were not accepted because the case system does not know the person. They are kept; send them again when the person is known there.", created: at("08:01") },
    { id: 2, kind: "identity-reused", subject: "T-0102", detail: "Terminal T-0102 sent a second, different tap under a number it had used before. Both are kept; please look at the taps of that morning.", created: at("08:20") },
    ...overview.inbox,
  ];
  overview.counts.inbox = 5;
  overview.taps.unshift({ time: null, terminal: "T-0201", room: "Maison des enfants", outcome: "not_recorded", person: null, name: null, live: true, reason: null });
  return overview;
} // prettier-ignore

/** Before anybody came. @returns {Overview} */
export function empty() {
  const overview = morning();
  overview.site.time = at("07:02");
  overview.present = [];
  overview.sessions.forEach((entry) => (entry.present = 0));
  overview.taps = [];
  overview.inbox = [];
  overview.counts = { present: 0, taps_today: 0, repeats_today: 0, assessments_today: 0, inbox: 0 };
  return overview;
}

/**
 * @param {string} id @param {string | null} name @param {import("../../../daemon/console/web/overview.js").Role} role
 * @param {string} room @param {string | null} session @param {string} since
 */
function person(id, name, role, room, session, since) {
  const title =
    { "s-ict-am": "ICT basics, module 2", "s-fr-am": "French for work, A2" }[session ?? ""] ?? null;
  return { person: id, name, role, room, session, title, since: at(since) };
}

/**
 * @param {string} id @param {string} title @param {string} room
 * @param {string} start @param {string} end @param {number} present @param {number} enrolled
 */
function session(id, title, room, start, end, present, enrolled) {
  return { id, title, room, start, end, present, enrolled };
}

/**
 * @param {string} time @param {string} terminal @param {string} room
 * @param {import("../../../daemon/console/web/overview.js").Outcome} outcome
 * @param {string | null} person @param {string | null} name
 * @returns {Overview["taps"][number]}
 */
function tap(time, terminal, room, outcome, person, name) {
  return { time: at(time), terminal, room, outcome, person, name, live: true, reason: null };
}
