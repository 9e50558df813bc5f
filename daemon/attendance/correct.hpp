// What a tap was, as staff say it afterwards: the other way, or no movement of this person. The
// fact itself (tap.recorded) stays as it is; what the day comes to is corrected. Movements that
// staff entered by mistake are taken back; both stay in the log. Thread: the writer, inside a
// transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/attendance/day.hpp"
#include "daemon/attendance/settle.hpp"

namespace rollcall::attendance {

// So long after a day it can be corrected; as long its half-days can be signed.
inline constexpr std::chrono::days correctable_for{31};

// A clause when that local day is to come, or too long ago to be corrected.
std::expected<void, std::string> check_day(const TimeZone& zone, const std::string& day,
                                           std::int64_t now_ms);

enum class Was : std::uint8_t { in, out, none };  // none: no movement of this person
std::string_view to_text(Was was);
std::optional<Was> was_from(std::string_view text);

struct Corrected {
  std::string person;   // pseudonym
  std::string day;      // ISO date; "" = nobody knows when the tap was
  bool changed = true;  // false: it counted so before, and nothing was written
  int conclusions = 0;  // that were stated, corrected or withdrawn
};

struct CorrectRequest {
  std::string event;    // id of a tap.recorded, or of an attendance.assisted
  Was was = Was::none;  // of an attendance.assisted none alone: it is taken back
  std::string reason;   // as staff state it; it is delivered
  std::string actor;    // pseudonym of staff, or unix:<uid>
};

// States what a tap was and settles its day, or takes back what staff entered. A clause when it
// cannot be: nothing was changed then.
std::expected<Corrected, std::string> correct(store::Database& db, const config::Config& config,
                                              const CorrectRequest& request, const HostTime& now);

}  // namespace rollcall::attendance
