// Calendar days as sheets and holidays need them: local dates of the site, without a time zone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::sheets {

using Date = std::chrono::year_month_day;

// "2026-03-02"
std::string iso(Date date);
// Nothing when it is written in another way or no such day exists.
std::optional<Date> date_from_iso(std::string_view text);

std::chrono::weekday weekday_of(Date date);
Date days_after(Date date, int days);  // negative: before

// Easter Sunday of a Gregorian year, 1583 to 9999, as a Gregorian date: of the western churches
// (Meeus, Astronomical Algorithms, chapter 8) and of the Orthodox ones, who reckon by the Julian
// calendar.
Date easter(int year);
Date orthodox_easter(int year);

}  // namespace rollcall::sheets
