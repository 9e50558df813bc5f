// Who looked at what and changed what: one row for each view of personal data and each change.
// Rows are never changed but for how they ended, and never taken out. No name is in them.
//
// The row of a view is durable before the view is answered. That of a change is durable before the
// change is carried out; if the daemon dies in between it never gets a status, and the site's log
// tells whether it came about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"

namespace rollcall::accounts {

struct AuditEntry {
  std::int64_t time_ms = 0;            // Unix ms
  std::optional<std::string> account;  // id; none = through the control socket, or nobody's
  std::string actor;                   // pseudonym, id of an account, or "unix:<uid>"
  std::string role;                    // at that time; "local" through the control socket
  std::string action;                  // method and path of the route, such as "GET /api/v1/people"
  std::optional<std::string> subject;  // whom it is about: pseudonym, or id of an account
  std::string detail;                  // "cause=no_card", pseudonyms of those who were found
  std::optional<std::int64_t> status;  // of the answer (HTTP); none = it has not ended
};

struct AuditRow {
  std::int64_t id = 0;  // grows
  AuditEntry entry;
  std::optional<std::string> name;  // that the account signs in with
};

// Inside a writer's job. Returns the row's id.
std::int64_t record(store::Database& db, const AuditEntry& entry);
void finish(store::Database& db, std::int64_t id, std::int64_t status,
            const std::optional<std::string>& subject);

struct AuditFilter {
  std::optional<std::string> subject = std::nullopt;  // whom it is about
  std::optional<std::string> actor = std::nullopt;  // who did it, also by the name to sign in with
  std::int64_t from_ms = 0;                         // Unix ms, included
  std::optional<std::int64_t> until_ms = std::nullopt;  // excluded
};

// The newest `most` below the id `before` that the filter lets through, newest first.
std::vector<AuditRow> read_audit(store::Database& db, std::int64_t before,
                                 const AuditFilter& filter, int most);

}  // namespace rollcall::accounts
