// Sheets as a centre in Brussels could have them.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/sheets/sheet.hpp"

namespace rollcall::sheets::testing {

using std::chrono::year_month_day;
inline constexpr Date monday{std::chrono::year{2026}, std::chrono::March, std::chrono::day{2}};

// Unix ms of hh:mm in Brussels in winter (UTC+1).
std::int64_t winter(Date date, int hour, int minute);
// "0195570a-6c00-7000-8000-000000000001", ...
std::string uuid(unsigned number);
// A hand's stroke; equal seeds give equal drawings.
Drawing scribble(std::uint32_t seed);

// A closed morning of nine to half past twelve: everybody tapped, drew a signature after it, and
// the trainer confirmed and signed. `seed` makes the drawings.
Sheet morning(Date date, int people, std::uint32_t seed = 1);
// The same with every kind of mark, method, name and way to close a line.
Sheet eventful(int people);

}  // namespace rollcall::sheets::testing
