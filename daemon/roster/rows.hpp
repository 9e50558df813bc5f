// Records as rows of the tables. Thread: whoever holds the database; writes on the writer.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/roster/difference.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::roster {

// Every record of every kind that the tables hold, into `known`.
void load_records(store::Database& db, Known& known);

// Puts a record in, or in the place of the one with its key. A session that took place before
// `today`, an ISO date, counts for the days until then as it was. Throws StoreError.
void write(store::Database& db, const Content& content, std::int64_t now_ms,
           const std::string& today);

// Takes a record out; what already took place stays: a person becomes inactive, an enrolment and a
// session that have begun end on the day before `today`.
void remove(store::Database& db, const Key& key, const std::string& today);

}  // namespace rollcall::roster
