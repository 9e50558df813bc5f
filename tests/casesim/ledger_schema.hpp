// The simulator's tables; README.md says what each column means.
#pragma once

namespace rollcall::casesim {

inline constexpr const char* ledger_schema = R"sql(
CREATE TABLE IF NOT EXISTS event (
  event_id    TEXT PRIMARY KEY,
  site        TEXT NOT NULL,
  epoch       TEXT NOT NULL,
  sequence    INTEGER NOT NULL,
  type        TEXT NOT NULL,
  subject     TEXT,
  body        TEXT NOT NULL,
  attempt     INTEGER NOT NULL,
  batch       TEXT NOT NULL,
  accepted_ms INTEGER NOT NULL,
  UNIQUE (site, epoch, sequence)
) STRICT;
CREATE TABLE IF NOT EXISTS rejected (
  event_id    TEXT PRIMARY KEY,
  site        TEXT NOT NULL,
  epoch       TEXT NOT NULL,
  sequence    INTEGER NOT NULL,
  type        TEXT NOT NULL,
  subject     TEXT,
  reason      TEXT NOT NULL,
  detail      TEXT NOT NULL,
  attempt     INTEGER NOT NULL,
  batch       TEXT NOT NULL,
  rejected_ms INTEGER NOT NULL,
  resolved_ms INTEGER,
  times       INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE IF NOT EXISTS slot (
  site     TEXT NOT NULL,
  epoch    TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (site, epoch, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (
  site     TEXT NOT NULL,
  epoch    TEXT NOT NULL,
  opened   INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (site, epoch)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (
  id             TEXT NOT NULL,
  site           TEXT NOT NULL,
  epoch          TEXT NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_sequence  INTEGER NOT NULL,
  events         INTEGER NOT NULL,
  digest         BLOB NOT NULL,
  requests       INTEGER NOT NULL DEFAULT 1,
  received_ms    INTEGER NOT NULL,
  PRIMARY KEY (site, id)
) STRICT;
CREATE TABLE IF NOT EXISTS receipt (
  number     INTEGER PRIMARY KEY,
  site       TEXT NOT NULL,
  batch      TEXT NOT NULL,
  body       TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (site, batch)
) STRICT;
)sql";

}  // namespace rollcall::casesim
