// Whether a half-day may be confirmed or signed now. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::halfdays {

// A half-day may be confirmed and signed from so long before its planned end on.
inline constexpr std::chrono::minutes before_end{15};

enum class Refusal : std::uint8_t {
  cancelled,
  holiday,
  not_over,
  too_long_ago,
  clock_in_doubt,
  closed,
  // of a signature
  not_confirmed,
  not_there,
  signed_already,
};

// One clause for staff and, simplified, for the person at the screen.
std::string_view phrase(Refusal refusal);

struct Moment {
  std::int64_t now_ms = 0;
  bool clock_in_doubt = false;  // of this machine
};

struct HalfDayState {
  std::int64_t end_ms = 0;  // planned
  bool cancelled = false;
  bool holiday = false;
  bool confirmed = false;
  std::string confirmation = {};  // id of the event that confirmed it
  bool closed = false;
  bool outdated = false;         // the day says something else by now than what was confirmed
  std::chrono::days within{31};  // of the end it may be confirmed and signed
};

bool too_long_ago(const HalfDayState& half_day, const Moment& moment);

// What was confirmed is confirmed again when the day was corrected, however long ago and although
// it is closed: it is a new version then, and open again.
std::optional<Refusal> refuse_confirmation(const HalfDayState& half_day, const Moment& moment);

struct Signer {
  bool was_there = false;  // by the confirmed sheet; the trainer was
  bool has_signed = false;
};
std::optional<Refusal> refuse_signature(const HalfDayState& half_day, const Signer& signer,
                                        const Moment& moment);

}  // namespace rollcall::halfdays
