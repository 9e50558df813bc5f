// What the API reads from the database, as JSON in the shape of docs/api/console.yaml. Each runs on
// a reader's thread, in one read transaction. A protected person has no name here.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "daemon/attendance/local_time.hpp"
#include "daemon/config/config.hpp"
#include "daemon/console/totals.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::console {

using Json = nlohmann::ordered_json;
using Query = std::function<Json(store::Database&)>;

inline constexpr int most_taps = 30;
inline constexpr int most_notices = 50;  // of the overview
inline constexpr int most_listed = 500;  // of a list asked for by itself
inline constexpr int most_found = 20;    // people

// What the queries need to know of the site.
struct View {
  const config::Config& config;
  const attendance::TimeZone& zone;
  Totals& totals;
};

// {present, sessions, taps, inbox, stored_terminals, counts}
Json read_overview(store::Database& db, const View& view, std::int64_t now_ms);
// {counts, stored_terminals, events_by_type, database {bytes, schema, epoch}}
Json read_status(store::Database& db, const View& view, std::int64_t now_ms);
// {SERIAL: {firmware, last_seen_ms}}: what is known of terminals from before the daemon's start
Json stored_terminals(store::Database& db);
// {open, items}
Json read_inbox(store::Database& db, int most);
// {total, reasons, events, next}: rejected events in order, `after` a position from `next`
Json read_rejected(store::Database& db, const std::optional<std::string>& reason,
                   std::int64_t after);

// {people, more}: whose name or pseudonym has these words in it, at most `most_found`. `find` is
// not empty.
Json read_people(store::Database& db, const View& view, const std::string& find,
                 std::int64_t now_ms);

}  // namespace rollcall::console
