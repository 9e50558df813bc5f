// The schema, as the list of steps that made it. A step that has shipped is never edited.
#include "daemon/store/migrations.hpp"

#include <string>

namespace rollcall::store {
namespace {

struct Migration {
  int version;
  const char* sql;
};

// Version 1. `log` is the evidence: append-only, no names, no answers; every payload rests in the
// table of its purpose, so that content can be purged while the log still verifies.
constexpr Migration migrations[] = {{1, R"sql(
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- Evidence ------------------------------------------------------------------------------------

CREATE TABLE log (
  position    INTEGER PRIMARY KEY,          -- order in this database
  epoch       TEXT NOT NULL,                -- log epoch (UUID): a new one after a restore
  sequence    INTEGER NOT NULL,             -- 1.. within the epoch, no holes
  event_id    TEXT NOT NULL UNIQUE,         -- UUID, the event's one identity
  type        TEXT NOT NULL,                -- such as attendance.arrived
  subject     TEXT,                         -- pseudonym, or NULL
  time_ms     INTEGER,                      -- when it happened, Unix ms; NULL = no wall time known
  recorded_ms INTEGER NOT NULL,             -- when it was committed here, Unix ms
  purpose     TEXT NOT NULL,                -- which payload table holds the content
  leaf        BLOB NOT NULL CHECK (length(leaf) = 32),  -- SHA-256(salt | payload)
  UNIQUE (epoch, sequence)
) STRICT;
CREATE TRIGGER log_append_only_update BEFORE UPDATE ON log
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_append_only_delete BEFORE DELETE ON log
  BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE INDEX log_subject ON log (subject, position) WHERE subject IS NOT NULL;

-- One table per purpose; `data` is the event's data as JSON text, `salt` goes when `data` goes.
CREATE TABLE payload_movement   (position INTEGER PRIMARY KEY, salt BLOB NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE payload_attendance (position INTEGER PRIMARY KEY, salt BLOB NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE payload_assessment (position INTEGER PRIMARY KEY, salt BLOB NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE payload_childcare  (position INTEGER PRIMARY KEY, salt BLOB NOT NULL, data TEXT NOT NULL) STRICT;
CREATE TABLE payload_operation  (position INTEGER PRIMARY KEY, salt BLOB NOT NULL, data TEXT NOT NULL) STRICT;

-- Taps ----------------------------------------------------------------------------------------

-- Identity of every tap ever taken: (serial, epoch, number). A resend finds its stored answer here.
CREATE TABLE tap (
  serial   TEXT NOT NULL,
  epoch    BLOB NOT NULL CHECK (length(epoch) = 16),
  number   INTEGER NOT NULL,
  digest   BLOB NOT NULL CHECK (length(digest) = 32),
  outcome  INTEGER NOT NULL,                -- protocol::Outcome as answered
  position INTEGER NOT NULL,                -- its tap.recorded in the log
  card     BLOB NOT NULL,                   -- site token of the card: HMAC, not the chip number
  person   TEXT,                            -- pseudonym once attributed
  time_ms  INTEGER,                         -- wall time of the tap, NULL = unknown
  PRIMARY KEY (serial, epoch, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX tap_card ON tap (card, time_ms);

-- Same identity, other content: an old storage image was put back. Both are kept.
CREATE TABLE tap_conflict (
  serial   TEXT NOT NULL,
  epoch    BLOB NOT NULL,
  number   INTEGER NOT NULL,
  digest   BLOB NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (serial, epoch, number, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE terminal (
  serial        TEXT PRIMARY KEY,
  firmware      TEXT NOT NULL DEFAULT '',
  boot          INTEGER NOT NULL DEFAULT 0,
  last_seen_ms  INTEGER NOT NULL
) STRICT;
CREATE TABLE terminal_epoch (
  serial         TEXT NOT NULL,
  epoch          BLOB NOT NULL,
  highest_number INTEGER NOT NULL,
  taken          INTEGER NOT NULL DEFAULT 0,  -- how many numbers of it were taken: fewer = some are still to come
  resend_pending INTEGER NOT NULL DEFAULT 0,  -- 1: ask for the taps of this epoch again (after a restore)
  PRIMARY KEY (serial, epoch)
) STRICT, WITHOUT ROWID;

-- People and timetable (from the roster) --------------------------------------------------------

CREATE TABLE person (
  id            TEXT PRIMARY KEY,           -- pseudonym
  role          TEXT NOT NULL,              -- participant, guardian, child, trainer, staff
  display_name  TEXT NOT NULL DEFAULT '',
  language      TEXT NOT NULL DEFAULT '',
  programme     TEXT,
  grant_id      TEXT,
  contract      TEXT,
  protected     INTEGER NOT NULL DEFAULT 0,
  active        INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE card (
  token   BLOB PRIMARY KEY,                 -- HMAC-SHA-256(site card key, kind | reading)
  person  TEXT NOT NULL,
  source  TEXT NOT NULL                     -- roster or desk
) STRICT;
CREATE INDEX card_person ON card (person);
CREATE TABLE guardianship (
  guardian TEXT NOT NULL,
  child    TEXT NOT NULL,
  PRIMARY KEY (guardian, child)
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
  id         TEXT PRIMARY KEY,
  course     TEXT NOT NULL,
  title      TEXT NOT NULL,                 -- module title as on the other papers
  room       TEXT NOT NULL,
  trainer    TEXT,
  weekdays   TEXT NOT NULL,                 -- such as "mon tue wed"
  first_day  TEXT NOT NULL,                 -- ISO date
  last_day   TEXT NOT NULL,
  start_min  INTEGER NOT NULL,              -- minutes after local midnight
  end_min    INTEGER NOT NULL,
  half_day   TEXT NOT NULL,                 -- am, pm or eve
  programme  TEXT,
  grant_id   TEXT,
  contract   TEXT
) STRICT;
CREATE INDEX session_course ON session (course);
CREATE TABLE enrolment (
  course TEXT NOT NULL,
  person TEXT NOT NULL,
  PRIMARY KEY (course, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolment_person ON enrolment (person, course);

-- Where people are, derived from the log -------------------------------------------------------

CREATE TABLE presence (
  person    TEXT PRIMARY KEY,
  direction TEXT NOT NULL,                  -- in or out
  room      TEXT NOT NULL,
  session   TEXT,
  since_ms  INTEGER NOT NULL,               -- tap time
  day       TEXT NOT NULL,                  -- local ISO date of that tap
  position  INTEGER NOT NULL                -- the conclusion this rests on
) STRICT;
-- Every movement concluded so far, by tap time: what the next decision about this person rests on.
CREATE TABLE movement (
  position   INTEGER PRIMARY KEY,           -- the conclusion in the log
  person     TEXT NOT NULL,
  day        TEXT NOT NULL,                 -- local ISO date
  time_ms    INTEGER NOT NULL,              -- tap time
  direction  TEXT NOT NULL,
  session    TEXT
) STRICT;
CREATE INDEX movement_person ON movement (person, day, time_ms);

-- Assessments ---------------------------------------------------------------------------------

CREATE TABLE instrument (
  id      TEXT NOT NULL,
  version TEXT NOT NULL,
  digest  BLOB NOT NULL,                    -- SHA-256 of the file
  body    TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE assignment (
  person     TEXT NOT NULL,
  instrument TEXT NOT NULL,
  due        TEXT NOT NULL,                 -- ISO date from which it is offered
  state      TEXT NOT NULL DEFAULT 'due',   -- due, completed
  attempt    TEXT,                          -- UUID of the attempt that completed it
  PRIMARY KEY (person, instrument)
) STRICT, WITHOUT ROWID;

-- Staff inbox: what a person must look at ----------------------------------------------------------

CREATE TABLE inbox (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL,                 -- unknown-card, identity-reused, restored, rejected, ...
  subject    TEXT NOT NULL,                 -- what it is about: a card token, a terminal, an event id
  detail     TEXT NOT NULL,                 -- one sentence for staff, no names
  created_ms INTEGER NOT NULL,
  closed_ms  INTEGER,
  closed_by  TEXT
) STRICT;
CREATE INDEX inbox_open ON inbox (kind, subject) WHERE closed_ms IS NULL;

-- Delivery ------------------------------------------------------------------------------------

-- Frozen batches. `body` goes at the receipt; digest and ids stay.
CREATE TABLE batch (
  id             TEXT PRIMARY KEY,          -- UUID, also the Idempotency-Key
  epoch          TEXT NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_sequence  INTEGER NOT NULL,
  events         INTEGER NOT NULL,
  digest         BLOB NOT NULL,
  body           BLOB,                      -- gzip bytes as sent, NULL after the receipt
  created_ms     INTEGER NOT NULL,
  attempts       INTEGER NOT NULL DEFAULT 0,
  receipt        TEXT,
  receipt_ms     INTEGER
) STRICT;
CREATE INDEX batch_open ON batch (created_ms) WHERE receipt IS NULL;
-- One row per event that was put in a batch; an event without a row waits in the outbox.
CREATE TABLE delivery (
  position INTEGER PRIMARY KEY,
  batch    TEXT NOT NULL,                   -- the newest batch that carries it
  attempt  INTEGER NOT NULL DEFAULT 1,
  state    TEXT NOT NULL,                   -- sent, accepted, rejected, waiting (to be tried again)
  reason   TEXT,                            -- closed list of the contract, when rejected
  detail   TEXT
) STRICT;
CREATE INDEX delivery_state ON delivery (state, position) WHERE state <> 'accepted';
CREATE INDEX delivery_batch ON delivery (batch) WHERE state = 'sent';
-- Where an event stands in what is delivered, when that is not its place in the log: after a restore
-- a place can be taken at the case system.
CREATE TABLE wire_place (
  position INTEGER PRIMARY KEY,
  epoch    TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  UNIQUE (epoch, sequence)
) STRICT;
)sql"},

                                    {2, R"sql(
-- Terminals of the site (daemon/registry). `terminal` above is what was seen of them.
CREATE TABLE registry (
  serial         TEXT PRIMARY KEY,
  state          TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  room           TEXT NOT NULL,
  mode           TEXT NOT NULL,             -- training, childcare, work_site
  languages      TEXT NOT NULL DEFAULT '',  -- such as "fr en", its own first; empty = those of the site
  enrolled_ms    INTEGER,                   -- first handshake with an enrolled key; NULL = none yet
  enrolled_by    TEXT,
  key            BLOB,                      -- link key in use, sealed: nonce | ciphertext | tag
  key_since_ms   INTEGER,
  pending_key    BLOB,                      -- accepted too; in use from the first handshake with it
  pending_origin TEXT CHECK (pending_origin IN ('enrolment', 'rotation')),
  pending_by     TEXT,
  pending_room      TEXT,                   -- of an enrolment: where it will stand once its key is in use
  pending_mode      TEXT,
  pending_languages TEXT,
  revoked_ms     INTEGER,
  revoked_by     TEXT,
  revoked_reason TEXT,
  CHECK ((pending_key IS NULL) = (pending_origin IS NULL)),
  CHECK ((pending_origin IS 'enrolment') = (pending_room IS NOT NULL))
) STRICT;
)sql"},

                                    {3, R"sql(
-- Where a tap stands on its terminal's own clock; NULL in rows of older versions.
ALTER TABLE tap ADD COLUMN boot INTEGER;
ALTER TABLE tap ADD COLUMN monotonic_ms INTEGER;   -- since that boot
ALTER TABLE tap ADD COLUMN trust INTEGER;          -- protocol::ClockTrust of time_ms
ALTER TABLE tap ADD COLUMN not_before_ms INTEGER;  -- bracket of an unproven time, Unix ms
ALTER TABLE tap ADD COLUMN not_after_ms INTEGER;
CREATE INDEX tap_proven ON tap (serial, epoch, number) WHERE trust > 0;
CREATE INDEX tap_unproven ON tap (serial, epoch, number) WHERE trust = 0;

-- Starts of terminals that greeted the site while its clock was not in doubt.
CREATE TABLE terminal_start (
  id       INTEGER PRIMARY KEY,             -- in the order they were first heard of
  serial   TEXT NOT NULL,
  epoch    BLOB NOT NULL CHECK (length(epoch) = 16),  -- of the storage it greeted with
  boot     INTEGER NOT NULL,
  heard_ms INTEGER NOT NULL,                -- when it was last heard of, Unix ms of the host
  trust    INTEGER NOT NULL,                -- protocol::ClockTrust of heard_ms
  UNIQUE (serial, boot, epoch)
) STRICT;
)sql"},

                                    {4, R"sql(
-- Cards that were issued here and prove a key (docs/credentials.md). Rows stay for ever.
CREATE TABLE issued_card (
  token     BLOB PRIMARY KEY CHECK (length(token) = 32),  -- keyed hash of the token on the card
  chip      BLOB NOT NULL CHECK (length(chip) = 32),      -- keyed hash of its chip number, as tap.card
  person    TEXT NOT NULL,
  state     TEXT NOT NULL CHECK (state IN ('issued', 'lost', 'revoked', 'replaced')),
  issued_ms INTEGER NOT NULL,               -- Unix ms
  since_ms  INTEGER NOT NULL,               -- in this state, Unix ms
  actor     TEXT NOT NULL,                  -- who brought it there
  reason    TEXT NOT NULL                   -- as staff stated it
) STRICT;
CREATE INDEX issued_card_chip ON issued_card (chip);
CREATE UNIQUE INDEX issued_card_in_force ON issued_card (chip) WHERE state = 'issued';
CREATE UNIQUE INDEX issued_card_person ON issued_card (person) WHERE state = 'issued';

-- 1: no use of the card: it was not accepted, or held at the desk to be issued. Such a tap swallows
-- no later one.
ALTER TABLE tap ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;
)sql"},

                                    {5, R"sql(
-- Codes that people type or show in place of a card (daemon/attendance/code.hpp). Rows stay for ever.
CREATE TABLE code (
  token        BLOB PRIMARY KEY CHECK (length(token) = 32),  -- keyed hash of its digits, as tap.card
  person       TEXT NOT NULL,
  kind         TEXT NOT NULL CHECK (kind IN ('lasting', 'day', 'once')),
  issued_ms    INTEGER NOT NULL,            -- Unix ms
  expires_ms   INTEGER,                     -- from here on it is not accepted; NULL = never
  used_ms      INTEGER,                     -- of one for one tap: when that was
  withdrawn_ms INTEGER
) STRICT;
CREATE INDEX code_person ON code (person);
)sql"},

                                    {6, R"sql(
-- Where the card readers of this machine stand (daemon/stations), also those that are no longer configured:
-- their taps are still there.
CREATE TABLE reader (
  id   TEXT PRIMARY KEY,                    -- what `serial` is elsewhere
  room TEXT NOT NULL,
  mode TEXT NOT NULL                        -- training, childcare, work_site
) STRICT;
)sql"},

                                    {7, R"sql(
-- The roster of several sources (daemon/roster).
ALTER TABLE person ADD COLUMN languages TEXT NOT NULL DEFAULT '';     -- such as "fr en", the best first
ALTER TABLE person ADD COLUMN presentation TEXT NOT NULL DEFAULT '';  -- of large_text speech more_time staff_help
UPDATE person SET languages = language;
ALTER TABLE guardianship ADD COLUMN may_collect INTEGER NOT NULL DEFAULT 1;  -- 0: a restriction
ALTER TABLE guardianship ADD COLUMN from_day  TEXT;                   -- first ISO date it holds, NULL = any
ALTER TABLE guardianship ADD COLUMN until_day TEXT;                   -- last
ALTER TABLE enrolment ADD COLUMN from_day  TEXT;                      -- first ISO date it holds, NULL = any
ALTER TABLE enrolment ADD COLUMN until_day TEXT;                      -- last; an enrolment that ended stays
-- In session, weekdays is '' where only session_day says when; an end above 1440 is on the next day.
ALTER TABLE session ADD COLUMN kind TEXT NOT NULL DEFAULT 'room'
  CHECK (kind IN ('room', 'drop_in', 'one_to_one', 'work_site', 'online'));
ALTER TABLE session ADD COLUMN open_event INTEGER NOT NULL DEFAULT 0; -- 1: to attend it needs no enrolment
-- A day that differs from the weekly timetable, or that no weekday names. NULL = as the session says.
CREATE TABLE session_day (
  session   TEXT NOT NULL,
  day       TEXT NOT NULL,                  -- local ISO date it begins on
  state     TEXT NOT NULL CHECK (state IN ('held', 'cancelled')),
  start_min INTEGER,                        -- minutes after that day's midnight
  end_min   INTEGER,                        -- the same; above 1440 on the next day
  half_day  TEXT,
  room      TEXT,
  trainer   TEXT,
  PRIMARY KEY (session, day),
  CHECK ((start_min IS NULL) = (end_min IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX session_day_day ON session_day (day);
-- Two ids that turned out to be one person. Events of `from_id` stay as they are and count for `into_id`.
CREATE TABLE merged (
  from_id   TEXT PRIMARY KEY,
  into_id   TEXT NOT NULL,
  merged_ms INTEGER NOT NULL                -- Unix ms
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_into ON merged (into_id);
-- Which source states a record. `record` is person, session, ...; `key` its key, parts divided by a space.
CREATE TABLE stated (
  source TEXT NOT NULL,                     -- files, oneroster, calendar:NAME, case-system
  record TEXT NOT NULL,
  key    TEXT NOT NULL,
  PRIMARY KEY (record, key, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX stated_source ON stated (source, record);
INSERT INTO stated SELECT 'files', 'person', id FROM person WHERE active = 1;
INSERT INTO stated SELECT 'files', 'card', lower(hex(token)) FROM card WHERE source = 'roster';
INSERT INTO stated SELECT 'files', 'session', id FROM session;
INSERT INTO stated SELECT 'files', 'enrolment', course || ' ' || person FROM enrolment;
INSERT INTO stated SELECT 'files', 'guardianship', guardian || ' ' || child FROM guardianship;
-- What a source no longer states and a person must agree to: until then it stands.
CREATE TABLE held_removal (
  source  TEXT NOT NULL,
  record  TEXT NOT NULL,
  key     TEXT NOT NULL,
  held_ms INTEGER NOT NULL,                 -- since when, Unix ms
  PRIMARY KEY (record, key, source)
) STRICT, WITHOUT ROWID;
-- Each source when it was last read.
CREATE TABLE roster_source (
  source  TEXT PRIMARY KEY,
  read_ms INTEGER NOT NULL,                 -- Unix ms
  cursor  TEXT,                             -- of the case system: the place after the last page
  summary TEXT NOT NULL                     -- JSON: counts by record, and messages of rows that were skipped
) STRICT, WITHOUT ROWID;
)sql"},

                                    {8, R"sql(
-- Who may sign in at the console (daemon/accounts). Rows stay for ever: the record names them.
CREATE TABLE account (
  id          TEXT PRIMARY KEY,             -- 'account:' and ten letters and digits
  name        TEXT NOT NULL UNIQUE,         -- to sign in with; in no event and no log
  role        TEXT NOT NULL CHECK (role IN ('viewer', 'desk', 'trainer', 'manager')),
  person      TEXT,                         -- pseudonym of the trainer or member of staff who acts
  password    TEXT NOT NULL,                -- Argon2id, as libsodium writes it
  created_ms  INTEGER NOT NULL,             -- Unix ms
  disabled_ms INTEGER                       -- since then it may not sign in
) STRICT;
CREATE TABLE sign_in (
  digest   BLOB PRIMARY KEY CHECK (length(digest) = 32),  -- SHA-256 of the cookie
  account  TEXT NOT NULL REFERENCES account (id),
  begun_ms INTEGER NOT NULL,
  used_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE one_time_link (
  digest     BLOB PRIMARY KEY CHECK (length(digest) = 32),  -- SHA-256 of what the link carries
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each view of personal data and each change; no names. A row is written before what it tells of.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  time_ms INTEGER NOT NULL,
  account TEXT,                             -- NULL = through the control socket, or nobody's
  actor   TEXT NOT NULL,
  role    TEXT NOT NULL,                    -- at that time, or local
  action  TEXT NOT NULL,                    -- method and path of the route
  subject TEXT,                             -- pseudonym, or id of an account
  detail  TEXT NOT NULL,
  status  INTEGER                           -- HTTP status of the answer; NULL = not known to have ended
) STRICT;
CREATE INDEX audit_subject ON audit (subject, id) WHERE subject IS NOT NULL;
CREATE TRIGGER audit_append_only_update BEFORE UPDATE ON audit
  WHEN old.status IS NOT NULL OR new.id <> old.id OR new.time_ms <> old.time_ms OR new.actor <> old.actor
    OR new.action <> old.action
  BEGIN SELECT RAISE(ABORT, 'the record of views and changes is append-only'); END;
CREATE TRIGGER audit_append_only_delete BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the record of views and changes is append-only'); END;
)sql"},

                                    {9, R"sql(
-- A day is concluded as a whole (daemon/attendance/day.hpp): what is needed to do it again.
ALTER TABLE tap ADD COLUMN room TEXT;                      -- where its terminal stood then; NULL = not kept
ALTER TABLE tap ADD COLUMN mode TEXT;                      -- training, childcare, work_site
ALTER TABLE tap ADD COLUMN own_repeat INTEGER NOT NULL DEFAULT 0;  -- 1: a repeat by the terminal's own clock
ALTER TABLE tap ADD COLUMN stated TEXT CHECK (stated IN ('in', 'out', 'none'));  -- what people say it was
UPDATE tap SET own_repeat = 1 WHERE outcome = 4 AND trust = 0;
CREATE INDEX tap_person ON tap (person, time_ms) WHERE person IS NOT NULL;
CREATE INDEX tap_person_bracket ON tap (person, not_before_ms) WHERE not_before_ms IS NOT NULL;

-- Movements that staff stated (attendance.assisted).
CREATE TABLE statement (
  position  INTEGER PRIMARY KEY,            -- its event in the log
  person    TEXT NOT NULL,
  time_ms   INTEGER NOT NULL,               -- when it happened, Unix ms
  direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  stands    INTEGER NOT NULL DEFAULT 1      -- 0: staff have taken it back
) STRICT;
CREATE INDEX statement_person ON statement (person, time_ms);
INSERT INTO statement (position, person, time_ms, direction)
  SELECT m.position, m.person, m.time_ms, m.direction FROM movement m
  JOIN log l ON l.position = m.position WHERE l.type = 'attendance.assisted';

-- Movements as they are concluded now, each by the fact that it rests on.
CREATE TABLE concluded (
  position   INTEGER PRIMARY KEY,           -- the event that first stated it
  newest     INTEGER NOT NULL,              -- the newest event that states it
  fact       INTEGER NOT NULL,              -- position of its tap.recorded or attendance.assisted
  closes     INTEGER NOT NULL,              -- 1: the end, by rule, of the stay that the fact began
  person     TEXT NOT NULL,
  day        TEXT NOT NULL,                 -- local ISO date of the day that it belongs to
  time_ms    INTEGER NOT NULL,              -- when it happened, Unix ms
  direction  TEXT NOT NULL,
  session    TEXT,
  room       TEXT NOT NULL,
  UNIQUE (fact, closes)
) STRICT;
INSERT INTO concluded
  SELECT m.position, m.position, coalesce((SELECT t.position FROM payload_attendance p JOIN tap t
      ON t.serial = json_extract(p.data, '$.taps[0].terminal')
      AND lower(hex(t.epoch)) = json_extract(p.data, '$.taps[0].epoch')
      AND t.number = json_extract(p.data, '$.taps[0].number') WHERE p.position = m.position), m.position),
    0, m.person, m.day, m.time_ms, m.direction, m.session,
    coalesce((SELECT json_extract(p.data, '$.room') FROM payload_attendance p WHERE p.position = m.position), '')
  FROM movement m;
DROP TABLE movement;
ALTER TABLE concluded RENAME TO movement;
CREATE INDEX movement_person ON movement (person, day, time_ms);

-- Days that come to something else when a time has come, or that may by now.
CREATE TABLE unsettled (
  person TEXT NOT NULL,
  day    TEXT NOT NULL,                     -- local ISO date
  cause  TEXT NOT NULL,                     -- roster, rule: as attendance.corrected has it
  due_ms INTEGER NOT NULL,                  -- when they are concluded again, Unix ms
  PRIMARY KEY (person, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX unsettled_due ON unsettled (due_ms);
INSERT INTO unsettled (person, day, cause, due_ms) SELECT person, day, 'rule', 0 FROM presence WHERE direction = 'in';
)sql"},

                                    {10, R"sql(
-- Sheets: what was confirmed, signed, and closed of one session on one day (daemon/halfdays).
CREATE TABLE sheet (
  session   TEXT NOT NULL,
  day       TEXT NOT NULL,                  -- local ISO date
  id        TEXT NOT NULL UNIQUE,           -- UUID, the same for all versions
  version   INTEGER NOT NULL,               -- how often it was confirmed
  confirmed INTEGER,                        -- position of the halfday.confirmed in force
  closed    INTEGER,                        -- position of halfday.closed
  PRIMARY KEY (session, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE signature (
  position  INTEGER PRIMARY KEY,            -- its halfday.signed in the log
  session   TEXT NOT NULL,
  day       TEXT NOT NULL,
  person    TEXT NOT NULL,
  role      TEXT NOT NULL CHECK (role IN ('participant', 'trainer')),
  form      TEXT NOT NULL CHECK (form IN ('tap', 'code', 'drawn', 'witnessed')),
  drawing   TEXT,                           -- points as JSON, of a drawn one
  witness   TEXT,                           -- pseudonym
  reason    TEXT,                           -- of the witness
  withdrawn INTEGER                         -- position of halfday.withdrawn
) STRICT;
CREATE UNIQUE INDEX signature_in_force ON signature (session, day, person, role) WHERE withdrawn IS NULL;
-- Lines that close without a signature.
CREATE TABLE not_signed (
  session TEXT NOT NULL,
  day     TEXT NOT NULL,
  person  TEXT NOT NULL,
  why     TEXT NOT NULL CHECK (why IN ('left_early', 'unable', 'refused', 'absent')),
  reason  TEXT NOT NULL,                    -- as staff stated it
  actor   TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,                 -- Unix ms
  PRIMARY KEY (session, day, person)
) STRICT, WITHOUT ROWID;
-- Absences with a reason on file. The reason itself is not kept: it may be a matter of health.
CREATE TABLE excuse (
  session TEXT NOT NULL,
  day     TEXT NOT NULL,
  person  TEXT NOT NULL,
  actor   TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  PRIMARY KEY (session, day, person)
) STRICT, WITHOUT ROWID;
)sql"},

                                    {11, R"sql(
-- Who stated what a tap was: person (whose tap it is) or staff; NULL = the person.
ALTER TABLE tap ADD COLUMN stated_by TEXT CHECK (stated_by IN ('person', 'staff'));
CREATE INDEX tap_position ON tap (position);
-- Stays that nobody ended, and taps of cards that nobody knows.
CREATE INDEX movement_closed ON movement (day) WHERE closes = 1;
CREATE INDEX tap_nobody ON tap (time_ms) WHERE person IS NULL AND aside = 0;
)sql"},

                                    {12, R"sql(
-- A change of a session counts from its day on; the days before keep the session as it was.
ALTER TABLE session ADD COLUMN since_day TEXT NOT NULL DEFAULT '';  -- first local ISO date it counts for
CREATE TABLE session_before (
  id         TEXT NOT NULL,
  course     TEXT NOT NULL,
  title      TEXT NOT NULL,
  kind       TEXT NOT NULL,
  room       TEXT NOT NULL,
  trainer    TEXT,
  weekdays   TEXT NOT NULL,
  first_day  TEXT NOT NULL,
  last_day   TEXT NOT NULL,
  start_min  INTEGER NOT NULL,
  end_min    INTEGER NOT NULL,
  half_day   TEXT NOT NULL,
  programme  TEXT,
  grant_id   TEXT,
  contract   TEXT,
  open_event INTEGER NOT NULL,
  since_day  TEXT NOT NULL,                 -- first and last local ISO date it counted for; '' = any
  until_day  TEXT NOT NULL,
  PRIMARY KEY (id, until_day)
) STRICT, WITHOUT ROWID;
CREATE INDEX movement_day ON movement (day, session, person);
)sql"},

                                    {13, R"sql(
-- Months whose half-days are complete, each time they were sent (daemon/halfdays/months).
CREATE TABLE month_sent (
  month    TEXT NOT NULL,                   -- 2026-03
  version  INTEGER NOT NULL,                -- from 1
  position INTEGER NOT NULL,                -- of its halfday.month_sent in the log
  digest   TEXT NOT NULL,                   -- of all its sheets, hex
  PRIMARY KEY (month, version)
) STRICT, WITHOUT ROWID;
)sql"},

                                    {14, R"sql(
-- Names of people with protected identity, where the site keeps them (daemon/roster/protected_names.hpp).
CREATE TABLE protected_name (
  person TEXT PRIMARY KEY,
  sealed BLOB NOT NULL                      -- nonce, sealed name, tag
) STRICT, WITHOUT ROWID;
)sql"},

                                    {15, R"sql(
-- 1: made to sign a half-day: no movement, whatever the timetable says.
ALTER TABLE tap ADD COLUMN signing INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tap_signing ON tap (card, serial) WHERE signing = 1;
)sql"},

                                    {16, R"sql(
-- Of the PIN that goes with the person's card, Argon2id; none: they sign in with the password alone.
ALTER TABLE account ADD COLUMN pin TEXT;
)sql"}};

}  // namespace

int newest_schema_version() {
  int newest = 0;
  for (const Migration& m : migrations) newest = m.version;
  return newest;
}

void migrate(Database& database) {
  migrate_to(database, newest_schema_version());
}

void migrate_to(Database& database, int version) {
  int current = 0;
  {
    Statement row = database.prepare("PRAGMA user_version");
    if (row.step()) current = static_cast<int>(row.integer(0));
  }
  if (current > newest_schema_version()) {
    throw StoreError(0, "the database has schema version " + std::to_string(current) +
                            ", this program knows up to " +
                            std::to_string(newest_schema_version()) +
                            "; nothing was changed; start the newer program that wrote it");
  }
  for (const Migration& m : migrations) {
    if (m.version <= current || m.version > version) continue;
    database.exec("BEGIN IMMEDIATE");
    try {
      database.exec(m.sql);
      database.exec("PRAGMA user_version = " + std::to_string(m.version));
      database.exec("COMMIT");
    } catch (...) {
      database.exec("ROLLBACK");
      throw;
    }
  }
}

}  // namespace rollcall::store
