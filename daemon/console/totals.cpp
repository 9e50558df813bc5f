#include "daemon/console/totals.hpp"

#include "protocol/types.hpp"

namespace rollcall::console {
namespace {

constexpr std::int64_t longest_day_ms = 25LL * 3600 * 1000;  // clocks go back once a year

std::int64_t newest_position(store::Database& db) {
  auto row = db.prepare("SELECT coalesce(max(position), 0) FROM log");
  row.step();
  return row.integer(0);
}

// The first position committed at or after `since_ms`. Commit times grow with positions, but for a
// clock that was put back; then some more rows are read.
std::int64_t first_since(store::Database& db, std::int64_t since_ms, std::int64_t newest) {
  std::int64_t low = 1;
  std::int64_t high = newest + 1;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    auto row =
        db.prepare("SELECT recorded_ms FROM log WHERE position >= ? ORDER BY position LIMIT 1");
    if (row.bind(middle).step() && row.integer(0) < since_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::int64_t repeats_between(store::Database& db, std::int64_t from, std::int64_t to) {
  if (from == 1) {  // the first look: the tap table answers for a long past much faster
    auto row = db.prepare("SELECT count(*) FROM tap WHERE outcome = ? AND position <= ?");
    row.bind(static_cast<int>(protocol::Outcome::repeat), to).step();
    return row.integer(0);
  }
  auto row = db.prepare(
      "SELECT count(*) FROM payload_movement WHERE position BETWEEN ? AND ? AND json_extract(data, "
      "'$.outcome') = 'repeat'");
  row.bind(from, to).step();
  return row.integer(0);
}

}  // namespace

Counts Totals::update(store::Database& db, std::int64_t now_ms) {
  const std::lock_guard lock{mutex_};
  const std::int64_t newest = newest_position(db);
  if (newest < read_to_) return counts_;  // a snapshot from before the last look
  {
    auto row = db.prepare(
        "SELECT type, count(*) FROM log WHERE position > ? AND position <= ? GROUP BY type");
    row.bind(read_to_, newest);
    while (row.step()) {
      counts_.events += row.integer(1);
      counts_.by_type[row.text(0)] += row.integer(1);
    }
  }
  counts_.repeats += repeats_between(db, read_to_ + 1, newest);
  read_to_ = newest;
  const std::string day = zone_.at(now_ms).day;
  if (day != day_) begin_day(db, now_ms, day);
  count_today(db, newest);
  return counts_;
}

void Totals::begin_day(store::Database& db, std::int64_t now_ms, const std::string& day) {
  day_ = day;
  counts_.taps_today = counts_.repeats_today = counts_.assessments_today = 0;
  today_read_to_ = first_since(db, now_ms - longest_day_ms, read_to_) - 1;
}

void Totals::count_today(store::Database& db, std::int64_t newest) {
  auto row = db.prepare(
      "SELECT l.type, l.time_ms, json_extract(m.data, '$.outcome') FROM log l"
      " LEFT JOIN payload_movement m ON m.position = l.position"
      " WHERE l.position > ? AND l.position <= ? AND l.time_ms IS NOT NULL"
      " AND l.type IN ('tap.recorded', 'assessment.completed')");
  row.bind(today_read_to_, newest);
  while (row.step()) {
    if (zone_.at(row.integer(1)).day != day_) continue;
    if (row.text_view(0) == "tap.recorded") {
      ++counts_.taps_today;
      if (!row.is_null(2) && row.text_view(2) == "repeat") ++counts_.repeats_today;
    } else {
      ++counts_.assessments_today;
    }
  }
  today_read_to_ = newest;
}

}  // namespace rollcall::console
