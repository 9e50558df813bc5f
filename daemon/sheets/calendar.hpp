// Public holidays of a country or region, as data (setup/calendars/*.toml).
//
//     id = "be-bru"
//     name = "Brussels"
//     source = "which law or decree says so"
//     extends = "be"                 # holds there too; optional
//
//     [[holiday]]
//     name = "Feast of the Iris"
//     rule = "fixed"                 # one of the rules below, with its keys
//     month = 5
//     day = 8
//     from = 2004                    # first and last year; both optional
//     until = 2030
//
//   rule             keys                    which day
//   fixed            month, day              that day each year
//   easter           days                    so many days after (before: negative) western Easter
//   orthodox_easter  days                    the same of Orthodox Easter
//   weekday          weekday, month, day     the first such weekday on or after that day
//   once             date                    one single day
//
// `monday_too = true` beside `fixed`: when it falls on a weekend the Monday after is a holiday
// too. Sundays are no holidays here; opening hours tell about them.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/sheets/dates.hpp"

namespace rollcall::sheets {

struct Fixed {
  std::chrono::month_day day;
  bool monday_too = false;
};
struct FromEaster {
  int days = 0;
  bool orthodox = false;
};
struct FirstWeekday {
  std::chrono::weekday weekday;
  std::chrono::month_day on_or_after;
};
struct Once {
  Date date;
};

struct Holiday {
  std::string name;  // as it is called in English
  std::variant<Fixed, FromEaster, FirstWeekday, Once> rule;
  int from = 1583;  // years
  int until = 9999;
};

class Calendar {
 public:
  Calendar() = default;  // no holidays

  // `file` is what messages call it. Problems, all at once: "FILE:LINE: what is wrong; what would
  // be right". What it extends is left to load_calendar().
  struct File {
    std::string id, name, source;
    std::optional<std::string> extends;
    std::vector<Holiday> holidays;
  };
  static std::expected<File, std::vector<std::string>> parse(std::string_view text,
                                                             const std::string& file);
  // Holidays of all `files` together; named as the first.
  explicit Calendar(std::vector<File> files);

  const std::string& id() const { return id_; }
  const std::string& name() const { return name_; }
  bool is_holiday(Date date) const { return holiday(date).has_value(); }
  // What is celebrated on that day.
  std::optional<std::string> holiday(Date date) const;

 private:
  std::string id_, name_;
  std::vector<Holiday> holidays_;
};

// Reads FOLDER/ID.toml and what it extends, at most `deepest_extension` files one on the other.
inline constexpr int deepest_extension = 4;
std::expected<Calendar, std::vector<std::string>> load_calendar(const std::string& folder,
                                                                const std::string& id);

}  // namespace rollcall::sheets
