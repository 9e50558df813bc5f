// Running totals over the log, kept so that each look reads only what is new.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/attendance/local_time.hpp"
#include "daemon/store/database.hpp"

namespace rollcall::console {

struct Counts {
  std::int64_t events = 0;
  std::int64_t repeats = 0;
  std::map<std::string, std::int64_t, std::less<>> by_type;  // events of each type
  std::int64_t taps_today = 0;
  std::int64_t repeats_today = 0;
  std::int64_t assessments_today = 0;  // completed

  std::int64_t of(std::string_view type) const {
    const auto found = by_type.find(type);
    return found == by_type.end() ? 0 : found->second;
  }
};

class Totals {
 public:
  explicit Totals(const attendance::TimeZone& zone) : zone_(zone) {}

  // Reads on from where the last call ended, inside the caller's read transaction. Thread-safe.
  // `now_ms` says which day is today.
  Counts update(store::Database& db, std::int64_t now_ms);

 private:
  void begin_day(store::Database& db, std::int64_t now_ms, const std::string& day);
  void count_today(store::Database& db, std::int64_t newest);

  const attendance::TimeZone& zone_;
  std::mutex mutex_;
  Counts counts_;
  std::int64_t read_to_ = 0;        // log position up to which the totals go
  std::int64_t today_read_to_ = 0;  // the same for today's
  std::string day_;
};

}  // namespace rollcall::console
