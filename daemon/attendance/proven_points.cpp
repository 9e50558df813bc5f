#include "daemon/attendance/proven_points.hpp"

#include <vector>

#include "protocol/time_sync.hpp"

namespace rollcall::attendance {
namespace {

constexpr std::int64_t kept_starts = 1000;

bool identity_reused(store::Database& db, const TapPlace& tap) {
  auto row = db.prepare(
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM tap_conflict WHERE serial = ?1 AND epoch = ?2)"
      " OR EXISTS (SELECT 1 FROM tap WHERE serial = ?1 AND epoch = ?2 AND number = ?3)");
  return row.bind(tap.serial, tap.epoch, tap.number).step();
}

std::optional<ProvenPoint> proven_tap(store::Database& db, const TapPlace& tap,
                                      const std::string& next_to_it) {
  auto row = db.prepare(
      "SELECT boot, monotonic_ms, time_ms, trust FROM tap INDEXED BY tap_proven"
      " WHERE trust > 0 AND serial = ? AND epoch = ? AND " +
      next_to_it + " LIMIT 1");
  if (!row.bind(tap.serial, tap.epoch, tap.number).step()) return std::nullopt;
  return proven_point(static_cast<std::uint32_t>(row.integer(0)),
                      static_cast<std::uint64_t>(row.integer(1)), row.integer(2),
                      static_cast<protocol::ClockTrust>(row.integer(3)));
}

// Of another epoch only when it was heard of before the tap's: boot numbers of a storage that was
// in use later say nothing. What was heard may have been under way for coarse_error.
std::optional<ProvenPoint> start_before(store::Database& db, const TapPlace& tap) {
  auto row = db.prepare(
      "SELECT boot, heard_ms, trust FROM terminal_start WHERE serial = ?1 AND boot < ?3"
      " AND (epoch = ?2 OR id < coalesce((SELECT min(id) FROM terminal_start"
      " WHERE serial = ?1 AND epoch = ?2), 9223372036854775807)) ORDER BY boot DESC LIMIT 1");
  if (!row.bind(tap.serial, tap.epoch, tap.clock.boot).step()) return std::nullopt;
  return proven_point(static_cast<std::uint32_t>(row.integer(0)), std::nullopt,
                      row.integer(1) - protocol::time_sync::coarse_error.count(),
                      static_cast<protocol::ClockTrust>(row.integer(2)));
}

}  // namespace

Bracket bracket_of(store::Database& db, const TapPlace& tap,
                   const std::optional<ProvenPoint>& start, const HostTime& host) {
  std::vector<ProvenPoint> points;
  const auto add = [&points](const std::optional<ProvenPoint>& point) {
    if (point) points.push_back(*point);
  };
  add(start);
  if (!identity_reused(db, tap)) {
    add(proven_tap(db, tap, "number > ? ORDER BY number"));
    add(proven_tap(db, tap, "number < ? ORDER BY number DESC"));
    add(start_before(db, tap));
  }
  const auto error = error_of(host.trust);
  return bracket(tap.clock, points,
                 error ? std::optional(host.wall_ms + error->count()) : std::nullopt);
}

bool keep_start(store::Database& db, const HeardOf& start) {
  if (!error_of(start.trust)) return false;
  bool known = false;
  {
    auto row =
        db.prepare("SELECT 1 FROM terminal_start WHERE serial = ? AND epoch = ? AND boot = ?");
    known = row.bind(start.serial, start.epoch, start.boot).step();
  }
  db.prepare(
        "INSERT INTO terminal_start (serial, epoch, boot, heard_ms, trust) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (serial, boot, epoch) DO UPDATE SET heard_ms = excluded.heard_ms,"
        " trust = excluded.trust")
      .bind(start.serial, start.epoch, start.boot, start.heard_ms, static_cast<int>(start.trust))
      .run();
  db.prepare(
        "DELETE FROM terminal_start WHERE serial = ?1 AND id <= (SELECT id FROM terminal_start"
        " WHERE serial = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")
      .bind(start.serial, kept_starts)
      .run();
  return !known;
}

}  // namespace rollcall::attendance
