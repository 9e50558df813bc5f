// Texts, dates, times and durations of one document: in its language, at the site's local time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/attendance/local_time.hpp"
#include "daemon/sheets/sheet.hpp"
#include "daemon/sheets/texts.hpp"

namespace rollcall::sheets {

class Words {
 public:
  // Throws std::runtime_error when the system knows no such time zone.
  Words(std::string_view language, const std::string& time_zone)
      : language_(language), zone_(time_zone) {}

  const std::string& language() const { return language_; }
  std::string operator()(Text id) const { return std::string(text(id, language_)); }
  std::string operator()(Text id, std::initializer_list<std::string_view> values) const {
    return filled(text(id, language_), values);
  }

  std::string long_date(Date date) const;        // "Monday 2 March 2026"
  std::string near_date(Date date) const;        // "Monday 2 March"
  std::string date(Date date) const;             // "2 March 2026"
  std::string time(std::int64_t unix_ms) const;  // "08:01"
  // The time alone on the day of `document`, else with its day: "3 March, 08:01".
  std::string time(std::int64_t unix_ms, Date document) const;
  std::string day_and_time(std::int64_t unix_ms) const;  // "2 March 2026, 08:01"
  Date day(std::int64_t unix_ms) const;                  // local
  std::string duration(int minutes) const;               // "3 h 29"
  std::string half_day(Part part) const;                 // "morning"

 private:
  std::string weekday(Date date) const;
  std::string day_of_month(Date date) const;
  std::string month(Date date) const;

  std::string language_;
  attendance::TimeZone zone_;
};

}  // namespace rollcall::sheets
