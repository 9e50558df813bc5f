#include "daemon/sheets/calendar.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace rollcall::sheets {
namespace {

constexpr std::uintmax_t largest_file = 256 * 1024;

bool is_weekend(Date date) {
  const auto day = weekday_of(date);
  return day == std::chrono::Saturday || day == std::chrono::Sunday;
}

Date monday_after(Date date) {
  while (weekday_of(date) != std::chrono::Monday) date = days_after(date, 1);
  return date;
}

bool falls_on(const Fixed& rule, Date date) {
  const Date day{date.year() / rule.day};
  if (!day.ok()) return false;  // 29 February
  return date == day || (rule.monday_too && is_weekend(day) && date == monday_after(day));
}

bool falls_on(const FromEaster& rule, Date date) {
  const int year = static_cast<int>(date.year());
  return date == days_after(rule.orthodox ? orthodox_easter(year) : easter(year), rule.days);
}

bool falls_on(const FirstWeekday& rule, Date date) {
  if (weekday_of(date) != rule.weekday) return false;
  const auto since =
      std::chrono::sys_days{date} - std::chrono::sys_days{date.year() / rule.on_or_after};
  return since >= std::chrono::days{0} && since < std::chrono::days{7};
}

bool falls_on(const Once& rule, Date date) {
  return date == rule.date;
}

bool is_id(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::expected<std::string, std::string> content_of(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return std::unexpected(path.string() + ": is not there; calendars are files named ID.toml");
  if (std::filesystem::file_size(path, error) > largest_file || error)
    return std::unexpected(path.string() + ": is larger than 256 KiB; this is no calendar");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return std::unexpected(path.string() + ": cannot be read; check who may read it");
  return text.str();
}

}  // namespace

Calendar::Calendar(std::vector<File> files) {
  if (files.empty()) return;
  id_ = files.front().id;
  name_ = files.front().name;
  for (File& file : files) std::ranges::move(file.holidays, std::back_inserter(holidays_));
}

std::optional<std::string> Calendar::holiday(Date date) const {
  const int year = static_cast<int>(date.year());
  for (const Holiday& one : holidays_) {
    if (year < one.from || year > one.until) continue;
    if (std::visit([&](const auto& rule) { return falls_on(rule, date); }, one.rule))
      return one.name;
  }
  return std::nullopt;
}

std::expected<Calendar, std::vector<std::string>> load_calendar(const std::string& folder,
                                                                const std::string& id) {
  using Problems = std::vector<std::string>;
  std::vector<Calendar::File> files;
  std::string wanted = id;
  while (true) {
    if (!is_id(wanted)) {
      return std::unexpected(Problems{folder + ": \"" + wanted +
                                      "\" is no calendar's name; write small letters, digits and "
                                      "hyphens, such as \"be-bru\""});
    }
    const std::string path = (std::filesystem::path(folder) / (wanted + ".toml")).string();
    const auto text = content_of(path);
    if (!text) return std::unexpected(Problems{text.error()});
    auto file = Calendar::parse(*text, path);
    if (!file) return std::unexpected(std::move(file.error()));
    if (file->id != wanted) {
      return std::unexpected(Problems{path + ":1: id: is \"" + file->id +
                                      "\"; write it as the file is called: \"" + wanted + "\""});
    }
    files.push_back(std::move(*file));
    if (!files.back().extends) return Calendar(std::move(files));
    wanted = *files.back().extends;
    if (files.size() == deepest_extension) {
      return std::unexpected(
          Problems{path + ": extends: more than " + std::to_string(deepest_extension) +
                   " calendars extend one another, or in a circle; let this one stand alone"});
    }
  }
}

}  // namespace rollcall::sheets
